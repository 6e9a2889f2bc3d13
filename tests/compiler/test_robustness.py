"""Whatever the bytes: diagnostics, never an exception; every diagnostic points into its file."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from katalogc.compiler import Checked, check_file
from katalogc.source import SourceFile
from katalogc.yaml_reader import read
from tests.compiler.corpus import BAD, CorpusFiles

_SEEDS = [path.read_bytes() for path in BAD if "laughs" not in path.name]
_WORDS = [
    "apiVersion", "kind", "metadata", "spec", "crds", "operatorBox", "onCreate", "configMaps",
    "deployments", "secrets", "services", "jobs", "name", "data", "image", "imports", "motif",
    "with", "status", "fields", "path", "value", "env", "dependsOn", "labels", "reconcile",
    "workers", "queue", "crdFile", "apiTypes", "namespace", "notes", "functions", "setup",
]  # fmt: skip


class OneFile(CorpusFiles):
    """The given bytes, beside the corpus."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, name: str) -> bytes:
        return self._content if name == "bad/it.yaml" else super().read(name)


def check(content: bytes) -> Checked:
    checked = check_file("bad/it.yaml", OneFile(content))
    lines = content.decode("utf-8", "replace").count("\n") + 2
    for each in checked.diagnostics:
        assert each.message
        assert each.span.line >= 1
        assert each.span.column >= 1
        if each.span.file == "bad/it.yaml":
            assert each.span.line <= lines
    return checked


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    check(content)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(alphabet=" \t\n:-?,[]{}#&*!|>'\"%@`a1é\x85\u2028", max_size=80))
def test_any_yaml_punctuation(text: str) -> None:
    reading = read(SourceFile("k.yaml", text))
    assert reading.documents or reading.diagnostics


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sampled_from(_SEEDS), st.integers(0, 1000), st.binary(max_size=3), st.integers(0, 4))
def test_a_katalog_with_a_few_bytes_changed(
    seed: bytes, at: int, inserted: bytes, removed: int
) -> None:
    at = at % (len(seed) + 1)
    check(seed[:at] + inserted + seed[at + removed :])


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 70_000)
    | st.sampled_from(
        ["", "a", "{{ .spec.a }}", "{{ nope }}", "{{", "1h", "../motifs/workers.yaml"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_WORDS), inner, max_size=4)
    ),
    max_leaves=15,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(_VALUES, _VALUES)
def test_words_of_the_language_in_any_shape(entry: Any, box: Any) -> None:
    katalog = {
        "apiVersion": "orkestra.orkspace.io/v1",
        "kind": "Katalog",
        "metadata": {"name": "any"},
        "spec": {
            "crds": {
                "one": entry,
                "two": {
                    "apiTypes": {
                        "group": "a.example",
                        "version": "v1",
                        "kind": "A",
                        "plural": "as",
                    },
                    "operatorBox": box,
                },
            }
        },
    }
    check(json.dumps(katalog).encode())


@settings(max_examples=150, deadline=None, derandomize=True)
@given(_VALUES)
def test_any_katalog_or_motif(value: Any) -> None:
    for kind in ("Katalog", "Motif"):
        root = {"apiVersion": "orkestra.orkspace.io/v1", "kind": kind}
        if isinstance(value, dict):
            root.update(value)
            root["kind"] = kind
        check(json.dumps(root).encode())
