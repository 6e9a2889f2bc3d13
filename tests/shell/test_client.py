"""The HTTP client against a scripted server: requests as sent, answers as read, faults typed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import orjson
import pytest

from katalog_runtime import errors
from katalog_runtime.bundle import ApiType
from katalog_runtime.client import HttpCluster
from katalog_runtime.cluster import WatchEvent
from katalog_runtime.objects import NamespacedName
from tests.shell.api_server import (
    Answer,
    cluster_at,
    connection_to,
    json_answer,
    scripted,
    status_answer,
)

CONFIG_MAPS = ApiType(group="", version="v1", kind="ConfigMap", plural="configmaps")
NAMESPACES = ApiType(
    group="", version="v1", kind="Namespace", plural="namespaces", namespaced=False
)
DATA_JOBS = ApiType(group="data.example.com", version="v1alpha1", kind="DataJob", plural="datajobs")
LEASES = ApiType(group="coordination.k8s.io", version="v1", kind="Lease", plural="leases")
KEY = NamespacedName("apps", "one")
ONE = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "namespace": "apps"}}


async def first_page(cluster: HttpCluster, api: ApiType = CONFIG_MAPS, **changes: object):
    arguments = {"namespace": "apps", "label_selector": "", "limit": 500, "continue_token": "",
                 "resource_version": ""}  # fmt: skip
    return await cluster.list_page(api, **(arguments | changes))


async def watched(cluster: HttpCluster) -> list[WatchEvent]:
    stream = cluster.watch(
        CONFIG_MAPS, namespace="", label_selector="a=b", resource_version="7", timeout_seconds=300
    )
    async with aclosing(stream) as events:
        return [event async for event in events]


async def collect(stream: AsyncIterator[WatchEvent], seen: list[str]) -> None:
    async with aclosing(stream) as events:
        async for each in events:
            seen.append(each.type)


def event(kind: str, name: str = "one") -> bytes:
    return orjson.dumps({"type": kind, "object": {"metadata": {"name": name}}}) + b"\n"


# What is sent ----------------------------------------------------------------------------------


async def test_create_posts_under_our_field_manager():
    async with scripted(json_answer(ONE)) as server, cluster_at(server) as cluster:
        assert await cluster.create(CONFIG_MAPS, ONE) == ONE
    (sent,) = server.received
    assert (sent.method, sent.target) == (
        "POST",
        "/api/v1/namespaces/apps/configmaps?fieldManager=katalogc",
    )
    assert sent.json == ONE
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["authorization"] == "Bearer token"
    assert sent.headers["user-agent"].startswith("katalogc/")


@pytest.mark.parametrize(("force", "query"), [(True, "&force=true"), (False, "")])
async def test_apply_is_a_server_side_apply_patch(force: bool, query: str):
    async with scripted(json_answer(ONE)) as server, cluster_at(server) as cluster:
        await cluster.apply(CONFIG_MAPS, ONE, force=force)
    (sent,) = server.received
    assert (sent.method, sent.target) == (
        "PATCH",
        f"/api/v1/namespaces/apps/configmaps/one?fieldManager=katalogc{query}",
    )
    assert sent.headers["content-type"] == "application/apply-patch+yaml"


async def test_patch_says_which_kind_of_patch_it_is():
    body = {"metadata": {"labels": {"a": "b"}}}
    async with scripted(json_answer({})) as server, cluster_at(server) as cluster:
        await cluster.patch(CONFIG_MAPS, KEY, body, patch_type="application/merge-patch+json")
    (sent,) = server.received
    assert (sent.method, sent.target) == (
        "PATCH",
        "/api/v1/namespaces/apps/configmaps/one?fieldManager=katalogc",
    )
    assert sent.headers["content-type"] == "application/merge-patch+json"
    assert sent.json == body


async def test_replace_reaches_the_subresource():
    job = {"metadata": {"name": "one", "namespace": "apps"}, "status": {"phase": "Running"}}
    async with scripted(json_answer({})) as server, cluster_at(server) as cluster:
        await cluster.replace(DATA_JOBS, job, subresource="status")
    (sent,) = server.received
    assert (sent.method, sent.target) == (
        "PUT",
        "/apis/data.example.com/v1alpha1/namespaces/apps/datajobs/one/status?fieldManager=katalogc",
    )
    assert sent.headers["content-type"] == "application/json"
    assert sent.json == job


async def test_delete_is_guarded_by_uid_and_runs_in_the_background():
    async with scripted(json_answer({})) as server, cluster_at(server) as cluster:
        await cluster.delete(CONFIG_MAPS, KEY, uid="u1")
    (sent,) = server.received
    assert (sent.method, sent.target) == ("DELETE", "/api/v1/namespaces/apps/configmaps/one")
    assert sent.json == {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "preconditions": {"uid": "u1"},
        "propagationPolicy": "Background",
    }


async def test_delete_of_what_is_gone_succeeds():
    answer = status_answer(404, "NotFound")
    async with scripted(answer) as server, cluster_at(server) as cluster:
        await cluster.delete(CONFIG_MAPS, KEY, uid="u1")
    assert len(server.received) == 1


async def test_replace_puts_the_object():
    async with scripted(json_answer(ONE)) as server, cluster_at(server) as cluster:
        await cluster.replace(LEASES, ONE)
    (sent,) = server.received
    assert (sent.method, sent.target.partition("?")[0]) == (
        "PUT",
        "/apis/coordination.k8s.io/v1/namespaces/apps/leases/one",
    )


async def test_list_asks_for_a_page_and_fills_in_type_and_version():
    page = {
        "kind": "ConfigMapList",
        "metadata": {"resourceVersion": "9", "continue": "next"},
        "items": [{"metadata": {"name": "one"}}],
    }
    async with scripted(json_answer(page)) as server, cluster_at(server) as cluster:
        found = await first_page(cluster, label_selector="a=b,c", resource_version="0")
    (sent,) = server.received
    assert sent.target == (
        "/api/v1/namespaces/apps/configmaps?limit=500&labelSelector=a%3Db%2Cc&resourceVersion=0"
    )
    assert found.items == [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}}]
    assert (found.resource_version, found.continue_token) == ("9", "next")


async def test_a_continued_list_names_no_resource_version():
    page = {"metadata": {"resourceVersion": "9"}, "items": None}
    async with scripted(json_answer(page)) as server, cluster_at(server) as cluster:
        found = await first_page(cluster, continue_token="next", resource_version="0")
    assert server.received[0].target.endswith("?limit=500&continue=next")
    assert found.items == []


async def test_a_cluster_scoped_type_has_no_namespace_in_its_path():
    page = {"metadata": {"resourceVersion": "9"}, "items": []}
    async with scripted(json_answer(page)) as server, cluster_at(server) as cluster:
        await first_page(cluster, NAMESPACES)
    assert server.received[0].target == "/api/v1/namespaces?limit=500"


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "a%2fb", "half \ud800"])
async def test_a_name_that_would_change_the_path_is_never_sent(name: str):
    async with scripted(json_answer({})) as server, cluster_at(server) as cluster:
        with pytest.raises(errors.InvalidError):
            await cluster.get(CONFIG_MAPS, NamespacedName("apps", name))
    assert server.received == []


@pytest.mark.parametrize("value", [2**70, "half \ud800"], ids=["integer", "surrogate"])
async def test_what_json_cannot_carry_is_invalid_and_not_sent(value: object):
    async with scripted(json_answer({})) as server, cluster_at(server) as cluster:
        with pytest.raises(errors.InvalidError):
            await cluster.create(CONFIG_MAPS, ONE | {"data": {"value": value}})
    assert server.received == []


# What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(status_answer(400, "BadRequest"), errors.BadRequestError, id="400"),
        pytest.param(status_answer(403, "Forbidden"), errors.ForbiddenError, id="403"),
        pytest.param(status_answer(404, "NotFound"), errors.NotFoundError, id="404"),
        pytest.param(status_answer(409, "Conflict"), errors.ConflictError, id="409"),
        pytest.param(status_answer(409, "AlreadyExists"), errors.AlreadyExistsError, id="exists"),
        pytest.param(status_answer(410, "Expired"), errors.GoneError, id="410"),
        pytest.param(status_answer(422, "Invalid"), errors.InvalidError, id="422"),
        pytest.param(status_answer(500, "InternalError"), errors.ServerError, id="500"),
        pytest.param(Answer(status=503, body=b"<html>"), errors.ServerError, id="proxy-page"),
        pytest.param(Answer(status=302), errors.ApiError, id="redirect"),
    ],
)
async def test_a_refusal_is_translated_by_status_and_reason(
    answer: Answer, kind: type[errors.ApiError]
):
    async with scripted(answer) as server, cluster_at(server) as cluster:
        with pytest.raises(errors.ApiError) as caught:
            await cluster.get(CONFIG_MAPS, KEY)
    assert type(caught.value) is kind
    assert caught.value.status == answer.status


async def test_a_body_that_is_no_status_stays_out_of_the_message():
    answer = json_answer({"kind": "Secret", "message": "hunter2"}, 500)
    async with scripted(answer) as server, cluster_at(server) as cluster:
        with pytest.raises(errors.ServerError) as caught:
            await cluster.get(CONFIG_MAPS, KEY)
    assert "hunter2" not in str(caught.value)


async def test_a_throttled_request_says_how_long_to_wait():
    answer = status_answer(429, "TooManyRequests", Retry_After="7")
    async with scripted(answer) as server, cluster_at(server) as cluster:
        with pytest.raises(errors.ThrottledError) as caught:
            await cluster.get(CONFIG_MAPS, KEY)
    assert caught.value.retry_after_seconds == 7


async def test_a_lease_is_renewed_while_the_rest_is_held_back():
    answers = (status_answer(429, "TooManyRequests", Retry_After="600"), json_answer(ONE))
    async with scripted(*answers) as server, cluster_at(server) as cluster:
        with pytest.raises(errors.ThrottledError):
            await cluster.get(CONFIG_MAPS, KEY)
        assert await cluster.get(LEASES, KEY) == ONE


# No answer, or half of one ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(body=b'{"a": ', end="keep"), id="truncated-json"),
        pytest.param(Answer(body=b'{"a": "\xff\xfe"}'), id="bad-utf8"),
        pytest.param(Answer(body=b"[]"), id="no-object"),
        pytest.param(Answer(body=b""), id="empty"),
        pytest.param(Answer(body=b'{"a":', content_length=99, end="close"), id="cut-off"),
        pytest.param(Answer(body=b'{"a":', content_length=99, end="reset"), id="reset"),
        pytest.param(Answer(body=b'{"a":', content_length=99, end="hang"), id="stalled-body"),
        pytest.param(Answer(end="silent"), id="half-open"),
    ],
)
async def test_an_ambiguous_write_is_unreachable_and_sent_only_once(answer: Answer):
    async with (
        scripted(answer) as server,
        cluster_at(server, request_seconds=0.1) as cluster,
    ):
        with pytest.raises(errors.UnreachableError):
            await cluster.create(CONFIG_MAPS, ONE)
    assert len(server.received) == 1


async def test_nobody_listening_is_unreachable():
    async with scripted(Answer()) as server:
        pass
    async with cluster_at(server) as cluster:
        with pytest.raises(errors.UnreachableError) as refused:
            await cluster.get(CONFIG_MAPS, KEY)
    assert "connect" in refused.value.message.lower()
    assert "object at 0x" not in refused.value.message


async def test_a_server_behind_a_path_is_asked_under_that_path():
    async with scripted(json_answer({})) as server:
        connection = connection_to(server, path="/k8s/clusters/c-1/")
        async with HttpCluster(connection) as cluster:
            await cluster.get(CONFIG_MAPS, NamespacedName("team", "a:b"))
    assert [each.target for each in server.received] == [
        "/k8s/clusters/c-1/api/v1/namespaces/team/configmaps/a%3Ab"
    ]


async def test_a_list_of_something_else_never_reaches_the_cache():
    answer = json_answer({"metadata": {"resourceVersion": "1"}, "items": [None]})
    async with scripted(answer) as server, cluster_at(server) as cluster:
        with pytest.raises(errors.UnreachableError):
            await first_page(cluster)


async def test_connections_are_used_again():
    async with scripted(json_answer({})) as server, cluster_at(server) as cluster:
        for _ in range(5):
            await cluster.get(CONFIG_MAPS, KEY)
    assert (len(server.received), server.connections) == (5, 1)


# Watches ---------------------------------------------------------------------------------------


async def test_watch_yields_events_and_ends_with_the_stream():
    body = event("ADDED") + event("MODIFIED") + event("BOOKMARK")
    async with scripted(Answer(body=body)) as server, cluster_at(server) as cluster:
        events = await watched(cluster)
    assert [each.type for each in events] == ["ADDED", "MODIFIED", "BOOKMARK"]
    assert server.received[0].target == (
        "/api/v1/configmaps?watch=1&allowWatchBookmarks=true&resourceVersion=7"
        "&timeoutSeconds=300&labelSelector=a%3Db"
    )


async def test_watch_passes_an_error_event_on():
    body = orjson.dumps({"type": "ERROR", "object": {"kind": "Status", "code": 410}}) + b"\n"
    async with scripted(Answer(body=body)) as server, cluster_at(server) as cluster:
        (only,) = await watched(cluster)
    assert (only.type, only.object["code"]) == ("ERROR", 410)


async def test_watch_refused_with_410_raises_gone():
    answer = status_answer(410, "Expired")
    async with scripted(answer) as server, cluster_at(server) as cluster:
        with pytest.raises(errors.GoneError):
            await watched(cluster)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(body=event("ADDED") + b'{"type": "MOD'), id="cut-in-a-line"),
        pytest.param(Answer(body=event("ADDED") + b"not json\n"), id="no-json"),
        pytest.param(Answer(body=event("ADDED") + b'{"type":"ADDED","object":null}\n'), id="null"),
        pytest.param(Answer(body=event("ADDED"), content_length=999, end="reset"), id="reset"),
    ],
)
async def test_a_broken_watch_gives_its_good_events_then_unreachable(answer: Answer):
    seen: list[str] = []
    async with scripted(answer) as server, cluster_at(server) as cluster:
        stream = cluster.watch(
            CONFIG_MAPS, namespace="", label_selector="", resource_version="7", timeout_seconds=300
        )
        with pytest.raises(errors.UnreachableError):
            await collect(stream, seen)
    assert seen in (["ADDED"], [])  # a reset may overtake what was sent before it


async def test_a_watch_that_is_never_answered_is_unreachable():
    async with (
        scripted(Answer(end="silent")) as server,
        cluster_at(server, request_seconds=0.1) as cluster,
    ):
        with pytest.raises(errors.UnreachableError):
            await watched(cluster)


# Credentials -----------------------------------------------------------------------------------


async def test_an_expired_token_is_renewed_and_the_request_sent_again():
    answers = (status_answer(401, "Unauthorized"), json_answer(ONE))
    async with scripted(*answers) as server, cluster_at(server, "old", "new") as cluster:
        assert await cluster.create(CONFIG_MAPS, ONE) == ONE
    assert [each.headers["authorization"] for each in server.received] == [
        "Bearer old",
        "Bearer new",
    ]


async def test_a_refusal_of_the_new_token_too_is_unauthorized():
    answer = status_answer(401, "Unauthorized")
    async with scripted(answer) as server, cluster_at(server, "old", "new") as cluster:
        with pytest.raises(errors.UnauthorizedError):
            await cluster.get(CONFIG_MAPS, KEY)
    assert len(server.received) == 2


async def test_every_answer_is_observed():
    seen: list[tuple[str, str]] = []
    answers = (json_answer({}), status_answer(409, "Conflict"), Answer(end="close", body=b"{"))
    async with (
        scripted(*answers) as server,
        cluster_at(server, observe=lambda method, code, _: seen.append((method, code))) as cluster,
    ):
        await cluster.get(CONFIG_MAPS, KEY)
        with pytest.raises(errors.ConflictError):
            await cluster.create(CONFIG_MAPS, ONE)
    assert seen == [("GET", "200"), ("POST", "409")]


# What is warned of ------------------------------------------------------------------------------


async def test_each_warning_of_the_server_is_logged_once_with_its_resource(caplog):
    known = json_answer(ONE, Warning='299 - "unknown field \\"spec.x\\"", 299 - "v1beta1 is old"')
    other = json_answer(ONE, Warning='299 - "=?utf-8?q?f=C3=BCr_sp=C3=A4ter?=" "Sat, 01 Jan 2000"')
    async with scripted(known, known, other) as server, cluster_at(server) as cluster:
        for _ in range(3):
            await cluster.apply(CONFIG_MAPS, ONE, force=True)
    told = [(each.levelname, each.fields["warning"], each.fields["resource"])
            for each in caplog.records]  # fmt: skip
    place = "/api/v1/namespaces/apps/configmaps/one"
    assert told == [
        ("WARNING", 'unknown field "spec.x"', place),
        ("WARNING", "v1beta1 is old", place),
        ("WARNING", "für später", place),
    ]


async def test_a_refusal_carries_its_warnings_too(caplog):
    refused = status_answer(422, "Invalid", Warning='299 - "spec.y is ignored"')
    async with scripted(refused) as server, cluster_at(server) as cluster:
        with pytest.raises(errors.InvalidError):
            await cluster.create(CONFIG_MAPS, ONE)
    assert [each.fields["warning"] for each in caplog.records] == ["spec.y is ignored"]
