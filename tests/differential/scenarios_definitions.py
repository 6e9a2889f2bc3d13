"""Custom types with all that a definition can say: versions, scale, nullable, embedded, lists."""

from __future__ import annotations

from typing import Any

from tests.differential.scenarios_types import DEFINITIONS, TABLE
from tests.differential.steps import (
    Scenario,
    Step,
    apply,
    bare,
    create,
    delete,
    get,
    json_patch,
    merge,
    put,
    strategic,
    watch,
)

GROUP = "c.diff.katalogc.dev"
GAUGES = f"/apis/{GROUP}/v1/namespaces/{{ns}}/gauges"
BETA = f"/apis/{GROUP}/v1beta1/namespaces/{{ns}}/gauges"
PAIRS_1 = f"/apis/f.{GROUP}/v1/namespaces/{{ns}}/pairs"
PAIRS_2 = f"/apis/f.{GROUP}/v2/namespaces/{{ns}}/pairs"
PLAIN = f"/apis/{GROUP}/v1/plains"

_ITEM: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "port": {"type": "integer", "default": 80},
        "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
    },
}
GAUGE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "replicas": {"type": "integer", "format": "int32"},
                "maybe": {"type": "string", "nullable": True},
                "never": {"type": "string"},
                "either": {"x-kubernetes-int-or-string": True},
                "when": {"type": "string", "format": "date-time"},
                "ratio": {"type": "number", "exclusiveMinimum": True, "minimum": 0,
                          "multipleOf": 2},
                "labels": {"type": "object", "additionalProperties": {"type": "string"},
                           "maxProperties": 2},
                "atomic": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {
                    "a": {"type": "string"}, "b": {"type": "string"}}},
                "parts": {"type": "array", "items": _ITEM, "x-kubernetes-list-type": "map",
                          "x-kubernetes-list-map-keys": ["name"]},
                "plain": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                "set": {"type": "array", "items": {"type": "integer"},
                        "x-kubernetes-list-type": "set"},
                "nested": {"type": "object", "default": {}, "properties": {
                    "deep": {"type": "string", "default": "d"}}},
                "template": {"type": "object", "x-kubernetes-embedded-resource": True,
                             "x-kubernetes-preserve-unknown-fields": True},
            },
        },
        "status": {"type": "object", "properties": {
            "replicas": {"type": "integer"}, "selector": {"type": "string"},
            "conditions": {"type": "array", "x-kubernetes-list-type": "map",
                           "x-kubernetes-list-map-keys": ["type"], "items": {
                               "type": "object", "required": ["type", "status"], "properties": {
                                   "type": {"type": "string"}, "status": {"type": "string"}}}}}},
    },
}  # fmt: skip
_COLUMNS = [
    {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"},
    {"name": "Ready", "type": "string", "jsonPath":
     '.status.conditions[?(@.type=="Ready")].status', "priority": 1},
    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
]  # fmt: skip


def _version(name: str, *, storage: bool, **more: Any) -> dict[str, Any]:
    return {"name": name, "served": True, "storage": storage,
            "schema": {"openAPIV3Schema": GAUGE}, **more}  # fmt: skip


def _differing(name: str, *fields: str, storage: bool = False) -> dict[str, Any]:
    spec = {"type": "object", "properties": {each: {"type": "string"} for each in fields}}
    spec["properties"]["size"] = {"type": "string", "default": name}
    status = {"type": "object", "properties": {"phase": {"type": "string"}}}
    properties = {"spec": spec, "status": status}
    return {"name": name, "served": True, "storage": storage, "subresources": {"status": {}},
            "schema": {"openAPIV3Schema": {"type": "object", "properties": properties}}}  # fmt: skip


def _definition(
    plural: str, kind: str, scope: str, *versions: dict[str, Any], group: str = GROUP
) -> dict[str, Any]:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "scope": scope, "names": {"plural": plural, "kind": kind},
                 "versions": list(versions)},
    }  # fmt: skip


