"""The children of a Katalog as checks see them: model, place, kind, phase. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from katalogc.expression_table import Parsed
from katalogc.ir_leaves import ExpressionIR
from katalogc.located import Located
from katalogc.schema import CrdEntry
from katalogc.schema.entry import Entry
from katalogc.schema.kinds import KINDS, ChildKind
from katalogc.source import YamlPath
from katalogc.subject import Subject


class Child(NamedTuple):
    """One child entry."""

    subject: Subject
    crd: str
    crd_entry: CrdEntry
    phase: str
    kind: ChildKind
    entry: Entry
    path: YamlPath
    """In the merged tree."""

    @property
    def node(self) -> Located:
        """The entry in the merged tree."""
        return self.subject.root.nearest(*self.path)

    @property
    def is_kept_in_sync(self) -> bool:
        """Whether it is rendered again after it was created."""
        once = bool(getattr(self.entry, "once", False))
        wanted = self.phase == "onReconcile" or self.entry.reconcile
        return wanted and not once and not self.kind.create_only

    def value(self, *path: str | int) -> ExpressionIR | str | None:
        """A field's expression or constant text; None where it is absent or could not be parsed."""
        return value_at(self.subject, (*self.path, *path))

    def constant(self, *path: str | int) -> str | None:
        """A field's text, if it is written and no expression."""
        value = self.value(*path)
        return value if isinstance(value, str) else None

    def place(self, *path: str | int) -> Located:
        """Where a field's text was written: in the importer, where a motif's text is one input."""
        parsed = self.subject.table.by_path.get((*self.path, *path))
        return parsed.place if parsed is not None else self.node.nearest(*path)


def value_at(subject: Subject, path: YamlPath) -> ExpressionIR | str | None:
    """The expression or constant at a path of the merged tree."""
    parsed: Parsed | None = subject.table.by_path.get(path)
    if parsed is not None:
        return parsed.value
    if path in subject.table.failed:
        return None
    node = subject.root.at(*path)
    return node.text if node is not None and not isinstance(node.value, dict | list) else None


def children(subject: Subject) -> Iterator[Child]:
    """Every child of every entry that is built, in the order of the document."""
    for name, entry, _ in subject.enabled():
        box = entry.operator_box
        for phase, resources in (("onCreate", box.on_create), ("onReconcile", box.on_reconcile)):
            for kind in KINDS:
                for index, child in enumerate(getattr(resources, kind.field)):
                    path: YamlPath = (
                        "spec", "crds", name, "operatorBox", phase, kind.block, index,
                    )  # fmt: skip
                    yield Child(subject, name, entry, phase, kind, child, path)
