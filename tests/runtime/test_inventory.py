from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from katalog_runtime.bundle import ApiType
from katalog_runtime.handover import Handover, handover_of, handover_patch, short_patch
from katalog_runtime.inventory import (
    Ownership,
    label_value,
    marked,
    may_reference,
    ownership,
    recording,
    released,
    retired_types,
    set_id,
)
from katalog_runtime.objects import NamespacedName
from katalog_runtime.rotation import DurationError, due_at, parse_duration
from tests.runtime.bundles import CLUSTER_ROLE, CONFIG_MAP, job

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = NamespacedName("team", "a")
WIDGET = ApiType(group="demo.io", version="v1", kind="Widget", plural="widgets")
CRON_JOB = ApiType(group="batch", version="v1", kind="CronJob", plural="cronjobs")
SET = set_id("DataJob", "data.example.com", KEY)


def owner(**metadata: Any) -> dict[str, Any]:
    manifest = job()
    manifest["metadata"].update(uid="owner-uid", resourceVersion="5", **metadata)
    return manifest


def mark(
    manifest: dict[str, Any], apis: tuple[ApiType, ...] = (CONFIG_MAP,)
) -> dict[str, Any] | None:
    return marked(
        manifest,
        finalizers=("ours",),
        apis=apis,
        set_identity=SET,
        operator_name="data-platform",
        now=NOW,
    )


def marked_owner() -> dict[str, Any]:
    wanted = mark(owner())
    assert wanted is not None
    return wanted


def with_record(kinds: str, types: str | None) -> dict[str, Any]:
    manifest = marked_owner()
    annotations = manifest["metadata"]["annotations"]
    annotations["applyset.kubernetes.io/contains-group-kinds"] = kinds
    if types is not None:
        annotations["katalogc.dev/contained-types"] = types
    return manifest


def record(manifest: dict[str, Any]) -> tuple[str | None, str | None]:
    annotations = manifest["metadata"]["annotations"]
    return (
        annotations.get("applyset.kubernetes.io/contains-group-kinds"),
        annotations.get("katalogc.dev/contained-types"),
    )


def test_the_set_id_is_the_one_that_kubectl_computes() -> None:
    # base64url(sha256("a.team.DataJob.data.example.com")), as KEP-3659 says.
    assert SET == "applyset-8yqPyuMY5vrJsceFmH6ryDZXizXl6Q-a6KUTujfOHw8-v1"
    assert len(SET) <= 63


def test_finalizer_labels_and_annotations_are_one_guarded_write() -> None:
    before = owner(finalizers=["theirs"], labels={"team": "blue"}, annotations={"note": "x"})
    assert mark(before) == owner(
        finalizers=["theirs", "ours"],
        labels={
            "team": "blue",
            "orkestra.orkspace.io/managed": "true",
            "applyset.kubernetes.io/id": SET,
        },
        annotations={
            "note": "x",
            "orkestra.orkspace.io/managed-by": "data-platform",
            "orkestra.orkspace.io/managed-since": "2026-01-01T00:00:00Z",
            "applyset.kubernetes.io/tooling": "katalogc/v1",
            "applyset.kubernetes.io/contains-group-kinds": "ConfigMap",
        },
    )


def test_a_marked_owner_needs_no_write() -> None:
    assert mark(marked_owner()) is None


def test_what_was_observed_is_left_alone() -> None:
    before = owner(finalizers=["ours"])
    copy = deepcopy(before)
    assert mark(before) != before
    assert released(before, ("ours",)) != before
    assert before == copy


def test_d3_recorded_types_only_grow_until_they_are_struck_off() -> None:
    before = with_record("ClusterRole.rbac.authorization.k8s.io", "Widget:demo.io/v1/widgets")
    assert retired_types(before, (CONFIG_MAP,)) == (WIDGET, CLUSTER_ROLE)
    again = mark(before)
    assert again is not None
    assert record(again) == (
        "ClusterRole.rbac.authorization.k8s.io,ConfigMap,Widget.demo.io",
        "Widget:demo.io/v1/widgets",
    )
    assert mark(again) is None
    assert record(recording(again, (CONFIG_MAP, CLUSTER_ROLE))) == (
        "ClusterRole.rbac.authorization.k8s.io,ConfigMap",
        None,
    )


