"""The bundle's text: what is written is read back, and anything else is refused with its place."""

from __future__ import annotations

import bz2
import json
from dataclasses import replace
from typing import Any

import pytest

from katalog_runtime.bundle import (
    MOST_BYTES,
    Backoff,
    Bundle,
    BundleError,
    Permission,
    _digest,
    canonical_json,
    compress,
    dumps,
    loads,
)
from tests.runtime.bundles import OPERATOR, data_job

BUNDLE = Bundle(
    compiler="0.1.0",
    operator=OPERATOR,
    controllers=(data_job(workers=3, resync_seconds=15.0, backoff=Backoff()),),
    permissions=(Permission(group="", resource="events", verbs=("create",), reason="Events"),),
    pages={"data-job": "<p>"},
)


def changed(change: Any) -> str:
    """The bundle's text after `change` was made to its data, with a digest that fits."""
    data = json.loads(dumps(BUNDLE))
    change(data)
    data["digest"] = _digest(data)
    return canonical_json(data)


def _hole(data: Any) -> Any:
    return data["controllers"][0]["children"][0]["manifest"]["holes"][0]


def test_what_is_written_is_read_back() -> None:
    text = dumps(BUNDLE)
    again = loads(text)
    assert replace(again, digest="") == BUNDLE
    assert dumps(again) == text
    assert loads(compress(text)) == again


def test_what_is_at_its_default_is_not_written() -> None:
    (data,) = json.loads(dumps(BUNDLE))["controllers"]
    assert data["workers"] == 3
    assert "queueDepth" not in data
    assert "backoff" not in data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(extra=1), "extra: this runtime knows no such key"),
        (lambda data: data["operator"].pop("name"), "operator.name: it is missing"),
        (
            lambda data: data["controllers"][0].update(workers="3"),
            "controllers[0].workers: int is needed, '3' was found",
        ),
        (
            lambda data: data["controllers"][0].update(workers=True),
            "controllers[0].workers: int is needed, True was found",
        ),
        (
            lambda data: data["controllers"][0]["children"][0].update(phase="onDelete"),
            "controllers[0].children[0].phase: one of onCreate, onReconcile is needed, "
            "'onDelete' was found",
        ),
        (lambda data: data.update(controllers={}), "controllers: a list is needed, {} was found"),
        (lambda data: data.update(pages=[]), "pages: an object is needed, [] was found"),
        (
            lambda data: data["controllers"].append(data["controllers"][0]),
            "controllers[1].name: two controllers are called 'data-job'",
        ),
        (
            lambda data: data["controllers"][0]["api"].update(plural="../../secrets"),
            "controllers[0].api.plural: '../../secrets' is no part of a resource type",
        ),
        (
            lambda data: data["controllers"][0].update(workers=-3),
            "controllers[0].workers: -3 is not between 1 and 1000",
        ),
        (
            lambda data: data["controllers"][0].update(backoff={"initialSeconds": 0}),
            "controllers[0].backoff.initialSeconds: 0 is not between 0.001 and 3.1536e+08",
        ),
        (
            lambda data: _hole(data).update(path=["spec", 10**9]),
            "controllers[0].children[0].manifest.holes[0].path: a list has no item 1000000000",
        ),
        (
            lambda data: _hole(data).update(path=["kind", "x"]),
            "controllers[0].children[0].manifest.holes[0].path: 'x' leads into a str",
        ),
        (
            lambda data: _hole(data).update(path=[]),
            "controllers[0].children[0].manifest.holes[0].path: it is empty",
        ),
        (
            lambda data: data["controllers"][0]["children"][0]["manifest"].update(skeleton=5),
            "controllers[0].children[0].manifest.skeleton: it is no Kubernetes object",
        ),
        (
            lambda data: _hole(data)["expression"].update(tree=5),
            "controllers[0].children[0].manifest.holes[0].expression.tree: "
            "not an expression tree of format 1",
        ),
        (
            lambda data: _hole(data)["expression"]["tree"].update(rows=[["do", 0, 7]]),
            "controllers[0].children[0].manifest.holes[0].expression.tree: "
            "malformed expression tree: list index out of range",
        ),
    ],
)
def test_malformed_content_is_refused_with_its_place(change: Any, message: str) -> None:
    with pytest.raises(BundleError) as refused:
        loads(changed(change))
    assert str(refused.value) == f"the bundle is malformed at {message}"


def test_a_bundle_that_was_edited_by_hand_is_refused() -> None:
    with pytest.raises(BundleError, match="digest does not fit"):
        loads(dumps(BUNDLE).replace("data-platform", "other"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "executes katalog.bundle/v1, the bundle says 'list'"),
        ('{"format": "katalog.bundle/v2"}', "the bundle says 'katalog.bundle/v2'"),
        (b"BZh9garbage", "cannot be decompressed"),
        (compress(dumps(BUNDLE))[:-20], "its end is missing"),
        (bz2.compress(b" " * (MOST_BYTES + 1)), "larger than 64 MiB"),
        ("[" * 100_000, "nested too deeply"),
        (b"\xff\xfe", "is not JSON"),
        ('{"format": ' + "1" * 5000 + "}", "is not JSON"),
        ('{"format": "katalog.bundle/v1", "workers": NaN}', "NaN is no number"),
        ('{"format": "katalog.bundle/v1", "name": "\\ud800"}', "half a character"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_bundle_is_refused(text: str | bytes, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        loads(text)
