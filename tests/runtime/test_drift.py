from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalog_runtime.drift import agree, fingerprint, matches
from katalog_runtime.projection import mask_of, merge_masks, project, trim, trim_child

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "env", "ports", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("intent", "observed"),
    [
        pytest.param({"a": 1}, {"a": 1, "b": 2}, id="defaulted-fields-do-not-count"),
        pytest.param({"a": 1}, {"a": 1.0}, id="numbers-by-value"),
        pytest.param({"targetPort": 80}, {"targetPort": "80"}, id="int-or-string-by-value"),
        pytest.param(
            {"limits": {"cpu": "1000m", "memory": "1024Mi"}},
            {"limits": {"cpu": "1", "memory": "1Gi"}},
            id="quantities-by-value",
        ),
        pytest.param({"limits": {"cpu": 2}}, {"limits": {"cpu": "2"}}, id="numeric-quantity"),
        pytest.param(
            {"containers": [{"name": "b", "image": "x"}]},
            {"containers": [{"name": "a"}, {"name": "b", "image": "x", "tty": False}]},
            id="injected-sidecar",
        ),
        pytest.param(
            {"ports": [{"containerPort": 80}]},
            {"ports": [{"containerPort": 80, "protocol": "TCP"}]},
            id="defaulted-key",
        ),
        pytest.param({"labels": {}, "b": False, "n": 0}, {}, id="empty-values-are-dropped"),
        pytest.param({"emptyDir": {}}, {"emptyDir": {"medium": ""}}, id="empty-object"),
        pytest.param({"rules": [{"verbs": ["get"]}]}, {"rules": [{"verbs": ["get"]}]}, id="list"),
    ],
)
def test_a12_what_the_server_would_have_made_of_it_matches(intent: Any, observed: Any) -> None:
    assert matches(intent, observed)


@pytest.mark.parametrize(
    ("intent", "observed"),
    [
        pytest.param({"a": 1}, {"a": 2}, id="other-value"),
        pytest.param({"a": True}, {"a": 1}, id="a-boolean-is-no-number"),
        pytest.param({"a": "x"}, {}, id="missing"),
        pytest.param({"data": {"v": "1.0"}}, {"data": {"v": "1"}}, id="text-is-no-quantity"),
        pytest.param({"limits": {"cpu": "1"}}, {"limits": {"cpu": "1500m"}}, id="quantity"),
        pytest.param({"args": ["a"]}, {"args": ["a", "b"]}, id="longer-list"),
        pytest.param({"env": [{"name": "A", "value": "1"}]}, {"env": []}, id="missing-item"),
        pytest.param({"a": {"b": 1}}, {"a": "b"}, id="other-type"),
        pytest.param({"a": [1]}, {"a": {"b": 1}}, id="no-list"),
    ],
)
def test_what_says_something_else_does_not_match(intent: Any, observed: Any) -> None:
    assert not matches(intent, observed)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(value=JSON)
def test_a_value_matches_itself_and_projects_onto_itself(value: Any) -> None:
    assert matches(value, value)
    assert project(value, value) == value
    assert trim(value, mask_of(value)) == value


@settings(max_examples=150, deadline=None, derandomize=True)
@given(intent=JSON, observed=JSON)
def test_trimming_to_what_an_intent_needs_does_not_change_its_projection(
    intent: Any, observed: Any
) -> None:
    mask = merge_masks(mask_of(intent), mask_of({"x": 1}))
    assert project(trim(observed, mask), intent) == trim(project(observed, intent), mask)


def test_a_sidecar_that_someone_injects_is_no_drift_and_a_changed_image_is() -> None:
    intent = {"spec": {"containers": [{"name": "worker", "image": "a"}]}}
    given_back = {"spec": {"containers": [{"name": "worker", "image": "a", "tty": False}]}}
    injected = {
        "spec": {"containers": [{"name": "proxy"}, {"name": "worker", "image": "a", "tty": True}]}
    }
    changed = {"spec": {"containers": [{"name": "worker", "image": "b", "tty": False}]}}
    assert agree(intent, given_back, injected)
    assert not agree(intent, given_back, changed)


def test_a_fingerprint_does_not_depend_on_the_order_of_keys() -> None:
    assert fingerprint({"a": 1, "b": [1, {"c": 2, "d": 3}]}) == fingerprint(
        {"b": [1, {"d": 3, "c": 2}], "a": 1}
    )


def test_w16_the_cache_keeps_identity_and_what_is_compared_and_nothing_else() -> None:
    observed = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "a",
            "namespace": "team",
            "uid": "u",
            "resourceVersion": "7",
            "labels": {"l": "1"},
            "managedFields": [{"manager": "someone"}] * 50,
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "x" * 10_000},
        },
        "data": {"TIMEOUT": "2h", "OTHER": "y" * 10_000},
        "binaryData": {"blob": "z" * 10_000},
    }
    assert trim_child(observed, {"metadata": {"name": True}, "data": {"TIMEOUT": True}}) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "a",
            "namespace": "team",
            "uid": "u",
            "resourceVersion": "7",
            "labels": {"l": "1"},
        },
        "data": {"TIMEOUT": "2h"},
    }
