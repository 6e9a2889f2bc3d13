"""kubectl against the embedded cluster: what people type every day."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.controlplane.build import binaries
from tests.scenario.world import LocalWorld, token_of

pytestmark = pytest.mark.controlplane  # kubectl is built with the control plane

Kubectl = Callable[..., str]

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: main, image: "nginx:1", ports: [{containerPort: 80}]}
"""


@pytest.fixture(params=["newest", "oldest"])
def kubectl(kubeconfig: Path, request: pytest.FixtureRequest) -> Iterator[Kubectl]:
    """kubectl of the newest and of the oldest supported minor."""
    programs = binaries()
    program = programs.kubectl if request.param == "newest" else programs.older_kubectl

    def run(*arguments: str, stdin: str = "", fails: bool = False) -> str:
        done = subprocess.run(
            [*program, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env={"KUBECONFIG": str(kubeconfig), "HOME": str(kubeconfig.parent)},
        )
        assert bool(done.returncode) is fails, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stderr if fails else done.stdout

    yield run
    for kind in ("configmaps", "serviceaccounts", "roles", "rolebindings"):
        run("delete", kind, "--all", "--wait=false")


def manifest(kind: str, name: str, **fields: object) -> str:
    """A manifest as `apply -f -` reads it.

    `kubectl create configmap …` and its like send protobuf, which is refused with 415 (see
    docs/local-cluster.md), so these tests write manifests as people do in files.
    """
    rbac = kind.startswith("Role")
    version = "rbac.authorization.k8s.io/v1" if rbac else "v1"
    return json.dumps({"apiVersion": version, "kind": kind, "metadata": {"name": name}, **fields})


def test_discovery(kubectl: Kubectl) -> None:
    assert "Server Version: v1." in kubectl("version")
    resources = kubectl("api-resources", "--api-group=apps", "-o", "wide")
    assert "deployments" in resources
    assert "deploy" in resources
    assert "apps/v1" in kubectl("api-versions")


def test_explain_reads_the_schemas(kubectl: Kubectl) -> None:
    text = kubectl("explain", "deployment.spec.replicas")
    assert "FIELD: replicas <integer>" in text


def test_apply_get_scale_wait_delete(kubectl: Kubectl) -> None:
    assert kubectl("apply", "-f", "-", stdin=DEPLOYMENT) == "deployment.apps/web created\n"
    assert kubectl("apply", "-f", "-", stdin=DEPLOYMENT) == "deployment.apps/web unchanged\n"
    changed = DEPLOYMENT.replace("nginx:1", "nginx:2")
    assert kubectl("apply", "-f", "-", stdin=changed) == "deployment.apps/web configured\n"
    kubectl("rollout", "status", "deployment/web", "--timeout=20s")
    header, row = kubectl("get", "deployments").splitlines()
    assert header.split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert row.split()[:2] == ["web", "2/2"]
    kubectl("scale", "deployment/web", "--replicas=3")
    kubectl("wait", "deployment/web", "--for=jsonpath={.status.readyReplicas}=3", "--timeout=20s")
    assert "nginx:2" in kubectl("describe", "deployment", "web")
    kubectl("delete", "deployment", "web", "--timeout=20s")
    assert "NotFound" in kubectl("get", "deployment", "web", fails=True)


def test_server_side_apply_reports_conflicts(kubectl: Kubectl) -> None:
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shared"},
                "data": {"key": "one"}}  # fmt: skip
    text = json.dumps(manifest)
    kubectl("apply", "--server-side", "--field-manager=one", "-f", "-", stdin=text)
    other = text.replace('"key": "one"', '"key": "two"')
    refused = kubectl(
        "apply", "--server-side", "--field-manager=two", "-f", "-", stdin=other, fails=True
    )
    assert 'conflict with "one": .data.key' in refused
    kubectl(
        "apply", "--server-side", "--field-manager=two", "--force-conflicts", "-f", "-", stdin=other
    )
    assert kubectl("get", "configmap", "shared", "-o", "jsonpath={.data.key}") == "two"


