"""JSON patch, merge patch and strategic merge patch beyond the recordings."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalogc.localcluster.patches import PatchError, json_patch, merge_patch, strategic_merge_patch
from katalogc.openapi import catalogue

LAW = settings(max_examples=40, deadline=None, derandomize=True)
keys = st.sampled_from(["a", "b", "c"])
documents = st.recursive(
    st.one_of(st.integers(0, 3), st.booleans(), st.text("xy", max_size=2)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=6,
)
objects = st.dictionaries(keys, documents, max_size=3)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return value


@LAW
@given(objects, objects)
def test_a_merge_patch_twice_is_a_merge_patch_once(document: Any, patch: Any) -> None:
    once = merge_patch(document, patch)
    assert merge_patch(once, patch) == once


@LAW
@given(objects)
def test_merging_into_nothing_gives_the_patch(patch: Any) -> None:
    assert merge_patch({}, patch) == _without_nulls(patch)


@LAW
@given(objects, objects)
def test_without_lists_to_merge_a_strategic_patch_is_a_merge_patch(
    document: Any, patch: Any
) -> None:
    assert strategic_merge_patch(document, patch, None) == merge_patch(document, patch)


@LAW
@given(objects, keys, documents)
def test_add_then_remove_restores_and_never_touches_the_argument(
    document: Any, key: str, value: Any
) -> None:
    before = copy.deepcopy(document)
    added = json_patch(document, [{"op": "add", "path": f"/{key}", "value": value}])
    assert added[key] == value
    removed = json_patch(added, [{"op": "remove", "path": f"/{key}"}])
    assert removed == {name: each for name, each in document.items() if name != key}
    assert document == before


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        pytest.param([{"op": "add", "path": "/l/-", "value": 3}], {"l": [1, 2, 3]}, id="append"),
        pytest.param([{"op": "add", "path": "/l/1", "value": 9}], {"l": [1, 9, 2]}, id="insert"),
        pytest.param([{"op": "replace", "path": "", "value": {"n": 1}}], {"n": 1}, id="whole"),
        pytest.param([{"op": "move", "from": "/l/0", "path": "/l/1"}], {"l": [2, 1]}, id="move"),
        pytest.param([{"op": "remove", "path": "/l/-1"}], {"l": [1]}, id="negative-index"),
        pytest.param(
            [{"op": "add", "path": "/~01~1", "value": 1}], {"l": [1, 2], "~1/": 1}, id="escapes"
        ),
    ],
)
def test_json_patch_operations(operations: Any, expected: Any) -> None:
    assert json_patch({"l": [1, 2]}, operations) == expected


def test_all_operations_or_none() -> None:
    document = {"a": 1}
    with pytest.raises(PatchError) as caught:
        json_patch(
            document,
            [{"op": "add", "path": "/b", "value": 2}, {"op": "test", "path": "/a", "value": True}],
        )
    assert caught.value.status == 422
    assert caught.value.detail == "testing value /a failed: test failed"
    assert document == {"a": 1}


def test_too_many_operations_are_413() -> None:
    with pytest.raises(PatchError, match=r"maximum operations in a JSON patch is 10000") as caught:
        json_patch({}, [{"op": "add", "path": "/a", "value": 1}] * 10_001)
    assert caught.value.status == 413


def test_items_of_the_server_keep_their_place_between_ordered_ones() -> None:
    schema = catalogue().schema("apps", "v1", "Deployment").at("spec", "template", "spec")
    live = {"containers": [{"name": name} for name in ("a", "sidecar", "b")]}
    patch = {
        "$setElementOrder/containers": [{"name": "b"}, {"name": "c"}, {"name": "a"}],
        "containers": [{"name": "c", "image": "i"}],
    }
    merged = strategic_merge_patch(live, patch, schema)
    assert [each["name"] for each in merged["containers"]] == ["sidecar", "b", "c", "a"]
