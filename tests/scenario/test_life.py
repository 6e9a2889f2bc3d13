"""The main job: a Katalog becomes an operator that runs with the permissions it was given.

On the embedded cluster and on a real API server, the operator is a process of its own with the
token of the generated ServiceAccount and nothing else. At the end, what it asked of the server is
compared with the rules: no request was denied, and no rule was idle.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.controlplane.api import eventually
from tests.scenario import life
from tests.scenario.conftest import HERE, build
from tests.scenario.life import Platform
from tests.scenario.operator_process import OperatorProcess
from tests.scenario.world import Request, World, token_of

pytestmark = pytest.mark.scenario
NAMESPACE = "scenario-platform-system"

Rule = tuple[str, str, str, str]
"""Namespace (empty: cluster-wide), group, resource, verb."""


def granted(rbac: Path) -> set[Rule]:
    """Every single permission that rbac.yaml grants."""
    rules: set[Rule] = set()
    for document in yaml.safe_load_all(rbac.read_text()):
        if document["kind"] in {"Role", "ClusterRole"}:
            namespace = document["metadata"].get("namespace", "")
            rules |= {
                (namespace, group, resource, verb)
                for rule in document["rules"]
                for group in rule["apiGroups"]
                for resource in rule["resources"]
                for verb in rule["verbs"]
            }
    return rules


def used(requests: list[Request]) -> set[Rule]:
    """Every single permission that requests made use of."""
    return {(each.namespace, each.group, each.resource, each.verb) for each in requests}


def without_children(katalog: Path, target: Path) -> Path:
    """The same ten types, of which the board, the mapper and the store lost their children."""
    document = yaml.safe_load(katalog.read_text())
    crds = document["spec"]["crds"]
    del crds["board"]["operatorBox"]["onCreate"]
    del crds["mapper"]["imports"]
    del crds["store"]["imports"]
    target.mkdir()
    (target / "katalog.yaml").write_text(yaml.safe_dump(document))
    motifs = target / "motifs"
    motifs.mkdir()
    for motif in (katalog.parent / "motifs").iterdir():
        (motifs / motif.name).write_text(motif.read_text())
    return target / "katalog.yaml"


def test_the_ten_types_live_and_die(world: World, platform_build: Path, tmp_path: Path) -> None:
    katalog = HERE / "platform" / "katalog.yaml"
    platform = Platform(world, life.install(world, platform_build, katalog.parent / "cr.yaml"))
    kubeconfig = world.kubeconfig(
        tmp_path / "operator.kubeconfig", token=token_of(world, NAMESPACE, "scenario-platform")
    )
    bundle = platform_build / "bundle.json"
    flags = ("--leader-elect",)
    with OperatorProcess(bundle, kubeconfig, *flags, namespace=NAMESPACE) as operator:
        operator.until_ready()
        life.create_owners(platform)
        eventually(lambda: life.converged(platform), "the ten types converge")
        life.check_edit_reaches_child(platform)
        life.check_repairs(platform)
        life.check_label_taken_away(platform)
        life.check_secret_is_stable_until_rotated(platform)
        life.check_orphaned_children_are_kept(platform)
        status, text = operator.get("/katalog")
        assert (status, json.loads(text)["total"]) == (200, 10)
        assert operator.terminate() == 0
    smaller = build(without_children(katalog, tmp_path / "smaller"), tmp_path / "smaller-build")
    with OperatorProcess(
        smaller / "bundle.json", kubeconfig, *flags, namespace=NAMESPACE
    ) as operator:
        operator.until_ready()
        for path in (
            f"{life.CONFIG_MAPS}/my-board-board",
            f"{life.REPLICA_SETS}/my-mapper-worker",
            f"{life.SECRETS}/my-store-login",
        ):
            eventually(lambda path=path: world.admin.get(path).status == 404, f"{path} is pruned")
        life.delete_owners(platform)
        assert operator.terminate() == 0
    user = f"system:serviceaccount:{NAMESPACE}:scenario-platform"
    requests = world.requests(user)
    denied = [str(each) for each in requests if each.code in {401, 403}]
    assert not denied
    rules = granted(platform_build / "rbac.yaml")
    asked = {each for each in used(requests) if each[2] in {rule[2] for rule in rules}}
    assert not rules - asked, "rules that nothing used"
    assert not asked - rules, "requests that no rule of this operator covers"
