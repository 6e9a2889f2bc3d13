"""Where a part of the operator was written, in a form that is the same on every machine.

A build must not depend on the folder it was started from: file names in artefacts are relative to
the Katalog's own folder (`katalog.yaml:12:9`, `../motifs/worker-pool/motif.yaml:25:7`).
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from katalogc.ir import OperatorIR
from katalogc.source import Span


@dataclass(frozen=True, slots=True)
class Origins:
    """The way from the names that the user gave to names relative to the Katalog."""

    folder: str
    """The Katalog's folder, as the user named it."""

    @classmethod
    def of(cls, ir: OperatorIR) -> Origins:
        """The origins of an operator: its first CRD entry stands in the Katalog."""
        file = ir.controllers[0].origin.file if ir.controllers else ""
        return cls(posixpath.dirname(file))

    def file(self, span: Span) -> str:
        """The file of a span, relative to the Katalog's folder."""
        if posixpath.isabs(span.file) != posixpath.isabs(self.folder) or not span.file:
            return posixpath.basename(span.file)
        return posixpath.relpath(posixpath.join("/", span.file), posixpath.join("/", self.folder))

    def place(self, span: Span) -> str:
        """`file:line:column` of a span's first character."""
        return f"{self.file(span)}:{span.line}:{span.column}"

    def line(self, span: Span) -> str:
        """`file:line`, for people."""
        return f"{self.file(span)}:{span.line}"
