"""Katalogs in memory: files by name, and one-entry Katalogs around a block of children."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import indent

from katalogc.compiler import check_file, lower_file
from katalogc.diagnostics import Severity
from katalogc.ir import ChildIR, ControllerIR


class TextFiles:
    """Files that a test writes down."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def read(self, name: str) -> bytes:
        if name not in self._texts:
            raise FileNotFoundError(2, "No such file or directory", name)
        return self._texts[name].encode()


def katalog(entry: str, more: str = "") -> str:
    """A Katalog with the type `Order`, whose entry goes on with `entry`."""
    return (
        "apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nmetadata: {name: shop}\n"
        + more
        + "spec:\n  crds:\n    order:\n"
        + "      apiTypes: {group: shop.example.com, version: v1, kind: Order, plural: orders}\n"
        + indent(entry, "      ")
    )


def controller(entry: str, more: str = "", files: Mapping[str, str] | None = None) -> ControllerIR:
    """The representation of the one entry of `katalog(entry)`, which must have no errors."""
    texts = TextFiles({"katalog.yaml": katalog(entry, more), **(files or {})})
    errors = [
        each
        for each in check_file("katalog.yaml", texts).diagnostics
        if each.severity is not Severity.INFO
    ]
    assert errors == []
    operator = lower_file("katalog.yaml", texts)
    assert operator is not None
    return operator.controllers[0]


def children(block: str, phase: str = "onReconcile") -> tuple[ChildIR, ...]:
    """The children of a block such as `configMaps: [...]`."""
    return controller(f"operatorBox:\n  {phase}:\n{indent(block, '    ')}").children
