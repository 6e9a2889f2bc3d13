"""`.children` in status fields: the owner's children as templates see them. Pure.

Shape (language 2.2): the plural maps names to objects, the singular is the first of them by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from katalog_runtime.cache import Child
from katalog_runtime.render import ChildRef, Program

_SHORT = {
    "horizontalpodautoscaler": ("hpa", "hpas"),
    "poddisruptionbudget": ("pdb", "pdbs"),
    "persistentvolumeclaim": ("pvc", "persistentvolumeclaims"),
    "persistentvolume": ("pv", "persistentvolumes"),
}


def children_data(program: Program, family: Mapping[ChildRef, Child]) -> dict[str, Any]:
    """The value of `.children` for an owner's children."""
    data: dict[str, Any] = {}
    for ref in sorted(family):
        child = family[ref]
        if child.deleting:
            continue
        for singular, plural in _names(program, ref.kind):
            data.setdefault(singular, child.manifest)
            data.setdefault(plural, {})[ref.key.name] = child.manifest
    return data


def _names(program: Program, kind: int) -> list[tuple[str, str]]:
    api = program.kinds[kind].api
    singular, plural = api.kind.lower(), api.plural
    names = [(singular, plural)]
    if singular in _SHORT:
        names.append(_SHORT[singular])
    # Built-in groups have no dot, or end in `k8s.io`; all other types are the language's `custom`.
    if "." in api.group and not api.group.endswith(".k8s.io"):
        names.append(("custom", "customs"))
    return names
