"""The pipeline: read, normalise, merge, parse, check, lower, generate; one function for each step.

A wrong Katalog never raises: what is wrong stands in the diagnostics, and steps that need what
could not be understood are not taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Severity, in_order
from katalogc.documents import kind_of, name_of
from katalogc.located import Located, locate
from katalogc.motifs import Files
from katalogc.source import SourceFile, Span
from katalogc.yaml_reader import decode, read

if TYPE_CHECKING:
    from katalog_runtime.bundle import Bundle
    from katalogc.codegen import Options
    from katalogc.codegen.artifact import Artifact
    from katalogc.ir import OperatorIR
    from katalogc.subject import Subject


class DocumentSummary(NamedTuple):
    """One document that was looked at."""

    file: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What all checks say of one file, and what was understood of it."""

    diagnostics: tuple[Diagnostic, ...]
    documents: tuple[DocumentSummary, ...]
    sources: dict[str, SourceFile] = field(default_factory=dict)
    """Every file that was read, by the name that diagnostics use."""
    subject: Subject | None = None
    """The file's Katalog; None where it holds none, or none that could be read."""

    @property
    def has_errors(self) -> bool:
        """Whether anything stands against building."""
        return any(each.severity is Severity.ERROR for each in self.diagnostics)


@dataclass(frozen=True, slots=True)
class CompileResult:
    """A compiled Katalog. Without an error there are artifacts, a bundle and the representation."""

    diagnostics: tuple[Diagnostic, ...]
    artifacts: tuple[Artifact, ...] = ()
    bundle: Bundle | None = None
    ir: OperatorIR | None = None
    documents: tuple[DocumentSummary, ...] = ()
    sources: dict[str, SourceFile] = field(default_factory=dict)

    @property
    def has_errors(self) -> bool:
        """Whether the Katalog could not be built."""
        return any(each.severity is Severity.ERROR for each in self.diagnostics)


def compile_path(
    path: str, options: Options | None = None, files: Files | None = None
) -> CompileResult:
    """Compile the Katalog at `path`, a file or a folder that holds one.

    Args:
        path: as the user gave it.
        options: what the build may choose.
        files: what the Katalog and the files that it names are read through; else the disk.

    Raises:
        katalogc.errors.SurroundingsError: the file cannot be read.
    """
    from katalogc.errors import SurroundingsError
    from katalogc.files import DiskFiles, find_document
    from katalogc.motifs import refusal

    name = find_document(path)
    try:
        return compile_file(name, files or DiskFiles(), options)
    except OSError as error:
        raise SurroundingsError(refusal(error, name)) from error


def compile_file(name: str, files: Files, options: Options | None = None) -> CompileResult:
    """Compile one file; other files that it names are read through `files`."""
    checked = check_file(name, files)
    result = CompileResult(
        checked.diagnostics, documents=checked.documents, sources=checked.sources
    )
    if checked.subject is None and not checked.has_errors:
        result = CompileResult(
            (*checked.diagnostics, _no_katalog(name)), (), None, None, checked.documents
        )
    if checked.subject is None or checked.has_errors:
        return result
    from katalogc.codegen import generate
    from katalogc.codegen.bundle import build
    from katalogc.lower import lower

    ir = lower(checked.subject)
    return CompileResult(
        checked.diagnostics,
        generate(ir, options),
        build(ir),
        ir,
        checked.documents,
        checked.sources,
    )


def lower_file(name: str, files: Files) -> OperatorIR | None:
    """The representation alone, without generating; None where there are errors."""
    from katalogc.lower import lower

    checked = check_file(name, files)
    return None if checked.subject is None or checked.has_errors else lower(checked.subject)


def check_file(name: str, files: Files) -> Checked:
    """Every check on every document of a file.

    Raises:
        OSError: the file itself cannot be read.
    """
    source, faults = decode(name, files.read(name))
    sources = {name: source}
    documents: list[DocumentSummary] = []
    subject: Subject | None = None
    if faults:
        return Checked(faults, (), sources)
    reading = read(source)
    diagnostics = list(reading.diagnostics)
    for document in reading.documents:
        root = locate(document)
        kind = kind_of(root, diagnostics)
        if kind is None:
            continue
        documents.append(DocumentSummary(name, kind, name_of(root)))
        if kind == "Katalog" and [each.kind for each in documents].count(kind) > 1:
            diagnostics.append(_second_katalog(root))
        elif kind == "Katalog":
            found = _katalog(root, files, diagnostics, sources)
            subject = found
        elif kind == "Motif":
            _motif(root, diagnostics)
        else:
            diagnostics.append(_unchecked(kind, root))
    return Checked(tuple(in_order(diagnostics)), tuple(documents), sources, subject)


def _katalog(
    root: Located,
    files: Files,
    diagnostics: list[Diagnostic],
    sources: dict[str, SourceFile],
) -> Subject | None:
    from katalogc.analysis import analyse

    return analyse(root, files, diagnostics, sources)


def _motif(root: Located, diagnostics: list[Diagnostic]) -> None:
    from katalogc.analysis import analyse_motif

    analyse_motif(root, diagnostics)


def _unchecked(kind: str, root: Located) -> Diagnostic:
    return Diagnostic(
        code=Code.UNCHECKED_DOCUMENT,
        message=f"documents of kind `{kind}` are not checked by this version",
        span=root.nearest("kind").span,
    )


def _second_katalog(root: Located) -> Diagnostic:
    return Diagnostic(
        code=Code.NOT_A_KATALOG,
        message="a file holds one Katalog, and this is another one",
        span=root.nearest("kind").span,
        help="move it to a file of its own",
    )


def _no_katalog(name: str) -> Diagnostic:
    return Diagnostic(
        code=Code.NOT_A_KATALOG,
        message=f"`{name}` holds no Katalog to build",
        span=Span(name, 1, 1, 1, 1),
        help="give a file with a document of `kind: Katalog`",
    )
