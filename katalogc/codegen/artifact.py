"""What generators give back: files as values. `katalogc.writer` puts them on a disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from katalogc.codegen.yaml_emitter import emit_stream


@dataclass(frozen=True, slots=True, order=True)
class Artifact:
    """One file of a build."""

    path: str
    """Relative, with `/` between its parts: `crds/datajobs.data.example.com.yaml`."""
    content: str
    """The file's text, ending in a newline."""


def yaml_artifact(path: str, *documents: Any, comment: str = "") -> Artifact:
    """An artifact that holds `documents` as one YAML stream, with a comment above the first."""
    return Artifact(path, emit_stream(documents, comment=comment))


def without_none(mapping: dict[str, Any]) -> dict[str, Any]:
    """`mapping` without the keys whose value is None: an absent field is absent, never null."""
    return {key: value for key, value in mapping.items() if value is not None}
