"""`metadata.managedFields` as a table of managers, and back.

In: the list as an object carries it. Out: `Managers`: who owns which paths since when; encoded
again in the API server's order. Pure: time stamps are text (RFC 3339, UTC) given by the caller.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from katalogc.localcluster.structured_merge.field_paths import (
    FieldsError,
    PathSet,
    decode,
    encode,
)

MAX_UPDATE_MANAGERS = 10
"""More Update entries than these are merged, oldest first (the API server's own limit)."""
ANCIENT = "ancient-changes"


class ManagerKey(NamedTuple):
    """What tells entries apart; an applier's entry is the same for every API version."""

    manager: str
    operation: str
    """`Apply` or `Update`."""
    api_version: str
    """Empty for `Apply`."""
    subresource: str


class Entry(NamedTuple):
    """What one manager owns."""

    paths: PathSet
    api_version: str
    time: str
    """RFC 3339; empty when the client left it out."""

    def owning(self, paths: PathSet) -> Entry:
        """The same entry with other paths."""
        return self._replace(paths=paths)


Managers = dict[ManagerKey, Entry]


def key_for(manager: str, operation: str, api_version: str, subresource: str) -> ManagerKey:
    """The key of an operation's entry; a manager without name is called `unknown`."""
    version = "" if operation == "Apply" else api_version
    return ManagerKey(manager or "unknown", operation, version, subresource)


def read_managers(managed_fields: Any) -> Managers:
    """The table of a `managedFields` list; null and absent are empty.

    Raises:
        FieldsError: an entry that is none; the API server then ignores the whole list.
    """
    table: Managers = {}
    if not isinstance(managed_fields, list):
        return table
    for row in managed_fields:
        if not isinstance(row, dict):
            raise FieldsError("an entry is no object")
        operation = row.get("operation")
        if operation not in ("Apply", "Update"):
            raise FieldsError("operation must be `Apply` or `Update`")
        if row.get("fieldsType") != "FieldsV1":
            raise FieldsError("fieldsType must be `FieldsV1`")
        version = row.get("apiVersion", "")
        if not version:
            raise FieldsError("apiVersion must not be empty")
        key = key_for(row.get("manager", ""), operation, version, row.get("subresource", ""))
        table[key] = Entry(decode(row.get("fieldsV1") or {}), version, row.get("time") or "")
    return table


def write_managers(table: Managers) -> list[dict[str, Any]]:
    """The `managedFields` list: appliers first, then by time, manager, version and subresource."""

    def order(item: tuple[ManagerKey, Entry]) -> tuple[str, ...]:
        key, entry = item
        return (key.operation, entry.time, key.manager, entry.api_version, key.subresource)

    rows: list[dict[str, Any]] = []
    for key, entry in sorted(table.items(), key=order):
        row: dict[str, Any] = {
            "manager": key.manager,
            "operation": key.operation,
            "apiVersion": entry.api_version,
        }
        if entry.time:
            row["time"] = entry.time
        row["fieldsType"] = "FieldsV1"
        row["fieldsV1"] = encode(entry.paths)
        if key.subresource:
            row["subresource"] = key.subresource
        rows.append(row)
    return rows


def is_reset(managed_fields: Any) -> bool:
    """Whether a request clears the table: an empty list, or a list of one empty entry."""
    return isinstance(managed_fields, list) and (not managed_fields or managed_fields == [{}])


def cap_updates(table: Managers) -> Managers:
    """The table with its oldest Update entries merged per API version, if they are too many."""
    updates = [key for key in table if key.operation == "Update"]
    surplus = len(updates) - MAX_UPDATE_MANAGERS
    if surplus <= 0:
        return table
    capped = dict(table)
    first_of: dict[str, ManagerKey] = {}
    for key in sorted(updates, key=lambda each: (table[each].time, each)):
        if surplus <= 0:
            break
        version = table[key].api_version
        first = first_of.setdefault(version, key)
        if first == key:
            continue
        bucket = key_for(ANCIENT, "Update", version, "")
        if bucket not in capped:
            capped[bucket] = capped.pop(first)
        entry = capped.pop(key) if key != bucket else table[key]
        capped[bucket] = Entry(capped[bucket].paths | entry.paths, version, entry.time)
        surplus -= 1
    return capped


def describe(key: ManagerKey) -> str:
    """A manager in conflict messages: `"kubectl" with subresource "status" using apps/v1`."""
    text = f'"{key.manager}"'
    if key.subresource:
        text += f' with subresource "{key.subresource}"'
    if key.operation == "Update":
        text += f" using {key.api_version}"
    return text
