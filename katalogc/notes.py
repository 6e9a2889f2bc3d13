"""The user's own functions (`notes.functions`): parsed, and checked for circles. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING

from katalog_runtime.expressions.tree import Template
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.expression_faults import call_faults, syntax_fault
from katalogc.expression_points import points
from katalogc.expressions import TemplateSyntaxError, note_cycles, parse
from katalogc.located import Located
from katalogc.schema import Katalog

if TYPE_CHECKING:
    from katalog_runtime.functions.declaration import Signatures


def user_notes(
    katalog: Katalog, root: Located, functions: Signatures, diagnostics: list[Diagnostic]
) -> Mapping[str, Template]:
    """The templates of all notes by name; empty ones for those that a diagnostic is about.

    A note that does not parse, or that calls itself, is one mistake: calls of it are no others.
    """
    nothing = parse("")
    templates: dict[str, Template] = {}
    places: dict[str, Located] = {}
    for index, note in enumerate(katalog.notes.functions):
        place = root.nearest("notes", "functions", index, "expression")
        try:
            template = parse(note.expression)
            first = place.within(0, len(note.expression))
            # Relative to the Katalog's folder, like every origin in the bundle.
            origin = f"{posixpath.basename(first.file)}:{first.line}:{first.column}"
            templates[note.name] = template._replace(
                points=points(place), located=True, origin=origin
            )
        except TemplateSyntaxError as error:
            diagnostics.append(syntax_fault(error, place))
            templates[note.name] = nothing
        places[note.name] = place
    in_circles: set[str] = set()
    for circle in note_cycles(templates):
        diagnostics.append(
            Diagnostic(
                code=Code.RECURSIVE_NOTE,
                message="notes call each other in a circle: " + " → ".join(circle),
                span=places[circle[0]].span,
                help="write the value out in one of the notes of the circle",
            )
        )
        in_circles.update(circle)
    for name, template in templates.items():
        diagnostics.extend(call_faults(template, places[name], functions, templates))
    return {
        name: nothing if name in in_circles else template for name, template in templates.items()
    }
