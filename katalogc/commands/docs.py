"""`katalogc docs`: a documentation page for each custom resource, as HTML and as Markdown."""

from __future__ import annotations

from pathlib import Path

from katalogc.compiler import compile_path
from katalogc.terminal import say, show
from katalogc.writer import write


def run(path: str, output: str) -> int:
    """Write `<crd>.html`, `<crd>.md` and an index of both into `output`.

    Raises:
        SurroundingsError: a file cannot be read or written.
    """
    from katalogc.codegen import documentation
    from katalogc.codegen.permissions import permissions

    result = compile_path(path)
    show("text", result.diagnostics, result.sources)
    if result.ir is None:
        return 1
    folder = Path(output)
    files = documentation.site(result.ir, permissions(result.ir))
    write(files, folder)
    number = len(result.ir.controllers)
    say(f"{folder / 'index.html'}: {number} {'page' if number == 1 else 'pages'}")
    return 0