_PARTS = {
    "status": {},
    "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
              "labelSelectorPath": ".status.selector"},
}  # fmt: skip
TYPES = (
    _definition(
        "gauges", "Gauge", "Namespaced",
        _version("v1", storage=True, subresources=_PARTS, additionalPrinterColumns=_COLUMNS),
        _version("v1beta1", storage=False, subresources=_PARTS, deprecated=True,
                 deprecationWarning="use v1")),
    _definition("plains", "Plain", "Cluster", {
        "name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
            "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}),
    _definition("dials", "Dial", "Namespaced", _version("v1", storage=True),
                _version("v2", storage=False), group=f"e.{GROUP}"),
    _definition("pairs", "Pair", "Namespaced", _differing("v1", "both", "old"),
                _differing("v2", "both", "new", storage=True), group=f"f.{GROUP}"),
)  # fmt: skip


def gauge(name: str, version: str = "v1", /, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": f"{GROUP}/{version}", "kind": "Gauge", "metadata": {"name": name},
            "spec": spec}  # fmt: skip


def _conditions(*statuses: tuple[str, str]) -> dict[str, Any]:
    listed = [{"type": name, "status": status} for name, status in statuses]
    return {"apiVersion": f"{GROUP}/v1", "kind": "Gauge", "metadata": {"name": "g"},
            "status": {"conditions": listed}}  # fmt: skip


def _broken(**changes: Any) -> Step:
    manifest = _definition("widgets", "Broken", "Namespaced", _version("v1", storage=True))
    manifest["metadata"]["name"] = f"widgets.d.{GROUP}"
    manifest["spec"].update({"group": f"d.{GROUP}", **changes})
    return create(DEFINITIONS, manifest)


CHANGING = f"{DEFINITIONS}/dials.e.{GROUP}"


def _schema(**spec: Any) -> list[dict[str, Any]]:
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {
        "field": spec}}}}  # fmt: skip
    return [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}]


def pair(name: str, version: str, **spec: str) -> dict[str, Any]:
    return {"apiVersion": f"f.{GROUP}/{version}", "kind": "Pair", "metadata": {"name": name},
            "spec": spec}  # fmt: skip


