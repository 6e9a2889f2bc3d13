"""The leaves of the intermediate representation that the checks already make: expressions, crdFiles.

A module of its own, so that a check loads neither the rest of the representation nor the bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from katalogc.expressions import Facts, Template
from katalogc.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionIR:
    """A parsed template, its text, its place and what is known of it without evaluating it."""

    template: Template
    text: str
    origin: Span
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class CrdFileIR:
    """A CustomResourceDefinition that the user wrote (`crdFile`), used as it stands."""

    manifest: dict[str, Any]
    file: str
