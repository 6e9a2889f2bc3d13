"""Strategic merge patch: a merge patch that merges lists by their schema's keys.

In: a document, a patch and the document's `Schema`. Out: a new document; arguments are not
modified. Supports the directives `$patch: delete|replace|merge`,
`$deleteFromPrimitiveList/<field>`, `$setElementOrder/<field>` and `$retainKeys`. Errors are
`PatchError`s with the API server's status.
"""

from __future__ import annotations

from typing import Any

from katalogc.localcluster.go_text import plain
from katalogc.localcluster.json_patches import PatchError
from katalogc.openapi.schema import Schema

_DIRECTIVE = "$patch"
_DELETE_FROM = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"
_RETAIN = "$retainKeys"


def strategic_merge_patch(document: Any, patch: Any, schema: Schema | None) -> Any:
    """The document after the patch.

    Raises:
        PatchError: the patch is malformed or names an unknown directive.
    """
    if not isinstance(patch, dict):
        raise PatchError(400, "error decoding patch: the patch is no JSON object")
    return _merge_maps(document if isinstance(document, dict) else {}, patch, schema)


def _merge_maps(
    document: dict[str, Any], patch: dict[str, Any], schema: Schema | None
) -> dict[str, Any]:
    directive = patch.get(_DIRECTIVE)
    if directive is not None:
        if directive == "replace":
            return {
                name: _plain(each)
                for name, each in patch.items()
                if each is not None and name != _DIRECTIVE
            }
        if directive == "delete":
            return {}
        if directive != "merge":
            raise _unknown_directive(patch)
    merged = dict(document)
    _retain_keys(merged, patch)
    _delete_values(merged, patch)
    for name, value in patch.items():
        if name.startswith((_DIRECTIVE, _RETAIN, _DELETE_FROM, _ORDER)):
            continue
        field = None if schema is None else schema.child(name)
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            before = merged.get(name)
            if field is not None and "replace" in field.patch_strategy:
                merged[name] = _plain(value)
            else:
                base = before if isinstance(before, dict) else {}
                merged[name] = _merge_maps(base, value, field)
        elif isinstance(value, list) and field is not None and "merge" in field.patch_strategy:
            before = merged.get(name)
            merged[name] = (
                _merge_lists(before, value, field, name)
                if isinstance(before, list)
                else _plain(value)
            )
        else:
            merged[name] = _plain(value)
    _apply_orders(merged, patch, document, schema)
    return merged


def _retain_keys(merged: dict[str, Any], patch: dict[str, Any]) -> None:
    keys = patch.get(_RETAIN)
    if keys is None:
        return
    if not isinstance(keys, list):
        raise PatchError(400, "invalid patch format of retainKeys")
    given = {name for name in patch if not name.startswith("$")}
    if missing := sorted(given - set(keys)):
        raise PatchError(
            400,
            f"{_RETAIN} directive must contain all the fields in the patch: {missing[0]} is "
            "missing",
        )
    for name in list(merged):
        if name not in keys:
            del merged[name]


def _delete_values(merged: dict[str, Any], patch: dict[str, Any]) -> None:
    for name, values in patch.items():
        if not name.startswith(_DELETE_FROM):
            continue
        if not isinstance(values, list):
            raise PatchError(400, "invalid patch format of deleteFromPrimitiveList")
        field = name.removeprefix(_DELETE_FROM)
        present = merged.get(field)
        if isinstance(present, list):
            merged[field] = [each for each in present if each not in values]


def _merge_lists(before: list[Any], patch: list[Any], field: Schema, name: str) -> list[Any]:
    key = field.patch_merge_key
    if not key:
        merged = list(before)
        merged += [each for each in _unique(patch) if each not in before]
        return _ordered(merged, patch, before, "")
    return _merge_keyed(before, patch, field, key, name)


def _merge_keyed(
    before: list[Any], patch: list[Any], field: Schema, key: str, name: str
) -> list[Any]:
    merged = list(before)
    items: list[dict[str, Any]] = []
    for item in patch:
        if not isinstance(item, dict):
            raise PatchError(400, f"expected the items of {name} to be objects")
        directive = item.get(_DIRECTIVE)
        if directive == "replace":
            rest = [each for each in patch if each is not item]
            return [_plain(each) for each in rest]
        if directive == "delete":
            wanted = _key_of(item, key)
            merged = [each for each in merged if each.get(key) != wanted]
        elif directive in (None, "merge"):
            items.append(item)
        else:
            raise _unknown_directive(item)
    for item in items:
        wanted = _key_of(item, key)
        place = next((i for i, each in enumerate(merged) if each.get(key) == wanted), None)
        if place is None:
            merged.append(_merge_maps({}, item, field.items))
        else:
            merged[place] = _merge_maps(merged[place], item, field.items)
    return _ordered(merged, items, before, key)


def _key_of(item: dict[str, Any], key: str) -> Any:
    if item.get(key) is None:
        text = f"map: {plain(item)} does not contain declared merge key: {key}"
        raise PatchError(500, text)
    return item[key]


def _apply_orders(
    merged: dict[str, Any], patch: dict[str, Any], document: dict[str, Any], schema: Schema | None
) -> None:
    for name, order in patch.items():
        if not name.startswith(_ORDER) or not isinstance(order, list):
            continue
        field_name = name.removeprefix(_ORDER)
        field = None if schema is None else schema.child(field_name)
        present = merged.get(field_name)
        if isinstance(present, list):
            key = field.patch_merge_key if field is not None else ""
            before = document.get(field_name) or []
            merged[field_name] = _ordered(present, order, before, key)


def _ordered(items: list[Any], order: list[Any], before: list[Any], key: str) -> list[Any]:
    """Items that `order` names in its order; the server's own stay where they were, at best.

    An item of the server alone comes before the first ordered item that followed it in the live
    list.
    """

    def identity(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, dict) else item

    wanted = [identity(each) for each in order]
    places = [identity(each) for each in before]
    named = [each for each in items if identity(each) in wanted]
    named.sort(key=lambda each: wanted.index(identity(each)))
    merged: list[Any] = []
    for item in items:
        if identity(item) in wanted:
            continue
        place = _place(places, identity(item))
        while named and not _place(places, identity(named[0])) > place:
            merged.append(named.pop(0))
        merged.append(item)
    return merged + named


def _place(places: list[Any], identity: Any) -> int:
    return places.index(identity) if identity in places else -1


def _unique(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(_plain(value))
    return found


def _plain(value: Any) -> Any:
    """A patch's value as data: nulls and directives below it are gone."""
    if isinstance(value, dict):
        return {
            name: _plain(each)
            for name, each in value.items()
            if each is not None
            and name != _DIRECTIVE
            and not name.startswith((_RETAIN, _DELETE_FROM, _ORDER))
        }
    if isinstance(value, list):
        return [
            _plain(each)
            for each in value
            if not (isinstance(each, dict) and each.get(_DIRECTIVE) in ("delete", "replace"))
        ]
    return value


def _unknown_directive(patch: dict[str, Any]) -> PatchError:
    directive = plain(patch[_DIRECTIVE])
    return PatchError(500, f"unknown patch type: {directive} in map: {plain(patch)}")