def test_the_record_of_an_earlier_version_is_read_and_left_alone() -> None:
    earlier = with_record("ConfigMap", "ConfigMap:v1/configmaps,Secret:v1/secrets")
    assert [each.kind for each in retired_types(earlier, (CONFIG_MAP,))] == ["Secret"]
    assert mark(with_record("ConfigMap", "ConfigMap:v1/configmaps")) is None


def test_kinds_that_another_tool_recorded_are_none_of_ours() -> None:
    theirs = with_record("ClusterRole.rbac.authorization.k8s.io", None)
    theirs["metadata"]["annotations"]["applyset.kubernetes.io/tooling"] = "kubectl/v1.36.0"
    assert retired_types(theirs, (CONFIG_MAP,)) == ()


def test_a_version_that_is_not_the_usual_one_is_recorded() -> None:
    old = replace(CRON_JOB, version="v1beta1")
    assert record(recording(owner(), (old,))) == ("CronJob.batch", "CronJob:batch/v1beta1/cronjobs")
    assert record(recording(owner(), (CRON_JOB,))) == ("CronJob.batch", None)


def test_a_type_that_moves_to_its_usual_version_is_recorded_there() -> None:
    old = recording(marked_owner(), (replace(CRON_JOB, version="v1beta1"),))
    moved = mark(old, apis=(CRON_JOB,))
    assert moved is not None
    assert record(moved) == ("CronJob.batch", None)
    assert mark(moved, apis=(CRON_JOB,)) is None


def test_under_another_tools_name_every_path_is_recorded() -> None:
    theirs = owner(annotations={"applyset.kubernetes.io/tooling": "kubectl/v1.36.0"})
    ours_too = mark(theirs)
    assert ours_too is not None
    assert record(ours_too) == ("ConfigMap", "ConfigMap:v1/configmaps")
    assert retired_types(ours_too, ()) == (CONFIG_MAP,)
    assert mark(ours_too) is None


@pytest.mark.parametrize("text", ["", ",", "x", "X:", "X:v1", "X:a/b/c/d", ":v1/x", "X:/x"])
def test_a_record_that_someone_spoiled_is_passed_over(text: str) -> None:
    manifest = owner(annotations={"katalogc.dev/contained-types": text})
    assert retired_types(manifest, ()) == ()


def test_release_takes_only_our_finalizer() -> None:
    assert released(owner(finalizers=["theirs", "ours"]), ("ours",)) == owner(finalizers=["theirs"])
    assert released(owner(finalizers=["theirs"]), ("ours",)) is None


def reference(**more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "data.example.com/v1",
        "kind": "DataJob",
        "name": "a",
        "uid": "owner-uid",
        "controller": True,
        **more,
    }


@pytest.mark.parametrize(
    ("metadata", "verdict"),
    [
        pytest.param({"ownerReferences": [reference()]}, Ownership.OURS, id="our-reference"),
        pytest.param(
            {"ownerReferences": [reference(uid="old")]}, Ownership.STALE, id="d11-earlier-owner"
        ),
        pytest.param(
            {"ownerReferences": [reference(uid="x", name="b")]}, Ownership.FOREIGN, id="d12-sibling"
        ),
        pytest.param(
            {
                "ownerReferences": [reference(kind="Deployment", uid="x")],
                "labels": {"applyset.kubernetes.io/part-of": SET},
            },
            Ownership.FOREIGN,
            id="copied-labels",
        ),
        pytest.param(
            {"labels": {"applyset.kubernetes.io/part-of": SET}}, Ownership.OURS, id="our-label"
        ),
        pytest.param(
            {"labels": {"orkestra.orkspace.io/managed": "true", "orkestra-owner": "a"}},
            Ownership.OURS,
            id="reference-runtime",
        ),
        pytest.param({}, Ownership.FOREIGN, id="a11-made-by-hand"),
        pytest.param(
            {"ownerReferences": [{**reference(uid="x"), "controller": False}]},
            Ownership.FOREIGN,
            id="plain-reference",
        ),
    ],
)
def test_whose_child_an_object_is(metadata: dict[str, Any], verdict: Ownership) -> None:
    child = {"metadata": {"name": "a-config", "namespace": "team", **metadata}}
    assert ownership(child, owner(), SET) is verdict


