"""`katalogc validate`: every check on every document, without a cluster."""

from __future__ import annotations

from katalogc.compiler import Checked, check_file
from katalogc.diagnostics import Diagnostic, Severity, in_order
from katalogc.documents import is_ours
from katalogc.errors import SurroundingsError
from katalogc.files import DiskFiles, find_document, find_documents
from katalogc.located import locate
from katalogc.motifs import refusal
from katalogc.report import count
from katalogc.source import SourceFile
from katalogc.terminal import check_format, say, show
from katalogc.yaml_reader import decode, read


def run(paths: list[str], recursive: bool = False, format: str = "text") -> int:
    """Check the documents at `paths`; 0 when none has an error, else 1.

    Raises:
        SurroundingsError: a file or folder cannot be read, or the format is not known.
    """
    check_format(format)
    files = DiskFiles()
    checked = [_check(name, files) for name in _names(paths, recursive, files)]
    diagnostics = in_order([each for one in checked for each in one.diagnostics])
    documents = [document for one in checked for document in one.documents]
    sources: dict[str, SourceFile] = {}
    for one in checked:
        sources.update(one.sources)
    show(format, diagnostics, sources, documents)
    if recursive and not documents and not diagnostics:
        raise SurroundingsError(f"{' '.join(paths)}: no documents of the language in this folder")
    errors = count(diagnostics, Severity.ERROR)
    if format == "text":
        _summary(len(documents), errors, diagnostics)
    return 1 if errors else 0


def _names(paths: list[str], recursive: bool, files: DiskFiles) -> list[str]:
    if not recursive:
        return [find_document(path) for path in paths]
    found = dict.fromkeys(name for path in paths for name in find_documents(path))
    named = set(paths)
    return [name for name in found if name in named or _holds_ours(name, files)]


def _holds_ours(name: str, files: DiskFiles) -> bool:
    """Whether a file found in a folder holds a document of ours, broken ones included."""
    try:
        source, _ = decode(name, files.read(name))
    except OSError:
        return False
    reading = read(source)
    if not reading.documents:
        return "orkestra." in source.text or "inrun." in source.text
    return any(is_ours(locate(document)) for document in reading.documents)


def _check(name: str, files: DiskFiles) -> Checked:
    try:
        return check_file(name, files)
    except OSError as error:
        raise SurroundingsError(refusal(error, name)) from error


def _summary(documents: int, errors: int, diagnostics: list[Diagnostic]) -> None:
    if errors:
        return
    word = "document" if documents == 1 else "documents"
    warnings = count(diagnostics, Severity.WARNING)
    say(f"{documents} {word} checked, {'no errors' if warnings else 'all is well'}")