def test_invalid_objects_are_explained(kubectl: Kubectl) -> None:
    wrong = DEPLOYMENT.replace("replicas: 2", "replicas: two")
    assert "replicas" in kubectl("apply", "-f", "-", stdin=wrong, fails=True)
    unknown = DEPLOYMENT.replace("replicas: 2", "replica: 2")
    assert 'unknown field "spec.replica"' in kubectl("apply", "-f", "-", stdin=unknown, fails=True)


def test_labels_annotations_patches_and_selectors(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", stdin=manifest("ConfigMap", "marked", data={"a": "b"}))
    kubectl("label", "configmap", "marked", "tier=gold")
    kubectl("annotate", "configmap", "marked", "note=hello")
    kubectl("patch", "configmap", "marked", "--type=merge", "-p", '{"data":{"a":"c"}}')
    assert kubectl("get", "cm", "-l", "tier=gold", "-o", "name") == "configmap/marked\n"
    assert kubectl("get", "cm", "marked", "-o", "jsonpath={.data.a}") == "c"
    kubectl("delete", "cm", "-l", "tier=gold")


def test_custom_types_have_their_columns(kubectl: Kubectl) -> None:
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "cups.clients.katalogc.dev"},
        "spec": {"group": "clients.katalogc.dev", "scope": "Namespaced",
                 "names": {"plural": "cups", "singular": "cup", "kind": "Cup"},
                 "versions": [{"name": "v1", "served": True, "storage": True,
                               "additionalPrinterColumns": [
                                   {"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
                               "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                                   "spec": {"type": "object", "properties": {
                                       "size": {"type": "integer", "maximum": 5}}}}}}}]},
    }  # fmt: skip
    kubectl("apply", "-f", "-", stdin=json.dumps(definition))
    kubectl("wait", "crd/cups.clients.katalogc.dev", "--for=condition=Established", "--timeout=20s")
    cup = {"apiVersion": "clients.katalogc.dev/v1", "kind": "Cup", "metadata": {"name": "c"},
           "spec": {"size": 3}}  # fmt: skip
    kubectl("apply", "-f", "-", stdin=json.dumps(cup))
    header, row = kubectl("get", "cups").splitlines()
    assert header.split() == ["NAME", "SIZE"]
    assert row.split() == ["c", "3"]
    too_big = json.dumps({**cup, "spec": {"size": 9}})
    assert "spec.size" in kubectl("apply", "-f", "-", stdin=too_big, fails=True)
    assert "size\t<integer>" in kubectl("explain", "cup.spec")
    kubectl("delete", "crd", "cups.clients.katalogc.dev", "--timeout=20s")
    assert "cups" not in kubectl("api-resources", "-o", "name")


def test_permissions_are_asked_and_enforced(kubectl: Kubectl, world: LocalWorld) -> None:
    kubectl("apply", "-f", "-", stdin=manifest("ServiceAccount", "reader"))
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}
    kubectl("apply", "-f", "-", stdin=manifest("Role", "reader", rules=[rule]))
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
    subject = {"kind": "ServiceAccount", "name": "reader", "namespace": "default"}
    binding = manifest("RoleBinding", "reader", roleRef=role, subjects=[subject])
    kubectl("apply", "-f", "-", stdin=binding)
    account = "system:serviceaccount:default:reader"
    assert kubectl("auth", "can-i", "list", "configmaps", "--as", account) == "yes\n"
    kubectl("auth", "can-i", "delete", "configmaps", "--as", account, "-q", fails=True)
    token = token_of(world, "default", "reader")
    refused = kubectl("--token", token, "get", "secrets", fails=True)
    assert f'User "{account}" cannot list resource "secrets"' in refused


def test_namespaces_come_and_go(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=manifest("Namespace", "short"))
    kubectl("-n", "short", "apply", "-f", "-", stdin=manifest("ConfigMap", "inside"))
    kubectl("delete", "namespace", "short", "--timeout=20s")
    assert "NotFound" in kubectl("get", "namespace", "short", fails=True)
    assert kubectl("get", "cm", "-A", "-o", "name", "--field-selector=metadata.name=inside") == ""


def test_watch_shows_events_as_they_come(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=manifest("ConfigMap", "watched"))
    first = kubectl("get", "cm", "watched", "-w", "-o", "name", "--request-timeout=1s")
    assert first == "configmap/watched\n"
