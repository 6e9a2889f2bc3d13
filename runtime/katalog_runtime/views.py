"""Owners as routes show them. Cached manifests in, views out. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from katalog_runtime.cache import Child
from katalog_runtime.conditions import ready_condition
from katalog_runtime.objects import Manifest, key_of
from katalog_runtime.observe import ChildView, ObjectView, Readiness
from katalog_runtime.render import ChildRef, Program

_READINESS: dict[str, Readiness] = {"True": "True", "False": "False"}


def object_view(
    program: Program,
    owner: Manifest,
    children: Mapping[ChildRef, Child] | None = None,
    ids: Mapping[ChildRef, int] | None = None,
) -> ObjectView:
    """The view of one owner; `ids` says which of the program's templates made which child."""
    condition = ready_condition(owner)
    return ObjectView(
        key=key_of(owner),
        manifest=owner,
        ready=_READINESS.get(str(condition.get("status")), "Unknown"),
        ready_reason=str(condition.get("reason") or ""),
        ready_message=str(condition.get("message") or ""),
        children=tuple(
            _child_view(program, ref, child, (ids or {}).get(ref))
            for ref, child in sorted((children or {}).items(), key=lambda each: each[0])
        ),
    )


def _child_view(program: Program, ref: ChildRef, child: Child, index: int | None) -> ChildView:
    template = program.children[index].template if index is not None else None
    return ChildView(
        id=template.id if template is not None else "",
        api=program.kinds[ref.kind].api,
        key=ref.key,
        phase=template.phase if template is not None else "",
        resource_version=child.version,
        deleting=child.deleting,
    )
