"""The corpus: bad Katalogs that say in their last lines what must be found in them.

`# expect: KAT104 8:43` (code, line, column), one line for each diagnostic; a file name stands
before the place where a diagnostic points into another file. The notice of inferred schemas
(KAT309) is left out, but in its own file. Beside each file stands the text that a person sees;
`python -m tests.compiler.corpus` writes those texts anew.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

from katalogc import report
from katalogc.codes import Code
from katalogc.compiler import Checked, CompileResult, check_file, compile_file
from katalogc.diagnostics import Diagnostic
from katalogc.files import DiskFiles

CORPUS = Path(__file__).parents[1] / "corpus"
BAD = sorted((CORPUS / "bad").glob("*.yaml"))
GOOD = sorted((CORPUS / "good").glob("*.yaml"))
_EXPECT = re.compile(r"^# expect: (KAT\d{3}) (?:(\S+) )?(\d+):(\d+)$", re.MULTILINE)


class CorpusFiles(DiskFiles):
    """Files by their name inside the corpus, so that no rendering names a folder outside it."""

    def read(self, name: str) -> bytes:
        return super().read(str(CORPUS / name))


def name_of(path: Path) -> str:
    return path.relative_to(CORPUS).as_posix()


@cache
def run(path: Path) -> Checked | CompileResult:
    """Check a file; what only building finds is built."""
    if path.name.startswith("KAT115"):
        return compile_file(name_of(path), CorpusFiles())
    return check_file(name_of(path), CorpusFiles())


def relevant(path: Path, diagnostics: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    own = path.name.startswith(Code.SCHEMA_INFERRED.id)
    return [each for each in diagnostics if own or each.code is not Code.SCHEMA_INFERRED]


def found(path: Path) -> list[tuple[str, str, int, int]]:
    """(code, file, line, column) of every diagnostic."""
    return [
        (each.code.id, each.span.file, each.span.line, each.span.column)
        for each in relevant(path, run(path).diagnostics)
    ]


def expected(path: Path) -> list[tuple[str, str, int, int]]:
    """What the file says must be found."""
    text = path.read_bytes().decode("utf-8", "replace")
    return [
        (code, posixpath.normpath(file) if file else name_of(path), int(line), int(column))
        for code, file, line, column in _EXPECT.findall(text)
    ]


def rendered(path: Path) -> str:
    """What `katalogc validate` prints for the file."""
    result = run(path)
    pieces = report.text(relevant(path, result.diagnostics), result.sources)
    lines = "".join(text for _, text in pieces).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


if __name__ == "__main__":
    for each in BAD:
        each.with_suffix(".txt").write_text(rendered(each), encoding="utf-8")
