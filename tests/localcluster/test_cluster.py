"""The cluster as a whole: permissions, faults, the request log, state in a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from katalog_runtime.errors import (
    ConflictError,
    ForbiddenError,
    ThrottledError,
    UnreachableError,
)
from katalogc.errors import SurroundingsError
from katalogc.localcluster import Fault, LocalCluster
from tests.localcluster.api import MAPS, MERGE, config_map, definition, key, widget

ACCOUNT = "system:serviceaccount:default:operator"


def allow(local: LocalCluster, *verbs: str, names: tuple[str, ...] = ()) -> None:
    rule: dict[str, Any] = {"apiGroups": [""], "resources": ["configmaps"], "verbs": list(verbs)}
    if names:
        rule["resourceNames"] = list(names)
    rbac = "rbac.authorization.k8s.io"
    metadata = {"name": "operator"}
    local.apply_manifests(
        [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
            {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": metadata, "rules": [rule]},
            {"apiVersion": f"{rbac}/v1", "kind": "RoleBinding", "metadata": metadata,
             "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "operator"},
             "subjects": [{"kind": "ServiceAccount", "name": "operator", "namespace": "default"}]},
        ]
    )  # fmt: skip


async def test_nothing_is_allowed_that_no_rule_grants() -> None:
    local = LocalCluster()
    allow(local, "get", "create")
    operator = local.direct(user=ACCOUNT)
    await operator.create(MAPS, config_map("a"))
    assert (await operator.get(MAPS, key("a")))["data"] == {"key": "value"}
    refused = (
        f'configmaps "a" is forbidden: User "{ACCOUNT}" cannot patch resource "configmaps" in API '
        'group "" in the namespace "default"'
    )
    with pytest.raises(ForbiddenError) as caught:
        await operator.patch(MAPS, key("a"), {"data": None}, patch_type=MERGE)
    assert caught.value.message == refused
    with pytest.raises(ForbiddenError):
        await operator.get(MAPS, key("a", "kube-system"))
    allow(local, "get", "create", "patch")
    await operator.patch(MAPS, key("a"), {"data": None}, patch_type=MERGE)


async def test_rules_may_name_single_objects() -> None:
    local = LocalCluster()
    allow(local, "get", names=("a",))
    local.apply_manifests([config_map("a"), config_map("b")])
    operator = local.direct(user=ACCOUNT)
    await operator.get(MAPS, key("a"))
    with pytest.raises(ForbiddenError):
        await operator.get(MAPS, key("b"))


def test_tokens_end_with_their_time_and_their_account() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    local = LocalCluster(clock=lambda: now[0])
    allow(local, "get")
    account = local.get("ServiceAccount", "operator")
    token, _ = local.tokens.issue(account, lifetime_seconds=600)
    user = local.tokens.authenticate(token)
    assert user is not None
    assert user.name == ACCOUNT
    assert local.tokens.authenticate(token[:-2] + "xx") is None
    now[0] += timedelta(seconds=601)
    assert local.tokens.authenticate(token) is None
    fresh, _ = local.tokens.issue(account)
    local.delete("ServiceAccount", "operator")
    assert local.tokens.authenticate(fresh) is None


async def test_requests_are_counted_and_the_tests_own_hand_is_not() -> None:
    local = LocalCluster()
    local.apply_manifests([config_map("a")])
    cluster = local.direct()
    await cluster.get(MAPS, key("a"))
    await cluster.patch(MAPS, key("a"), {"data": {"x": "y"}}, patch_type=MERGE)
    assert [(each.verb, each.resource, each.name, each.code) for each in local.requests] == [
        ("get", "configmaps", "a", 200),
        ("patch", "configmaps", "a", 200),
    ]
    assert [each.verb for each in local.requests if each.writes] == ["patch"]


async def test_scripted_errors_come_when_they_should_and_then_stop() -> None:
    local = LocalCluster()
    cluster = local.direct()
    local.fail_next(409, verb="create", name="b")
    local.inject(Fault(status=429, retry_after_seconds=7, verb="write", skip=2))
    await cluster.create(MAPS, config_map("a"))
    with pytest.raises(ConflictError):
        await cluster.create(MAPS, config_map("b"))
    await cluster.create(MAPS, config_map("b"))
    with pytest.raises(ThrottledError) as caught:
        await cluster.create(MAPS, config_map("c"))
    assert caught.value.retry_after_seconds == 7
    await cluster.create(MAPS, config_map("c"))


async def test_an_ambiguous_write_happens_without_an_answer() -> None:
    local = LocalCluster()
    local.inject(Fault(kind="ambiguous", verb="create"))
    with pytest.raises(UnreachableError):
        await local.direct().create(MAPS, config_map("a"))
    assert local.exists("ConfigMap", "a")


async def test_a_stale_list_shows_the_past() -> None:
    local = LocalCluster()
    cluster = local.direct()
    await cluster.create(MAPS, config_map("a"))
    await cluster.create(MAPS, config_map("b"))
    local.inject(Fault(kind="stale-list", revisions=1))
    wanted: dict[str, Any] = {
        "namespace": "default", "label_selector": "", "limit": 0, "continue_token": "",
        "resource_version": "",
    }  # fmt: skip
    stale, fresh = [await cluster.list_page(MAPS, **wanted) for _ in range(2)]
    names = [[each["metadata"]["name"] for each in page.items] for page in (stale, fresh)]
    assert "b" not in names[0]
    assert "b" in names[1]


def test_state_survives_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with LocalCluster(data=file) as first:
        first.apply_manifests([definition(), widget(), config_map("a")])
        before = first.list("ConfigMap"), first.list("Widget")
        token, revision = first.token("somebody"), first.state.store.revision
    with LocalCluster(data=file) as second:
        assert (second.list("ConfigMap"), second.list("Widget")) == before
        assert second.state.store.revision == revision
        user = second.tokens.authenticate(token)
        assert user is not None
        assert user.name == "somebody"
        second.apply_manifests([widget("another")])
        uids = {each["metadata"]["uid"] for each in second.list("Widget")}
        assert len(uids) == 2


def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.json"
    file.write_text('{"dear": "diary"}')
    with pytest.raises(SurroundingsError, match="no saved state"):
        LocalCluster(data=file)
    assert file.read_text() == '{"dear": "diary"}'
