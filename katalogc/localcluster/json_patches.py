"""JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386) on decoded JSON.

In: a document and a patch. Out: a new document that shares unchanged parts with the old one;
neither argument is modified. `PatchError` carries the status that the API server answers: 400 for
what is no patch, 422 for a patch that does not fit the document.
"""

from __future__ import annotations

import json
from typing import Any

MAX_OPERATIONS = 10_000
"""The API server's limit for one JSON patch."""
_KINDS = ("add", "remove", "replace", "move", "copy", "test")

_REASONS = {400: "BadRequest", 413: "RequestEntityTooLarge", 422: "Invalid"}
_REJECTED = "the server rejected our request due to an error in our request"


class PatchError(Exception):
    """A patch that cannot be applied."""

    def __init__(self, status: int, message: str, detail: str = "") -> None:
        super().__init__(detail or message)
        self.status = status
        """400 (no patch), 413 (too large), 422 (does not fit) or 500 (strategic patches)."""
        self.message = message
        self.detail = detail
        """For 422: the message of the single cause, whose reason is `UnexpectedServerResponse`."""
        self.reason = _REASONS.get(status, "")


def _misfit(detail: str) -> PatchError:
    return PatchError(422, _REJECTED, detail)


def merge_patch(document: Any, patch: Any) -> Any:
    """RFC 7386: maps merge, null removes, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def json_patch(document: Any, operations: Any) -> Any:
    """RFC 6902: the operations in order, all or none.

    Raises:
        PatchError: 400 when `operations` is no patch, 422 when an operation fails, 413 when there
            are too many.
    """
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        kind = _go_kind(operations)
        raise PatchError(
            400,
            f"error decoding patch: json: cannot unmarshal {kind} into Go value of type "
            "[]handlers.jsonPatchOp",
        )
    if len(operations) > MAX_OPERATIONS:
        raise PatchError(
            413,
            f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got "
            f"{len(operations)}",
        )
    for operation in operations:
        document = _apply(document, operation)
    return document


def _apply(document: Any, operation: dict[str, Any]) -> Any:
    kind = operation.get("op")
    if kind not in _KINDS:
        raise _misfit(f"Unexpected kind: {kind if isinstance(kind, str) else 'unknown'}")
    path = _pointer(operation, "path", kind)
    if kind in ("move", "copy"):
        origin = _pointer(operation, "from", kind)
        value = _get(document, origin, kind)
        if kind == "move":
            document = _remove(document, origin, kind)
        return _add(document, path, value, kind)
    if kind == "remove":
        return _remove(document, path, kind)
    value = operation.get("value")
    if kind == "add":
        return _add(document, path, value, kind)
    if kind == "replace":
        # As in the API server's library, a missing key of a map is no mistake here.
        return _put(document, path, value, kind)
    return _test(document, path, value)


def _test(document: Any, path: list[str], value: Any) -> Any:
    if not _equal(_get(document, path, "test"), value):
        raise _misfit(f"testing value {_text(path)} failed: test failed")
    return document


def _pointer(operation: dict[str, Any], field: str, kind: str) -> list[str]:
    pointer = operation.get(field)
    if not isinstance(pointer, str):
        raise _misfit(f"{kind} operation failed to decode {field}: missing")
    if pointer == "":
        return []
    # The API server's library ignores what stands before the first slash.
    steps = pointer.split("/")[1:]
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


def _text(path: list[str]) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)


def _missing(kind: str, path: list[str]) -> PatchError:
    where = _text(path)
    text = {
        "add": f'add operation does not apply: doc is missing path: "{where}": missing value',
        "remove": f'remove operation does not apply: doc is missing path: "{where}": missing value',
        "replace": f"replace operation does not apply: doc is missing path: {where}: missing value",
        "copy": (
            f'copy operation does not apply: doc is missing from path: "{where}": missing value'
        ),
        "move": (
            f'move operation does not apply: doc is missing from path: "{where}": missing value'
        ),
        "test": f'test operation for path: "{where}": missing value',
    }[kind]
    return _misfit(text)


def _index(step: str, length: int, path: list[str], kind: str) -> int:
    try:
        index = int(step)
    except ValueError as error:
        raise _misfit(
            f'error in {kind} for path: "{_text(path)}": value was not a proper array index: '
            f'"{step}": '
            f'strconv.Atoi: parsing "{step}": invalid syntax',
        ) from error
    if index < 0:
        index += length
    if not 0 <= index < length:
        raise _misfit(
            f'error in {kind} for path: "{_text(path)}": Unable to access invalid index: {step}: '
            "invalid index referenced",
        )
    return index


def _get(document: Any, path: list[str], kind: str) -> Any:
    node = document
    for depth, step in enumerate(path):
        if isinstance(node, dict) and (step in node or depth == len(path) - 1):
            # A missing key reads as null, as in the API server's library.
            node = node.get(step)
        elif isinstance(node, list):
            node = node[_index(step, len(node), path, kind)]
        else:
            raise _missing(kind, path)
    return node


def _edit(node: Any, path: list[str], depth: int, kind: str, change: Any) -> Any:
    """A copy of `node` with `change(parent copy, last step)` applied at the end of the path."""
    step = path[depth]
    if isinstance(node, dict):
        copy: Any = dict(node)
    elif isinstance(node, list):
        copy = list(node)
    else:
        raise _missing(kind, path)
    if depth == len(path) - 1:
        change(copy, step)
    elif isinstance(copy, dict):
        if step not in copy:
            raise _missing(kind, path)
        copy[step] = _edit(copy[step], path, depth + 1, kind, change)
    else:
        index = _index(step, len(copy), path, kind)
        copy[index] = _edit(copy[index], path, depth + 1, kind, change)
    return copy


def _add(document: Any, path: list[str], value: Any, kind: str) -> Any:
    def change(parent: Any, step: str) -> None:
        if isinstance(parent, dict):
            parent[step] = value
        elif step == "-":
            parent.append(value)
        else:
            parent.insert(_index(step, len(parent) + 1, path, kind), value)

    return value if not path else _edit(document, path, 0, kind, change)


def _put(document: Any, path: list[str], value: Any, kind: str) -> Any:
    def change(parent: Any, step: str) -> None:
        if isinstance(parent, dict):
            parent[step] = value
        else:
            parent[_index(step, len(parent), path, kind)] = value

    return value if not path else _edit(document, path, 0, kind, change)


def _remove(document: Any, path: list[str], kind: str) -> Any:
    def change(parent: Any, step: str) -> None:
        if isinstance(parent, dict):
            if step not in parent:
                raise _misfit(
                    f'error in {kind} for path: "{_text(path)}": Unable to remove nonexistent key: '
                    f"{step}: "
                    "missing value",
                )
            del parent[step]
        else:
            del parent[_index(step, len(parent), path, kind)]

    if not path:
        raise _missing(kind, path)
    return _edit(document, path, 0, kind, change)


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _go_kind(value: Any) -> str:
    if isinstance(value, list):
        value = next((each for each in value if not isinstance(each, dict)), value)
    name = {"{": "object", "[": "array", '"': "string", "t": "bool", "f": "bool"}
    return name.get(json.dumps(value)[0], "number")
