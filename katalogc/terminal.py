"""Where reports go: diagnostics to stderr, data to stdout, colour only on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence

from katalog_runtime.version import __version__
from katalogc import report
from katalogc.compiler import DocumentSummary
from katalogc.diagnostics import Diagnostic
from katalogc.errors import SurroundingsError
from katalogc.source import SourceFile

_STYLES = {
    "error": "bold red", "warning": "bold yellow", "info": "bold blue", "bold": "bold",
    "gutter": "blue", "help": "bold cyan",
}  # fmt: skip


def check_format(name: str) -> None:
    """Refuse an unknown output format.

    Raises:
        SurroundingsError: with the formats that there are.
    """
    if name not in report.FORMATS:
        known = ", ".join(report.FORMATS)
        raise SurroundingsError(f"--format {name}: there is no such format; formats are {known}")


def show(
    format: str,
    diagnostics: Sequence[Diagnostic],
    sources: Mapping[str, SourceFile],
    documents: Iterable[DocumentSummary] = (),
) -> None:
    """Print diagnostics: JSON and SARIF to stdout, everything else to stderr."""
    if format == "json":
        _out(report.dumps(report.as_json(diagnostics, documents)))
    elif format == "sarif":
        _out(report.dumps(report.sarif(diagnostics, __version__)))
    elif format == "github":
        for line in report.github(diagnostics):
            _out(line)
    elif format == "concise":
        _pieces(report.concise(diagnostics))
    else:
        _pieces(report.text(diagnostics, sources))


def say(line: str) -> None:
    """One line to stderr."""
    sys.stderr.write(line + "\n")


def _out(line: str) -> None:
    sys.stdout.write(line + "\n")


def _pieces(pieces: Iterable[report.Piece]) -> None:
    if not sys.stderr.isatty() or os.environ.get("NO_COLOR"):
        sys.stderr.write("".join(text for _, text in pieces))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(
        Text.assemble(*((text, _STYLES.get(style, "")) for style, text in pieces)), end=""
    )
