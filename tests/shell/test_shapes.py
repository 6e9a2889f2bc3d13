"""The JSON of the routes, against the published shapes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from katalog_runtime import katalog_shapes, object_shapes
from katalog_runtime.events import RecordedEvent
from katalog_runtime.health import LeadershipView
from katalog_runtime.observe import EventRecord
from katalog_runtime.spans import age, age_of, go_duration
from tests.shell.views import CONFIG_MAPS, NOW, bundle, child, controller, owner, process, view

SUMMARY = {
    "name", "description", "mode", "gvk", "gvr", "namespaced", "namespace", "crossAccess",
    "dependsOn", "hasUnhealthyDependencies", "workers", "workersSource", "workersActive", "resync",
    "resyncSource", "queueDepth", "maxDepth", "maxDepthSource", "resourceCount", "operatorBox",
    "healthy", "state", "started", "pending", "startedAt", "uptime", "errorRate", "endpoints",
    "rbacCount", "deletionProtection", "katalogNamespace", "serveEnabled", "target", "aliases",
    "gated", "gatedReason",
}  # fmt: skip
CRD = SUMMARY | {
    "workersIdle", "workersProcessing", "workerDetails", "totalReconciles", "rbac",
    "autoscalerEnabled", "autoscalerWorkers", "metrics",
}  # fmt: skip
KATALOG = {
    "crds", "total", "totalEnabled", "OrkReady", "isKonductor", "deletionProtection", "healthy",
    "status", "statusCounts", "name", "version", "createdBy", "author", "description", "license",
    "runtimeVersion", "clusterName", "projects", "namespaces", "gatewayEndpoint",
}  # fmt: skip
HEALTH = {
    "name", "state", "status", "isKonductor", "healthy", "started", "pending", "startedAt",
    "uptime", "queueDepth", "errorRate", "consecutiveFails", "totalReconciles", "resourceCount",
    "lastError", "lastReconcile", "hasUnhealthyDependencies", "dependencies",
}  # fmt: skip


def test_katalog_has_the_published_fields():
    status, body = katalog_shapes.katalog(process())
    assert status == body["status"] == 200
    assert body.keys() >= KATALOG
    assert body["crds"][0].keys() >= SUMMARY
    assert body["namespaces"]["default"] == {
        "crds": ["data-job"],
        "statusCounts": {"healthy": 1, "degraded": 0, "started": 0, "pending": 0},
        "healthy": True,
        "description": "Pipelines",
        "version": "0.1.0",
        "workers": 3,
        "resources": 12,
    }


def test_one_degraded_crd_makes_the_katalog_unavailable_and_is_named():
    specs = (controller(), controller("dataset", "Dataset"))
    sick = view(specs[1], state="degraded")
    status, body = katalog_shapes.katalog(process(bundle(*specs), sick))
    assert (status, body["healthy"], body["degradedReason"]) == (503, False, "1 degraded: dataset")
    assert body["statusCounts"] == {"healthy": 1, "degraded": 1, "started": 0, "pending": 0}


def test_a_crd_tells_what_the_documentation_page_shows():
    body = katalog_shapes.crd(process(), controller())
    assert body.keys() >= CRD
    assert body["gvk"] == "data.demo.orkestra.io/v1alpha1, Kind=DataJob"
    assert body["gvr"] == "data.demo.orkestra.io/v1alpha1, Resource=datajobs"
    assert (body["resync"], body["resyncSource"]) == ("15s", "default")
    assert body["operatorBox"]["templates"] == {
        "onCreate": {"configMaps": 1},
        "onReconcile": {"replicaSets": 1},
    }
    assert body["rbac"]["summary"] == "1 configmaps, 1 datajobs"
    assert body["rbac"]["totalRules"] == 2
    assert body["workerDetails"] == {"0": "processing", "1": "idle", "2": "idle"}
    assert (body["workersIdle"], body["workersProcessing"]) == (2, 1)


def test_a_crd_repeats_its_summary():
    spec = controller()
    body = katalog_shapes.crd(process(), spec)
    brief = katalog_shapes.summary(process(), spec)
    assert {key: body[key] for key in brief if key != "operatorBox"} == {
        key: value for key, value in brief.items() if key != "operatorBox"
    }
    assert body["operatorBox"].items() >= brief["operatorBox"].items()


def test_children_that_are_created_and_repaired_are_told_as_the_reference_tells_them():
    spec = controller(children=(child("onCreate.configMaps[0]", CONFIG_MAPS, "onCreate"),))
    body = katalog_shapes.crd(process(bundle(spec)), spec)
    assert body["operatorBox"]["templates"] == {
        "onCreate": {"configMaps": 1},
        "onReconcile": {"source": "auto", "from": "onCreate[reconcile:true]"},
    }


def test_a_configured_value_says_so():
    spec = controller(workers=7, queue_depth=0)
    body = katalog_shapes.crd(process(bundle(spec)), spec)
    assert (body["workersSource"], body["maxDepthSource"], body["resyncSource"]) == (
        "configured",
        "configured",
        "default",
    )


def test_crd_health_has_the_published_fields_and_repeats_its_status():
    status, body = katalog_shapes.crd_health(process(), controller())
    assert body.keys() >= HEALTH
    assert (status, body["status"], body["uptime"]) == (200, 200, "52h44m37s")
    assert body["errorRate"] == 1.0  # percent


def test_crd_health_of_a_missing_crd_is_unavailable_and_names_it():
    spec = controller()
    sick = view(spec, state="degraded", missing=("datajobs.data.demo.orkestra.io",),
                degraded_reason="datajobs is not served")  # fmt: skip
    status, body = katalog_shapes.crd_health(process(bundle(spec), sick), spec)
    assert (status, body["missing"]) == (503, True)
    assert body["missingResources"] == ["datajobs.data.demo.orkestra.io"]


def test_dependencies_are_told_with_their_state():
    specs = (controller(depends_on=("dataset",)), controller("dataset", "Dataset"))
    sick = view(specs[1], state="degraded")
    _, body = katalog_shapes.crd_health(process(bundle(*specs), sick), specs[0])
    assert body["hasUnhealthyDependencies"] is True
    assert body["dependencies"]["dataset"] == {
        "Name": "dataset",
        "State": "degraded",
        "Condition": "started",
        "AcceptableCondition": "started",
        "Satisfied": False,
    }


def test_a_follower_is_no_konductor():
    follower = LeadershipView(enabled=True, leading=False, leader="other")
    _, body = katalog_shapes.katalog(process(leadership=follower))
    assert body["isKonductor"] is False


def test_objects_are_sorted_and_carry_the_asked_field():
    found = [owner("b"), owner("a"), owner("z", "a-namespace")]
    body = object_shapes.objects(
        controller(), found, leads=True, field="spec.stages.0.name", now=NOW
    )
    assert [(each["namespace"], each["name"]) for each in body["items"]] == [
        ("a-namespace", "z"),
        ("demo-05", "a"),
        ("demo-05", "b"),
    ]
    assert body["items"][1] == {
        "name": "a",
        "namespace": "demo-05",
        "phase": "Running",
        "ready": True,
        "readyReason": "ReconcileSucceeded",
        "age": "4m32s",
        "generation": 2,
        "value": "load",
    }


@pytest.mark.parametrize("path", ["spec.absent.x", "spec.stages.9", "spec.stages.name", "kind.x"])
def test_a_field_path_that_leads_nowhere_is_null(path: str):
    assert object_shapes.read_path(owner().manifest, path) is None


def test_detail_groups_children_by_kind_and_hides_bookkeeping():
    body = object_shapes.detail(controller(), owner(), leads=True, now=NOW)
    assert body["annotations"] == {"note": "kept"}
    assert [each["name"] for each in body["children"]["ConfigMap"]] == ["nightly-job"]
    assert body["eventsEndpoint"] == "/katalog/data-job/cr/demo-05/nightly/events"
    assert body["status"] == {"phase": "Running"}


def test_an_object_with_a_status_of_the_wrong_type_is_still_shown():
    strange = owner()
    strange = replace(strange, manifest={**strange.manifest, "status": "fine"})
    body = object_shapes.objects(controller(), [strange], leads=True, field="", now=NOW)
    assert body["items"][0]["phase"] == ""


def test_events_are_told_with_their_age():
    record = EventRecord(
        controller="data-job", api=controller().api, key=owner().key, uid="u", type="Warning",
        resource_version="1", reason="DataJobReconcileError", message="no such field",
    )  # fmt: skip
    recorded = [RecordedEvent(record=record, at=NOW - timedelta(seconds=45))]
    body = object_shapes.events(owner(), recorded, now=NOW)
    assert body["total"] == 1
    assert body["events"][0] == {
        "type": "Warning",
        "reason": "DataJobReconcileError",
        "message": "no such field",
        "source": "data-job",
        "object": "DataJob/nightly",
        "count": 1,
        "firstSeen": "2026-07-02T11:59:15Z",
        "lastSeen": "2026-07-02T11:59:15Z",
        "age": "45s",
    }


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("a", [(["a"], False)]),
        ("ns/a", [(["ns", "a"], False)]),
        ("ns/a/events", [(["ns", "a"], True)]),
        ("a/events", [(["a", "events"], False), (["a"], True)]),
        ("a/b/c", []),
        ("a/b/c/events", []),
    ],
)
def test_places_are_read_in_every_way_that_they_may_be_meant(place: str, expected: object):
    assert object_shapes.readings(place) == expected


@pytest.mark.parametrize(
    ("seconds", "go", "kubectl"),
    [
        (0, "0s", "0s"), (15, "15s", "15s"), (60, "1m0s", "60s"), (272, "4m32s", "4m32s"),
        (3600, "1h0m0s", "60m"), (4 * 3600, "4h0m0s", "4h"), (189877, "52h44m37s", "2d4h"),
        (20 * 86400, "480h0m0s", "20d"), (-5, "0s", "0s"),
    ],
)  # fmt: skip
def test_spans_are_written_as_go_and_kubectl_write_them(seconds: int, go: str, kubectl: str):
    assert (go_duration(seconds), age(seconds)) == (go, kubectl)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-07-02", "2026-07-02T11:00:00"])
def test_a_timestamp_that_is_none_has_no_age(text: str):
    assert age_of(text, NOW) == ""
