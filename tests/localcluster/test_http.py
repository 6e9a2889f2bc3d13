"""A few requests over HTTPS: what only the transport decides."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from katalogc.localcluster import LocalCluster
from tests.localcluster.api import config_map, definition, widget


class Answer(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str]


class Client:
    def __init__(self, cluster: LocalCluster) -> None:
        self.cluster = cluster
        config = cluster.kubeconfig()
        described = config["clusters"][0]["cluster"]
        authority = base64.b64decode(described["certificate-authority-data"]).decode()
        self._context = ssl.create_default_context(cadata=authority)
        self._server = described["server"]
        self.token: str = config["users"][0]["user"]["token"]

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str
    ) -> Answer:
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        wanted = {name.replace("_", "-"): value for name, value in headers.items()}
        if raw is not None:
            wanted.setdefault("Content-Type", "application/json")
        secret = self.token if token is None else token
        if secret:
            wanted["Authorization"] = f"Bearer {secret}"
        request = urllib.request.Request(
            self._server + path, data=raw, method=method, headers=wanted
        )
        try:
            with urllib.request.urlopen(request, context=self._context) as response:
                return self._answer(response)
        except urllib.error.HTTPError as error:
            with error:
                return self._answer(error)

    @staticmethod
    def _answer(response: Any) -> Answer:
        text = response.read().decode()
        plain = response.headers["Content-Type"].startswith("text/plain")
        headers = dict(response.headers)
        if not plain and "\n{" in text.strip():
            return Answer(
                response.status, [json.loads(each) for each in text.splitlines()], headers
            )
        return Answer(response.status, text if plain else json.loads(text), headers)


MAPS = "/api/v1/namespaces/default/configmaps"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with LocalCluster() as cluster:
        cluster.apply_manifests([definition(), widget()])
        yield Client(cluster)


def test_tokens_are_needed_for_all_but_health_and_version(client: Client) -> None:
    assert client.ask("GET", "/healthz", token="").body == "ok"
    assert client.ask("GET", "/version", token="").body["gitVersion"].startswith("v1.36.")
    anonymous = client.ask("GET", MAPS, token="")
    assert anonymous.status == 403
    assert 'User "system:anonymous" cannot list' in anonymous.body["message"]
    assert client.ask("GET", MAPS, token="wrong").status == 401


def test_discovery_in_both_forms_knows_custom_types(client: Client) -> None:
    plain = client.ask("GET", "/apis/example.com/v1").body
    assert [each["name"] for each in plain["resources"]] == ["widgets", "widgets/status"]
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    answer = client.ask("GET", "/apis", Accept=accept)
    assert answer.headers["Content-Type"] == accept
    names = [each["metadata"]["name"] for each in answer.body["items"]]
    assert names[-1] == "example.com"
    assert "apps" in names


def test_openapi_documents_describe_built_in_and_custom_types(client: Client) -> None:
    index = client.ask("GET", "/openapi/v3").body["paths"]
    assert {"api/v1", "apis/apps/v1", "apis/example.com/v1"} <= index.keys()
    document = client.ask(
        "GET", index["apis/example.com/v1"]["serverRelativeURL"].split("?")[0]
    ).body
    assert any(name.endswith("Widget") for name in document["components"]["schemas"])


def test_tables_and_metadata_alone(client: Client) -> None:
    client.cluster.apply_manifests([config_map("shown")])
    table = client.ask("GET", f"{MAPS}/shown", Accept=TABLE).body
    assert [each["name"] for each in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert table["rows"][0]["cells"][:2] == ["shown", 1]
    accept = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
    partial = client.ask("GET", f"{MAPS}/shown", Accept=accept).body
    assert partial["kind"] == "PartialObjectMetadata"
    assert "data" not in partial


def test_what_cannot_be_read_or_written_is_said_so(client: Client) -> None:
    body = b"k8s\x00\xff\xff\xff"
    unreadable = client.ask("POST", MAPS, body, Content_Type="application/vnd.kubernetes.protobuf")
    assert unreadable.status == 400
    custom = "/apis/example.com/v1/namespaces/default/widgets"
    refused = client.ask("POST", custom, body, Content_Type="application/vnd.kubernetes.protobuf")
    assert refused.status == 415
    assert refused.body["reason"] == "UnsupportedMediaType"
    assert client.ask("GET", MAPS, Accept="text/html").status == 406
    assert client.ask("GET", "/nonsense").body == "404 page not found\n"
    assert client.ask("POST", "/api/v1/configmaps", {}).status == 405
    assert client.ask("POST", MAPS, b"x" * (3 * 1024 * 1024 + 1)).status == 413


def test_unknown_fields_warn_or_are_refused(client: Client) -> None:
    wrong = {**config_map("warned"), "extra": 1}
    warned = client.ask("POST", f"{MAPS}?dryRun=All", wrong)
    assert warned.status == 201
    assert warned.headers["Warning"] == '299 - "unknown field \\"extra\\""'
    strict = client.ask("POST", f"{MAPS}?fieldValidation=Strict", wrong)
    assert strict.status == 400
    assert 'strict decoding error: unknown field "extra"' in strict.body["message"]
    assert client.ask("GET", f"{MAPS}/warned").status == 404


def test_a_watch_streams_lines_and_ends_in_time(client: Client) -> None:
    client.cluster.apply_manifests([config_map("streamed", labels={"streamed": ""})])
    answer = client.ask("GET", f"{MAPS}?watch=1&timeoutSeconds=1&labelSelector=streamed")
    lines = answer.body if isinstance(answer.body, list) else [answer.body]
    assert [each["type"] for each in lines] == ["ADDED"]


def test_acting_as_somebody_else_has_their_rights(client: Client) -> None:
    answer = client.ask("GET", MAPS, Impersonate_User="nobody")
    assert answer.status == 403
    assert 'User "nobody"' in answer.body["message"]
    stranger = client.cluster.token("stranger")
    refused = client.ask("GET", MAPS, token=stranger, Impersonate_User="kubernetes-admin")
    assert 'cannot impersonate resource "users"' in refused.body["message"]


def test_two_clusters_at_once_do_not_know_each_other() -> None:
    with LocalCluster() as first, LocalCluster() as second:
        clients = Client(first), Client(second)
        first.apply_manifests([config_map("a")])
        assert [each.ask("GET", f"{MAPS}/a").status for each in clients] == [200, 404]
        assert clients[0].ask("GET", MAPS, token=clients[1].token).status == 401


def test_a_refusal_still_warns_of_unknown_fields(client: Client) -> None:
    maps = "/api/v1/namespaces/default/configmaps"
    assert client.ask("POST", maps, config_map("warned")).status == 201
    again = client.ask("POST", maps, {**config_map("warned"), "odd": 1})
    assert again.status == 409
    assert again.headers["Warning"] == '299 - "unknown field \\"odd\\""'


def test_put_creates_what_may_be_created_so(client: Client) -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "made"},
    }
    roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles"
    assert client.ask("PUT", f"{roles}/made", role).status == 201
    assert client.ask("PUT", f"{roles}/made", role).status == 200
    maps = "/api/v1/namespaces/default/configmaps"
    assert client.ask("PUT", f"{maps}/made", config_map("made")).status == 404
