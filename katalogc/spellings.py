"""One spelling from many: the published versions of the language, brought to one shape.

In: a located Katalog or Motif as written. Out: the same values under their newest flat names;
nothing is judged here except a setting that is written in two places. The table of versions is in
the language's history: CRDs as list or map, `workers` in three places, `status` flat or under
`emit`, and so on.
"""

from __future__ import annotations

from collections.abc import Callable

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Label
from katalogc.located import Located
from katalogc.stray_fields import take_back_fields

Move = tuple[tuple[str, ...], tuple[str, ...]]

_BOX = "operatorBox"
_SETTINGS = ("workers", "resync", "queue", "requeue", "default", "hooks", "constructor", "remote")
_BLOCKS = ("onCreate", "onReconcile", "onDelete")


def _moves() -> tuple[Move, ...]:
    """From where to where, within one CRD entry; outer groups first."""
    moves: list[Move] = []
    box = (_BOX, "reconcile")
    moves += [((*box, key), (_BOX, "reconciler", key)) for key in _SETTINGS]
    moves += [((*box, key), (_BOX, key)) for key in _BLOCKS]
    moves += [((*box, "imports"), ("imports",)), ((*box, "normalize"), ("normalize",))]
    moves += [((_BOX, "emit", key), (_BOX, key)) for key in ("status", "events")]
    moves += [
        ((_BOX, "runtime", "allowedNamespaces"), ("allowedNamespaces",)),
        ((_BOX, "runtime", "restrictedNamespaces"), ("restrictedNamespaces",)),
        ((_BOX, "runtime", "deletionProtection"), ("deletionProtection",)),
        ((_BOX, "runtime", "finalizers"), (_BOX, "finalizers")),
        ((_BOX, "runtime", "autoscale"), (_BOX, "autoscale")),
        ((_BOX, "runtime", "rollback"), (_BOX, "rollback")),
        ((_BOX, "runtime", "cleanup"), (_BOX, "cleanup")),
        ((_BOX, "observe", "cross"), (_BOX, "cross")),
        ((_BOX, "allowedNamespaces"), ("allowedNamespaces",)),
        ((_BOX, "imports"), ("imports",)),
        ((_BOX, "normalize"), ("normalize",)),
    ]
    moves += [((_BOX, key), (_BOX, "reconciler", key)) for key in _SETTINGS]
    moves += [((key,), (_BOX, "reconciler", key)) for key in ("workers", "resync", "queue")]
    admission = ("validation", "mutation", "conversion", "webhooks")
    moves += [(("admission", key), (key,)) for key in admission]
    return tuple(moves)


_MOVES = _moves()
_GROUPS = ((_BOX, "reconcile"), (_BOX, "runtime"), (_BOX, "emit"), ("admission",))
"""Groups that are empty once their members have moved; what is left moves up to be judged."""


def normalise_katalog(root: Located, diagnostics: list[Diagnostic]) -> Located:
    """A Katalog in the newest flat spelling."""
    spec = root.mapping.get("spec")
    if spec is None:
        return root
    crds = spec.mapping.get("crds")
    if crds is not None and isinstance(crds.value, list):
        crds = spec.mapping["crds"] = _by_name(crds, diagnostics)
    if crds is not None:
        take_back_fields(crds, diagnostics)
    for entry in crds.mapping.values() if crds is not None else ():
        _normalise_entry(entry, diagnostics)
    _normalise_notes(root)
    return root


def normalise_motif(root: Located, diagnostics: list[Diagnostic]) -> Located:
    """A Motif in the newest flat spelling: `resources` holds `onCreate` and `onReconcile`."""
    resources = root.mapping.get("resources")
    if resources is not None and isinstance(resources.value, dict):
        kept = {key: each for key, each in resources.value.items() if key in _BLOCKS}
        flat = {key: each for key, each in resources.value.items() if key not in _BLOCKS}
        if flat:
            block = kept.get("onReconcile")
            if block is None or not isinstance(block.value, dict):
                kept["onReconcile"] = resources.with_value(flat)
            else:
                _join(block.value, flat, diagnostics)
        resources = root.mapping["resources"] = resources.with_value(kept)
        for block in kept.values():
            _normalise_block(block)
    _lift(root, ("admission",), diagnostics)
    _normalise_notes(root)
    return root


def _normalise_entry(entry: Located, diagnostics: list[Diagnostic]) -> None:
    old_box = entry.mapping.get("reconciler")
    if old_box is not None and _BOX not in entry.mapping:
        entry.mapping[_BOX] = entry.mapping.pop("reconciler")
    for source, target in _MOVES:
        _move(entry, source, target, diagnostics)
    for group in _GROUPS:
        _lift(entry, group, diagnostics)
    depends = entry.mapping.get("dependsOn")
    if depends is not None:
        entry.mapping["dependsOn"] = _dependencies(depends)
    for key in ("labels", "labelSelector", "fieldSelector"):
        _rewrite(entry, key, _pairs)
    box = entry.mapping.get(_BOX)
    for name in _BLOCKS if box is not None else ():
        block = box.mapping.get(name) if box is not None else None
        if block is not None:
            _normalise_block(block)