def test_d10_owner_references_stay_within_a_namespace() -> None:
    assert may_reference("team", CONFIG_MAP, "team")
    assert not may_reference("team", CONFIG_MAP, "other")
    assert not may_reference("team", CLUSTER_ROLE, "")
    assert may_reference("", CLUSTER_ROLE, "")
    assert may_reference("", CONFIG_MAP, "anywhere")


def test_long_names_fit_into_a_label_and_stay_distinct() -> None:
    one, other = label_value("x" * 100), label_value("x" * 99 + "y")
    assert one != other
    assert len(one) <= 63
    assert label_value("short") == "short"


def managed(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": "a", "resourceVersion": "9", "managedFields": list(entries)}}


def entry(operation: str, fields: dict[str, Any], manager: str = "katalogc") -> dict[str, Any]:
    return {"manager": manager, "operation": operation, "fieldsV1": fields}


def test_the_handover_turns_update_into_apply_and_keeps_everyone_else() -> None:
    theirs = entry("Update", {"f:status": {}}, "kube-controller-manager")
    before = managed(theirs, entry("Update", {"f:data": {"f:a": {}}}))
    assert handover_of(before) == Handover(1, "9")
    assert handover_patch(before) == [
        {
            "op": "replace",
            "path": "/metadata/managedFields",
            "value": [entry("Apply", {"f:data": {"f:a": {}}}), theirs],
        },
        {"op": "replace", "path": "/metadata/resourceVersion", "value": "9"},
    ]


def test_an_entry_of_ours_that_stands_alone_is_handed_over_without_reading_the_object() -> None:
    assert short_patch(Handover(1, "9")) == [
        {"op": "replace", "path": "/metadata/managedFields/1/operation", "value": "Apply"},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": "9"},
    ]


def test_the_handover_merges_both_entries_of_ours() -> None:
    before = managed(
        entry("Apply", {"f:data": {"f:a": {}}}), entry("Update", {"f:data": {"f:b": {}}})
    )
    seen = handover_of(before)
    assert seen == Handover(-1, "9")
    assert short_patch(seen) is None
    patch_ = handover_patch(before)
    assert patch_ is not None
    assert patch_[0]["value"] == [entry("Apply", {"f:data": {"f:a": {}, "f:b": {}}})]


def test_nothing_is_handed_over_twice_and_status_entries_are_left_alone() -> None:
    applied = entry("Apply", {})
    status = {**entry("Update", {}), "subresource": "status"}
    assert handover_of(managed(applied, status)) is None
    assert handover_patch(managed(applied, status)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30d", timedelta(days=30)),
        ("1h30m", timedelta(minutes=90)),
        ("2w", timedelta(weeks=2)),
        ("1y", timedelta(days=365)),
        ("1.5h", timedelta(minutes=90)),
        ("500ms", timedelta(milliseconds=500)),
    ],
)
def test_durations(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "30", "d", "0d", "-1h", "1 h", "1h!", "1month"])
def test_what_is_no_duration_says_so(text: str) -> None:
    with pytest.raises(DurationError, match="duration"):
        parse_duration(text)


def test_an_absurd_duration_is_capped() -> None:
    assert parse_duration("9" * 30 + "y") == timedelta(days=365 * 1000)


def test_rotation_counts_from_the_annotation_else_from_creation() -> None:
    made: dict[str, Any] = {
        "metadata": {
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "annotations": {"orkestra.orkspace.io/generated-at": "2026-01-03T00:00:00Z"},
        }
    }
    assert due_at(made, timedelta(days=1)) == datetime(2026, 1, 4, tzinfo=UTC)
    made["metadata"]["annotations"] = {"orkestra.orkspace.io/generated-at": "yesterday"}
    assert due_at(made, timedelta(days=1)) == datetime(2026, 1, 2, tzinfo=UTC)
    assert due_at({"metadata": {}}, timedelta(days=1)) is None
