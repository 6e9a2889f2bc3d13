"""KAT203: entries of one owner that name the same object.

Within one block that is a mistake. An object that stands under `onCreate` and under `onReconcile`
is created once and kept in sync thereafter (language reference, "Child Resources" of a CRD's page):
the operator then renders one of both entries, so nothing may stand in the other one alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from katalogc.checks.walk import Child, children
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Label
from katalogc.expressions import print_template
from katalogc.ir_leaves import ExpressionIR
from katalogc.located import Located
from katalogc.source import YamlPath
from katalogc.subject import Subject

_NO_CONTENT = frozenset({"name", "namespace", "reconcile", "forceConflict"})
"""Fields that say which object is meant and how it is written, not what it holds."""
_ITEM_KEYS = ("name", "key", "mountPath", "port", "containerPort")
"""What tells the items of a list apart, as server-side apply does."""


def duplicate_child(subject: Subject) -> Iterator[Diagnostic]:
    """Two children of one owner have the same kind, namespace and name."""
    seen: dict[tuple[str, str, str, str], dict[str, Child]] = {}
    for child in children(subject):
        name = _printed(child, "name", "metadata.name" + child.kind.default_suffix)
        namespace = _printed(child, "namespace", "metadata.namespace")
        if name is None or namespace is None:
            continue
        by_phase = seen.setdefault((child.crd, child.kind.api.kind, namespace, name), {})
        twin = by_phase.get(child.phase)
        other = next(iter(by_phase.values()), None)
        by_phase.setdefault(child.phase, child)
        if twin is not None:
            yield Diagnostic(
                code=Code.DUPLICATE_CHILD,
                message=f"two {child.kind.block} of `{child.crd}` have {_named(child)}",
                span=child.node.nearest("name").span,
                labels=(Label(twin.node.nearest("name").span, "first used here"),),
                help="give one of them another name",
            )
        elif other is not None:
            yield from _of_two_blocks(other, child)


def _of_two_blocks(created: Child, synced: Child) -> Iterator[Diagnostic]:
    """What stands only in the entry that the operator passes over (`reconcile.py`, `_identify`)."""
    if synced.is_kept_in_sync and not created.is_kept_in_sync:
        lost = _missing(created, synced, created.node, synced.node, created.path, synced.path)
        if lost is None:
            return
        field = _spelled(lost, created)
        yield Diagnostic(
            code=Code.DUPLICATE_CHILD,
            message=(
                f"{created.kind.api.kind} {_named(created)} stands in both blocks, but {field}"
                " only under `onCreate`: it would never be written"
            ),
            span=_heading(created, lost).key_span,
            labels=(Label(synced.node.nearest("name").span, "kept in sync as it stands here"),),
            help=f"write {field} under `onReconcile` too, or give one of them another name",
        )
        return
    lost = _missing(
        synced, created, synced.node, created.node, synced.path, created.path, same=True
    )
    if lost is None:
        return
    field = _spelled(lost, synced)
    why = "both are kept in sync" if created.is_kept_in_sync else "it is only ever created"
    yield Diagnostic(
        code=Code.DUPLICATE_CHILD,
        message=(
            f"{synced.kind.api.kind} {_named(synced)} stands in both blocks and differs in {field};"
            f" {why}, so only one of them can hold"
        ),
        span=_heading(synced, lost).key_span,
        labels=(Label(created.node.nearest("name").span, "this one would hold"),),
        help="remove one of them, or make them equal",
    )


def _missing(
    left: Child,
    right: Child,
    here: Located,
    there: Located | None,
    path: YamlPath,
    other: YamlPath,
    *,
    same: bool = False,
) -> YamlPath | None:
    """The first place of `left` that `right` lacks; with `same`, or has another value for."""
    if isinstance(here.value, dict):
        entries = there.mapping if there is not None else {}
        for key, each in here.value.items():
            if path == left.path and key in _NO_CONTENT:
                continue
            found = _missing(
                left, right, each, entries.get(key), (*path, key), (*other, key), same=same
            )
            if found is not None:
                return found
        return None
    if isinstance(here.value, list):
        items = there.items if there is not None else []
        for index, each in enumerate(here.value):
            alike = (
                _missing(
                    left, right, each, item, (*path, index), (*other, at),
                    same=same or not _have_one_key(each, item),
                )
                for at, item in enumerate(items)
            )  # fmt: skip
            if all(found is not None for found in alike):
                return (*path, index)
        return None
    if there is None or (same and _text_at(left, path) != _text_at(right, other)):
        return path
    return None


def _have_one_key(left: Located, right: Located) -> bool:
    """Whether two items of a list are one and the same to server-side apply."""
    key = next((each for each in _ITEM_KEYS if each in left.mapping), None)
    other = right.mapping.get(key) if key else None
    return key is not None and other is not None and left.mapping[key].text == other.text


def _text_at(child: Child, path: YamlPath) -> str | None:
    value = child.value(*path[len(child.path) :])
    return print_template(value.template) if isinstance(value, ExpressionIR) else value


def _spelled(path: YamlPath, child: Child) -> str:
    """`data.A`, or `an item of env`."""
    parts = path[len(child.path) :]
    name = "`" + ".".join(part for part in parts if isinstance(part, str)) + "`"
    return f"an item of {name}" if isinstance(parts[-1], int) else name


def _heading(child: Child, path: YamlPath) -> Located:
    return child.node.nearest(*path[len(child.path) :])


def _named(child: Child) -> str:
    shown = child.constant("name") or child.node.nearest("name").text
    return f"`{shown}`" if child.entry.name else "the default name"


def _printed(child: Child, field: str, default: str) -> str | None:
    """A text that is the same for equal names: the printed tree, or the constant."""
    value = child.value(field)
    if isinstance(value, ExpressionIR):
        printed = print_template(value.template)
        return {"{{.metadata.namespace}}": "metadata.namespace"}.get(
            printed.replace(" ", ""), printed
        )
    if value is None:
        written = child.node.at(field) is not None and (*child.path, field) in (
            child.subject.table.failed
        )
        return None if written else default
    return value or default
