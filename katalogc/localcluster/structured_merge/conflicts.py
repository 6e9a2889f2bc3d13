"""Who stands in an apply's way: the conflict as an exception, worded like the API server's answer.

In: managers and the paths they own. Out: `FieldConflict` with the message, `details.causes` and the
pairs themselves.
"""

from __future__ import annotations

from typing import Any

from katalogc.localcluster.structured_merge.field_paths import (
    Path,
    PathSet,
    display,
    in_server_order,
)
from katalogc.localcluster.structured_merge.managers import ManagerKey, describe


class FieldConflict(Exception):  # noqa: N818 - the API server's own word for it
    """409: other managers own fields that the applied object wants to change."""

    def __init__(self, owned: dict[ManagerKey, PathSet]) -> None:
        self.owned = owned
        self.pairs: list[tuple[str, str]] = [
            (key.manager, display(path)) for key, path in _each(owned)
        ]
        """`(manager, field)` for every field in conflict."""
        self.causes: list[dict[str, Any]] = [
            {
                "reason": "FieldManagerConflict",
                "message": f"conflict with {describe(key)}",
                "field": display(path),
            }
            for key, path in _each(owned)
        ]
        """For `details.causes` of the Status object."""
        self.message = _message(owned)
        super().__init__(self.message)


def _each(owned: dict[ManagerKey, PathSet]) -> list[tuple[ManagerKey, Path]]:
    return [(key, path) for key in sorted(owned) for path in in_server_order(owned[key])]


def _message(owned: dict[ManagerKey, PathSet]) -> str:
    pairs = _each(owned)
    if len(pairs) == 1:
        key, path = pairs[0]
        return f"Apply failed with 1 conflict: conflict with {describe(key)}: {display(path)}"
    lines: list[str] = []
    for key in sorted(owned):
        lines.append(f"conflicts with {describe(key)}:")
        lines += [f"- {display(path)}" for path in in_server_order(owned[key])]
    return f"Apply failed with {len(pairs)} conflicts: " + "\n".join(lines)
