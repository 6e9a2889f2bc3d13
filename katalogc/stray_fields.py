"""Fields of a CRD entry that stand among the entries, one step of indentation too far left.

In: located mappings. Out: diagnostics that say where the field belongs; the field is put there, so
that one slip is one diagnostic. Pure.
"""

from __future__ import annotations

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.located import Located
from katalogc.schema import CrdEntry
from katalogc.schema.fields import fields_of

_HAVE_ENTRIES = frozenset({"apiTypes", "crdFile", "operatorBox", "reconciler", "enabled"})
"""What tells an entry of `crds` from the value of a field."""


def take_back_fields(crds: Located, diagnostics: list[Diagnostic]) -> None:
    """Fields of an entry that stand among the entries go back to the entry above them."""
    fields = {*fields_of(CrdEntry), *CrdEntry.not_yet, *CrdEntry.other_spellings}
    if not fields & set(crds.mapping):
        return
    above: str | None = None
    reported: str | None = None
    for name in list(crds.mapping):
        place = crds.mapping[name]
        if name == "name" and isinstance(place.value, str):
            del crds.mapping[name]  # the old list of `{name: …}` without its `- `
            continue
        # A name with a capital, such as `apiTypes`, can be no CRD's, whatever it holds.
        if name not in fields or (name.islower() and _HAVE_ENTRIES & set(place.mapping)):
            above = name
            continue
        if above is None:
            if name in _HAVE_ENTRIES and place.value is not None:
                diagnostics.append(_without_name(name, place))
                for other in fields & set(crds.mapping):
                    del crds.mapping[other]
                return
            continue
        if not isinstance(crds.mapping[above].value, dict | None):
            continue
        entry = crds.mapping[above]
        if entry.value is None:
            entry = crds.mapping[above] = entry.with_value({})
        entry.mapping.setdefault(name, crds.mapping.pop(name))
        if reported != above:  # what follows it stands in the same column
            reported = above
            diagnostics.append(_among_crds(name, place, above))


def _without_name(name: str, place: Located) -> Diagnostic:
    return Diagnostic(
        code=Code.MISSING_FIELD,
        message=f"`{name}` stands where the names of CRDs stand",
        span=place.key_span,
        help="begin each CRD with a name of its own, such as `order:`, and indent its fields",
    )


def _among_crds(name: str, place: Located, above: str) -> Diagnostic:
    return Diagnostic(
        code=Code.UNKNOWN_FIELD,
        message=f"`{name}` stands among the CRDs, but is a field of one",
        span=place.key_span,
        help=f"indent it deeper than `{above}:`, with the lines that belong to it",
    )
