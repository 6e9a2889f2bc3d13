"""From one located document to a checked Subject: the steps build and validate share."""

from __future__ import annotations

from katalogc.api_types import TypeResolver
from katalogc.checks import CHECKS
from katalogc.checks.expressions import unknown_root_in_motif
from katalogc.diagnostics import Diagnostic
from katalogc.expression_table import ExpressionTable
from katalogc.known_functions import known_functions
from katalogc.located import InputScope, Located
from katalogc.motifs import Files, MotifMerger, scoped
from katalogc.notes import user_notes
from katalogc.schema import Katalog, Motif, parse
from katalogc.source import SourceFile
from katalogc.spellings import normalise_katalog, normalise_motif
from katalogc.subject import Subject


def analyse(
    root: Located,
    files: Files,
    diagnostics: list[Diagnostic],
    sources: dict[str, SourceFile],
) -> Subject | None:
    """Normalise, merge, parse and check a Katalog; None where nothing of it could be read."""
    root = normalise_katalog(root, diagnostics)
    merger = MotifMerger(files, diagnostics)
    merger.merge(root)
    sources.update(merger.sources)
    katalog = parse(root, Katalog, diagnostics)
    if katalog is None:
        return None
    resolver = TypeResolver(files, diagnostics)
    types = resolver.resolve_all(katalog, root)
    sources.update(resolver.sources)
    functions = known_functions()
    table = ExpressionTable(
        functions, user_notes(katalog, root, functions, diagnostics), diagnostics
    )
    table.fill(root)
    subject = Subject(katalog, root, types, table)
    for check in CHECKS:
        diagnostics.extend(check(subject))
    return subject


def analyse_motif(root: Located, diagnostics: list[Diagnostic]) -> None:
    """Check a Motif by itself, with its inputs standing for themselves."""
    root = normalise_motif(root, diagnostics)
    motif = parse(root, Motif, diagnostics)
    if motif is None:
        return
    values = {
        each.name: Located(each.default or "", root.source_map, root.nearest("inputs", index).path)
        for index, each in enumerate(motif.inputs)
    }
    scope = InputScope(motif.metadata.name, root.span, values)
    table = ExpressionTable(known_functions(), {}, diagnostics)
    root = scoped(root, scope)
    table.fill_motif(root)
    diagnostics.extend(unknown_root_in_motif(table, root))
