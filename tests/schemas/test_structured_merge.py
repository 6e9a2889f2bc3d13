"""Laws of server-side apply that hold for any object; the recordings hold the particulars."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from katalogc.localcluster.structured_merge import FieldConflict, apply, settle, update
from katalogc.localcluster.structured_merge.field_paths import (
    FieldsError,
    decode,
    display,
    encode,
)
from katalogc.localcluster.structured_merge.managers import Entry, cap_updates, key_for
from katalogc.localcluster.structured_merge.typed_values import compare, field_set, merge
from katalogc.localcluster.validation import crd_schema

CRD = {
    "metadata": {"name": "things.demo.io"},
    "spec": {
        "group": "demo.io",
        "names": {"plural": "things", "kind": "Thing"},
        "versions": [
            {
                "name": "v1",
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {
                                    "a": {"type": "string"},
                                    "n": {"type": "integer"},
                                    "m": {
                                        "type": "object",
                                        "additionalProperties": {"type": "string"},
                                    },
                                    "s": {
                                        "type": "array",
                                        "items": {"type": "string"},
                                        "x-kubernetes-list-type": "set",
                                    },
                                    "k": {
                                        "type": "array",
                                        "x-kubernetes-list-type": "map",
                                        "x-kubernetes-list-map-keys": ["name"],
                                        "items": {
                                            "type": "object",
                                            "properties": {
                                                "name": {"type": "string"},
                                                "v": {"type": "integer"},
                                            },
                                        },
                                    },
                                    "x": {"x-kubernetes-preserve-unknown-fields": True},
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}
SCHEMA = crd_schema(CRD, "v1")
LAW = settings(max_examples=30, deadline=None, derandomize=True)

names = st.sampled_from(["p", "q", "r"])
numbers = st.integers(0, 3)
keyed = st.lists(
    st.fixed_dictionaries({"name": names}, optional={"v": numbers}),
    max_size=3,
    unique_by=lambda item: item["name"],
)
anything = st.recursive(
    st.one_of(names, numbers, st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(names, inner, max_size=2)),
    max_leaves=4,
)
specs = st.fixed_dictionaries(
    {},
    optional={
        "a": names,
        "n": numbers,
        "m": st.dictionaries(names, names, min_size=1, max_size=3),
        "s": st.lists(names, min_size=1, max_size=3, unique=True),
        "k": keyed.filter(bool),
        "x": anything,
    },
)


def thing(spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "demo.io/v1",
        "kind": "Thing",
        "metadata": {"name": "t"},
        "spec": spec,
    }


def applied(
    live: dict[str, Any] | None, spec: dict[str, Any], manager: str = "m", *, force: bool = True
) -> dict[str, Any]:
    return apply(
        live,
        thing(spec),
        manager=manager,
        force=force,
        schema=SCHEMA,
        api_version="demo.io/v1",
        now="2026-01-01T00:00:00Z",
    )


def managers(manifest: dict[str, Any]) -> set[str]:
    return {row["manager"] for row in manifest["metadata"].get("managedFields", ())}


@LAW
@given(specs, specs)
def test_applying_the_same_again_gives_the_live_object_itself(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    live = applied(applied(None, first), second, "other")
    again = applied(live, second, "other", force=False)
    assert again is live


@LAW
@given(specs, specs)
def test_a_lone_manager_gets_exactly_what_it_applied_last(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    live = applied(applied(None, first), second)
    # A map that loses its last entry is left as null, in the real server too (see the recordings).
    assume("null" not in json.dumps(live["spec"]))
    assert field_set(live["spec"], SCHEMA.at("spec")) == field_set(second, SCHEMA.at("spec"))
    assert not compare(live["spec"], second, SCHEMA.at("spec")).modified


@LAW
@given(specs, specs)
def test_what_another_manager_applied_is_there_after_it_was_forced(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    live = applied(applied(None, first), second, "other")
    assert merge(live["spec"], second, SCHEMA.at("spec")) == live["spec"]


@LAW
@given(specs, specs)
def test_without_force_an_apply_conflicts_exactly_where_values_differ(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    live = applied(None, first)
    differs = merge(live["spec"], second, SCHEMA.at("spec"))
    owned = compare(live["spec"], differs, SCHEMA.at("spec"))
    if owned.modified:
        with pytest.raises(FieldConflict) as caught:
            applied(live, second, "other", force=False)
        assert {manager for manager, _ in caught.value.pairs} == {"m"}
    else:
        merged = applied(live, second, "other", force=False)
        assert merge(merged["spec"], first, SCHEMA.at("spec")) == merged["spec"]


@LAW
@given(specs, specs)
def test_an_update_owns_what_it_changed_and_arguments_stay_as_they_were(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    live = applied(None, first)
    before = repr(live)
    new = {**live, "spec": second}
    after = update(
        live,
        new,
        manager="u",
        schema=SCHEMA,
        api_version="demo.io/v1",
        now="2026-01-02T00:00:00Z",
    )
    difference = compare(first, second, SCHEMA.at("spec"))
    assert ("u" in managers(after)) == bool(difference.added or difference.modified)
    assert repr(live) == before
    assert after["spec"] == second


@LAW
@given(specs)
def test_field_sets_survive_their_notation(spec: dict[str, Any]) -> None:
    paths = field_set(thing(spec), SCHEMA)
    assert decode(encode(paths)) == paths


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"f:a": 1}, id="no-object"),
        pytest.param({"x:a": {}}, id="unknown-prefix"),
        pytest.param({"k:[]": {}}, id="key-is-no-object"),
        pytest.param({"v:{": {}}, id="broken-json"),
    ],
)
def test_a_broken_notation_is_refused(fields: Any) -> None:
    with pytest.raises(FieldsError):
        decode(fields)


def test_keys_are_read_in_any_spelling() -> None:
    assert decode({'k:{ "b": 1, "a": "x" }': {}}) == {('k:{"a":"x","b":1}',)}


def test_paths_are_displayed_as_in_conflict_messages() -> None:
    path = ("f:spec", 'k:{"containerPort":80,"protocol":"TCP"}', "f:name", 'v:"x"', "i:3")
    assert display(path) == '.spec[containerPort=80,protocol="TCP"].name[="x"][3]'


def test_only_time_stamps_are_no_change() -> None:
    live = applied(None, {"a": "p"})
    rows = [{**row, "time": "2030-01-01T00:00:00Z"} for row in live["metadata"]["managedFields"]]
    later = {**live, "metadata": {**live["metadata"], "managedFields": rows}}
    assert settle(live, later) is live
    assert settle(live, {**later, "spec": {}}) is not live


def test_true_is_not_one() -> None:
    assert compare({"x": True}, {"x": 1}, None).modified == {("f:x",)}
    assert not compare({"x": 1.0}, {"x": 1}, None).modified


def test_the_oldest_updaters_are_merged_when_there_are_too_many() -> None:
    table = {
        key_for(f"m{number:02}", "Update", "v1", ""): Entry(
            frozenset({(f"f:{number}",)}), "v1", f"2026-01-01T00:00:{number:02}Z"
        )
        for number in range(13)
    }
    capped = cap_updates(table)
    oldest = capped[key_for("ancient-changes", "Update", "v1", "")]
    assert len(capped) == 10
    assert oldest.paths == {("f:0",), ("f:1",), ("f:2",), ("f:3",)}
    assert oldest.time == "2026-01-01T00:00:03Z"
