"""The leaves of the intermediate representation that the checks already make: expressions, crdFiles.

A module of its own, so that a check loads neither the rest of the representation nor the bundle.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from katalogc.expressions import Facts, Template
from katalogc.source import Span


class ExpressionIR(NamedTuple):
    """A parsed template, its text, its place and what is known of it without evaluating it."""

    template: Template
    text: str
    origin: Span
    facts: Facts


class CrdFileIR(NamedTuple):
    """A CustomResourceDefinition that the user wrote (`crdFile`), used as it stands."""

    manifest: dict[str, Any]
    file: str
