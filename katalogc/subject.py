"""One merged Katalog with all that is known of it: what checks look at and `lower` translates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from katalogc.api_types import ResolvedType
from katalogc.expression_table import ExpressionTable
from katalogc.located import Located
from katalogc.schema import CrdEntry, Katalog


class Subject(NamedTuple):
    """A parsed Katalog, its tree, its types and its expressions."""

    katalog: Katalog
    root: Located
    """The merged tree; paths in it are those of the models."""
    types: Mapping[str, ResolvedType]
    """By CRD name; entries whose type is not known are missing."""
    table: ExpressionTable

    def enabled(self) -> Iterator[tuple[str, CrdEntry, Located]]:
        """The entries that are built: name, model, place."""
        for name, entry in self.katalog.spec.crds.items():
            if entry.enabled:
                yield name, entry, self.root.nearest("spec", "crds", name)