SCENARIOS = (
    Scenario(
        name="schemas",
        steps=(
            create(GAUGES, gauge("g")),
            create(GAUGES, gauge("n", maybe=None, never=None)),
            create(GAUGES, gauge("e", either=5)),
            create(GAUGES, gauge("f", either="5")),
            create(GAUGES, gauge("x", either=True)),
            create(GAUGES, gauge("x", when="yesterday")),
            create(GAUGES, gauge("x", ratio=0)),
            create(GAUGES, gauge("x", ratio=3)),
            create(GAUGES, gauge("r", ratio=4.0)),
            create(GAUGES, gauge("x", replicas=2**40)),
            create(GAUGES, gauge("x", replicas=1.5)),
            create(GAUGES, gauge("x", labels={"a": "1", "b": "2", "c": "3"})),
            create(GAUGES, gauge("x", labels={"a": 1})),
            create(GAUGES, gauge("x", labels=[])),
            create(GAUGES, gauge("x", plain=[])),
            create(GAUGES, gauge("x", plain="text")),
            create(GAUGES, gauge("x", set=[1, 2, 1])),
            create(GAUGES, gauge("x", parts=[{"name": "a", "tags": ["t", "t"]}])),
            create(GAUGES, gauge("x", parts=[{"name": "a", "port": "p"}, {"port": 1}])),
            create(GAUGES, gauge("x", template={"kind": "Pod"})),
            create(GAUGES, gauge("t", template={
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "odd": 1},
                "free": 1})),
            create(GAUGES, gauge("x", template={
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "Bad_Name"}})),
            create(GAUGES, {**gauge("x"), "spec": None}),
            create(GAUGES, {**gauge("x"), "spec": "text"}),
            create(GAUGES, {**gauge("x"), "extra": {"a": 1}}, fieldValidation="Strict"),
            create(GAUGES, {**gauge("x"), "metadata": {"name": "x", "labels": {"a": 1}}}),
            create(GAUGES, {**gauge("x"), "metadata": {"name": "x", "odd": 1}},
                   fieldValidation="Strict"),
            create(GAUGES, {**gauge("Bad_Name")}),
            create(GAUGES, {"kind": "Gauge", "metadata": {"name": "x"}}),
            # The text quotes the body as it was written.
            bare(create(GAUGES, {"apiVersion": f"{GROUP}/v1", "metadata": {"name": "x"}})),
            create(GAUGES, {"apiVersion": f"{GROUP}/v1beta1", "kind": "Gauge",
                            "metadata": {"name": "x"}}),
            create(GAUGES, {"apiVersion": f"{GROUP}/v1", "kind": "Other",
                            "metadata": {"name": "x"}}),
            merge(f"{GAUGES}/g", {"spec": {"nested": None}}),
            merge(f"{GAUGES}/g", {"spec": {"maybe": "m", "odd": 1}}),
            merge(f"{GAUGES}/g", {"spec": {"replicas": "x"}}),
            json_patch(f"{GAUGES}/g", {"op": "remove", "path": "/spec"}),
            json_patch(f"{GAUGES}/g", {"op": "remove", "path": "/absent"}),
            strategic(f"{GAUGES}/g", {"spec": {}}),
            put(f"{GAUGES}/g", {**gauge("g", maybe="p"), "metadata": {
                "name": "g", "resourceVersion": "{resourceVersion:33}"}}),
        ),
    ),
    Scenario(
        name="versions",
        watch=BETA,
        steps=(
            create(GAUGES, gauge("g", replicas=1)),
            get(f"{BETA}/g"),
            create(BETA, gauge("b", "v1beta1", replicas=2)),
            merge(f"{BETA}/g", {"spec": {"replicas": 3}}),
            get(f"{GAUGES}/b"),
            apply(f"{GAUGES}/g", gauge("g", replicas=3), "first"),
            apply(f"{BETA}/g", gauge("g", "v1beta1", replicas=4), "first"),
            apply(f"{BETA}/g", gauge("g", "v1beta1", replicas=5), "second"),
            get(f"{GAUGES}/g"),
            get(f"/apis/{GROUP}"),
            get(f"/apis/{GROUP}/v1beta1"),
            get(f"{DEFINITIONS}/gauges.{GROUP}", only=("kind", "spec")),
            delete(f"{BETA}/b"),
        ),
    ),
    Scenario(
        name="versions-that-differ",
        watch=PAIRS_1,
        steps=(
            create(PAIRS_2, pair("p", "v2", both="b", new="n")),
            get(f"{PAIRS_1}/p"),
            merge(f"{PAIRS_1}/p/status", {"status": {"phase": "Running"}}),
            get(f"{PAIRS_2}/p"),
            create(PAIRS_1, pair("q", "v1", both="b", old="o")),
            get(f"{PAIRS_1}/q"),
            get(f"{PAIRS_2}/q"),
            create(PAIRS_2, pair("r", "v2", both="b", new="n")),
            merge(f"{PAIRS_1}/r", {"metadata": {"labels": {"a": "b"}}}),
            merge(f"{PAIRS_1}/r", {"spec": {"both": "c"}}),
            get(f"{PAIRS_2}/r"),
            apply(f"{PAIRS_1}/s", pair("s", "v1", both="b", old="o"), "first"),
            get(PAIRS_1),
            get(PAIRS_2),
            delete(f"{PAIRS_1}/p"),
        ),
    ),
    Scenario(
        name="scale",
        steps=(
            create(GAUGES, gauge("g", replicas=2)),
            create(GAUGES, gauge("none")),
            merge(f"{GAUGES}/g/status", {"status": {"replicas": 1, "selector": "a=b"}}),
            get(f"{GAUGES}/g/scale"),
            get(f"{GAUGES}/none/scale"),
            get(f"{GAUGES}/absent/scale"),
            merge(f"{GAUGES}/g/scale", {"spec": {"replicas": 5}}, fieldManager="scaler"),
            merge(f"{GAUGES}/g/scale", {"spec": {"replicas": -5}}),
            # The text quotes the Scale, with managed fields translated for it.
            bare(merge(f"{GAUGES}/g/scale", {"spec": {"replicas": "x"}})),
            json_patch(f"{GAUGES}/g/scale", {"op": "replace", "path": "/spec/replicas",
                                             "value": 6}),
            put(f"{GAUGES}/g/scale", {"apiVersion": "autoscaling/v1", "kind": "Scale",
                                      "metadata": {"name": "g"}, "spec": {"replicas": 7}}),
            get(f"{GAUGES}/g"),
            get(f"{GAUGES}/g", accept=TABLE, includeObject="None"),
        ),
    ),
    Scenario(
        name="apply-custom",
        watch=GAUGES,
        steps=(
            apply(f"{GAUGES}/g", gauge("g", parts=[{"name": "a"}, {"name": "b", "port": 1}],
                                       set=[1, 2], atomic={"a": "1"}), "first"),
            apply(f"{GAUGES}/g", gauge("g", parts=[{"name": "c"}], set=[3],
                                       labels={"x": "y"}), "second"),
            apply(f"{GAUGES}/g", gauge("g", parts=[{"name": "a", "port": 9}]), "second"),
            apply(f"{GAUGES}/g", gauge("g", atomic={"b": "2"}), "second"),
            apply(f"{GAUGES}/g", gauge("g", atomic={"b": "2"}), "second", force="true"),
            apply(f"{GAUGES}/g", gauge("g", parts=[{"name": "b", "port": 1}], set=[2]), "first"),
            apply(f"{GAUGES}/g", gauge("g", parts=[{"name": "b"}, {"name": "b"}]), "first"),
            apply(f"{GAUGES}/g", gauge("g", parts=[{"port": 5}]), "first"),
            apply(f"{GAUGES}/g", gauge("g", replicas="x"), "first"),
            apply(f"{GAUGES}/g", gauge("g", odd=1), "first"),
            apply(f"{GAUGES}/g", gauge("g", nested=None), "first"),
            apply(f"{GAUGES}/g", {**gauge("g"), "metadata": {
                "name": "g", "labels": {"a": "b"}, "finalizers": ["example.com/x"]}}, "meta"),
            apply(f"{GAUGES}/g", {**gauge("g"), "metadata": {"name": "g"}}, "meta"),
            merge(f"{GAUGES}/g", {"spec": {"parts": []}}, fieldManager="by-hand"),
            apply(f"{GAUGES}/g", gauge("g"), "second"),
            get(f"{GAUGES}/g"),
        ),
    ),
    Scenario(
        name="apply-status",
        steps=(
            apply(f"{GAUGES}/g/status", _conditions(("Ready", "True"))),
            apply(f"{GAUGES}/g", gauge("g", replicas=1), "first"),
            apply(f"{GAUGES}/g/status", _conditions(("Ready", "True")), "first"),
            apply(f"{GAUGES}/g/status", _conditions(("Ready", "True")), "first"),
            apply(f"{GAUGES}/g/status", _conditions(("Other", "False")), "second"),
            apply(f"{GAUGES}/g/status", _conditions(("Ready", "False")), "second"),
            merge(f"{GAUGES}/g/status", _conditions(("Ready", "False")), fieldManager="hand"),
            apply(f"{GAUGES}/g/status", _conditions(("Ready", "True")), "first"),
            apply(f"{GAUGES}/g/status", _conditions(), "first", force="true"),
            put(f"{GAUGES}/g/status", {**_conditions(("P", "True")), "metadata": {
                "name": "g", "resourceVersion": "{resourceVersion:6}"}}),
            apply(f"{GAUGES}/g/status", {**_conditions(("Q", "True")), "spec": {"replicas": 8}},
                  "first"),
            get(f"{GAUGES}/g/status"),
        ),
    ),
    Scenario(
        name="free-form",
        steps=(
            create(PLAIN, {"apiVersion": f"{GROUP}/v1", "kind": "Plain",
                           "metadata": {"name": "p"}, "anything": [{"a": None}, 1.0, 2.5]}),
            merge(f"{PLAIN}/p", {"status": {"a": 1}}),
            merge(f"{PLAIN}/p", {"anything": {"b": []}}),
            apply(f"{PLAIN}/p", {"apiVersion": f"{GROUP}/v1", "kind": "Plain",
                                 "metadata": {"name": "p"}, "anything": {"b": [], "c": {"d": 1}}},
                  force="true"),
            get(f"{PLAIN}/p/status"),
            get(f"{PLAIN}/p", accept=TABLE, includeObject="None"),
            watch(PLAIN, resourceVersion="{resourceVersion:0}"),
            delete(PLAIN),
        ),
    ),
    Scenario(
        name="changing-definitions",
        steps=(
            get(CHANGING),
            merge(CHANGING, {"spec": {"scope": "Cluster"}}),
            merge(CHANGING, {"spec": {"names": {"kind": "Other"}}}),
            merge(CHANGING, {"spec": {"group": "other.example.com"}}),
            merge(CHANGING, {"spec": {"versions": [_version("v2", storage=True)]}}),
            merge(CHANGING, {"spec": {"versions": [
                _version("v1", storage=False), _version("v2", storage=True)]}}),
            merge(f"{CHANGING}/status", {"status": {"storedVersions": ["v1"]}}),
            merge(f"{CHANGING}/status", {"status": {"storedVersions": ["v2"]}}),
            merge(CHANGING, {"spec": {"versions": [_version("v2", storage=True)]}}),
            get(CHANGING, only=("spec",)),
        ),
    ),
    Scenario(
        name="broken-definitions",
        steps=(
            _broken(scope="Everywhere"),
            _broken(names={"plural": "Widgets", "kind": "Broken"}),
            _broken(names={"plural": "widgets"}),
            _broken(versions=[]),
            _broken(versions=[_version("v1", storage=False)]),
            _broken(versions=[_version("v1", storage=True), _version("v2", storage=True)]),
            _broken(versions=[_version("v1", storage=True), _version("v1", storage=False)]),
            _broken(versions=[_version("Bad", storage=True)]),
            _broken(versions=[{"name": "v1", "served": True, "storage": True}]),
            _broken(versions=_schema()),
            _broken(versions=_schema(type="odd")),
            _broken(versions=_schema(type="array")),
            _broken(versions=_schema(type="string", properties={"a": {"type": "string"}})),
            _broken(versions=_schema(type="string", default=5)),
            _broken(versions=_schema(type="string", pattern="(")),
            _broken(versions=_schema(type="object", properties={"a": {"type": "string"}},
                                     additionalProperties={"type": "string"})),
            _broken(versions=_schema(type="array", items={"type": "object"}, **{
                "x-kubernetes-list-type": "map"})),
            _broken(versions=_schema(type="array", items={"type": "object"}, **{
                "x-kubernetes-list-type": "set"})),
            _broken(versions=_schema(type="array", items={"type": "string"}, uniqueItems=True)),
            _broken(versions=_schema(type="string", **{"$ref": "#/x"})),
            _broken(versions=_schema(type="string", nullable=True, enum=["a", "a"])),
        ),
    ),
)  # fmt: skip