def _normalise_block(block: Located) -> None:
    """Entries of one block of children: lists to mappings, mappings to lists, old words to new."""
    for entries in block.mapping.values():
        for entry in entries.items:
            for key in ("labels", "annotations", "selector", "nodeSelector"):
                _rewrite(entry, key, _pairs)
            _rewrite(entry, "env", _env)
            if "anyOf" in entry.mapping and "or" not in entry.mapping:
                entry.mapping["or"] = entry.mapping.pop("anyOf")


def _normalise_notes(root: Located) -> None:
    notes = root.mapping.get("notes")
    if notes is not None and isinstance(notes.value, list):
        root.mapping["notes"] = notes.with_value({"functions": notes})


def _rewrite(entry: Located, key: str, change: Callable[[Located], Located]) -> None:
    if key in entry.mapping:
        entry.mapping[key] = change(entry.mapping[key])


def _move(
    entry: Located, source: tuple[str, ...], target: tuple[str, ...], diagnostics: list[Diagnostic]
) -> None:
    parent = entry.at(*source[:-1])
    if parent is None or source[-1] not in parent.mapping:
        return
    moved = parent.mapping.pop(source[-1])
    here = entry
    for part in target[:-1]:
        if part not in here.mapping or not isinstance(here.mapping[part].value, dict):
            if part in here.mapping and here.mapping[part].value is not None:
                return  # a wrong type there is reported by the schema
            here.mapping[part] = moved.with_value({})
        here = here.mapping[part]
    there = here.mapping.get(target[-1])
    if there is None or there.value is None:
        here.mapping[target[-1]] = moved
    elif isinstance(there.value, list) and isinstance(moved.value, list):
        there.value.extend(moved.value)
    elif isinstance(there.value, dict) and isinstance(moved.value, dict):
        _join(there.value, moved.value, diagnostics)
    elif moved.value is not None:
        diagnostics.append(_twice(moved, there))


def _lift(entry: Located, group: tuple[str, ...], diagnostics: list[Diagnostic]) -> None:
    """What the moves left in a group goes to the group's parent, where the schema judges it."""
    parent = entry.at(*group[:-1])
    if parent is None or group[-1] not in parent.mapping:
        return
    if isinstance(parent.mapping[group[-1]].value, dict | None):
        left = parent.mapping.pop(group[-1])
        _join(parent.mapping, left.mapping, diagnostics)


def _join(
    into: dict[str, Located], other: dict[str, Located], diagnostics: list[Diagnostic]
) -> None:
    for key, each in other.items():
        there = into.get(key)
        if there is None:
            into[key] = each
        elif isinstance(there.value, list) and isinstance(each.value, list):
            there.value.extend(each.value)
        else:
            diagnostics.append(_twice(each, there))


def _twice(second: Located, first: Located) -> Diagnostic:
    return Diagnostic(
        code=Code.SPELLED_TWICE,
        message=f"`{second.name()}` is set in two places",
        span=second.key_span,
        labels=(Label(first.key_span, "also set here"),),
        help="keep one of them",
    )


def _by_name(crds: Located, diagnostics: list[Diagnostic]) -> Located:
    """`[{name: a, …}]` as `{a: {…}}`; an entry without a name keeps its place as its name."""
    entries: dict[str, Located] = {}
    for index, item in enumerate(crds.items):
        name = item.mapping.pop("name", None)
        inner = next(iter(item.mapping.items()), None)
        if name is None and inner and len(item.mapping) == 1 and inner[1].mapping:
            key, entry = inner
            diagnostics.append(
                Diagnostic(
                    code=Code.WRONG_TYPE,
                    message=f"`{key}` is the key of a mapping in a list",
                    span=entry.key_span,
                    help=f"write `{key}:` without `- `, or `- name: {key}` with its fields below",
                )
            )
            entries[key] = entry
            continue
        text = name.text if name is not None else f"crd-{index + 1}"
        entries[text if text not in entries else f"{text}-{index + 1}"] = item
    return crds.with_value(entries)


def _pairs(pairs: Located) -> Located:
    """`[{key: a, value: b}]` as `{a: b}`."""
    if not isinstance(pairs.value, list):
        return pairs
    if not all({"key", "value"} == set(item.mapping) for item in pairs.value):
        return pairs
    return pairs.with_value({i.mapping["key"].text: i.mapping["value"] for i in pairs.value})


def _env(env: Located) -> Located:
    """`{KEY: {value: …}}`, the spelling of old examples, as `[{name: KEY, value: …}]`."""
    if not isinstance(env.value, dict):
        return env
    items: list[Located] = []
    for key, each in env.value.items():
        if not isinstance(each.value, dict):
            return env
        reference = {"secretKeyRef", "configMapKeyRef"} & set(each.value)
        content = {"valueFrom": each} if reference else dict(each.value)
        name = Located(key, each.source_map, each.path, scope=each.scope)
        items.append(each.with_value({"name": name, **content}))
    return env.with_value(list(items))


def _dependencies(depends: Located) -> Located:
    """A list of names, or a map to a condition, as `[{name, condition}]`."""
    if isinstance(depends.value, list):
        return depends.with_value(
            [
                item.with_value({"name": item}) if isinstance(item.value, str) else item
                for item in depends.value
            ]
        )
    if isinstance(depends.value, dict):
        items: list[Located] = []
        for key, each in depends.value.items():
            name = Located(key, each.source_map, each.path, scope=each.scope)
            more = dict(each.value) if isinstance(each.value, dict) else {"condition": each}
            items.append(each.with_value({"name": name, **more}))
        return depends.with_value(items)
    return depends
