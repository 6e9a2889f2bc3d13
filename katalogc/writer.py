"""Artifacts into a folder, or compared with it. The only module of a build that touches the disk.

A folder remembers what was written into it (`.katalogc.json`: path and digest of every file), so
that

- a file that a later build no longer makes is removed, if nobody changed it since;
- a file that somebody else put there is never overwritten.

All files are written beside their places first and renamed afterwards: a full disk leaves the
folder as it was, and no reader ever sees half a file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from katalogc.codegen.artifact import Artifact
from katalogc.errors import SurroundingsError

RECORD = ".katalogc.json"
"""The list of what was written, kept in the folder itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a build would change in a folder; paths relative to it."""

    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.stale)


def compare(artifacts: Sequence[Artifact], folder: Path) -> Difference:
    """What `write` would change.

    Raises:
        SurroundingsError: the folder cannot be read.
    """
    try:
        record = _record(folder)
        found = {each.path: _content(folder / each.path) for each in artifacts}
        stale = [path for path in _stale(artifacts, record) if (folder / path).is_file()]
    except OSError as error:
        raise _refused(error, folder) from error
    return Difference(
        missing=tuple(path for path, content in found.items() if content is None),
        changed=tuple(
            each.path for each in artifacts if found[each.path] not in (None, each.content.encode())
        ),
        stale=tuple(stale),
    )


def write(artifacts: Sequence[Artifact], folder: Path) -> Difference:
    """Write what differs and remove what is no longer made; says what was changed.

    Raises:
        SurroundingsError: the disk refuses, or a file of somebody else is in the way.
    """
    difference = compare(artifacts, folder)
    try:
        record = _record(folder)
        _refuse_foreign(difference.changed, folder, record)
        wanted = {*difference.missing, *difference.changed}
        _replace(
            [
                *((folder / each.path, each.content) for each in artifacts if each.path in wanted),
                (folder / RECORD, _dump(artifacts)),
            ]
        )
        removed = _remove(difference.stale, folder, record)
    except OSError as error:
        raise _refused(error, folder) from error
    return Difference(missing=difference.missing, changed=difference.changed, stale=removed)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _dump(artifacts: Iterable[Artifact]) -> str:
    files = {each.path: _digest(each.content.encode()) for each in artifacts}
    return json.dumps({"files": files}, sort_keys=True, indent=1) + "\n"


def _record(folder: Path) -> dict[str, str]:
    """Digests by path of the last build; empty where there was none, or its list is unreadable."""
    content = _content(folder / RECORD)
    try:
        files = json.loads(content)["files"] if content else {}
        return {str(path): str(digest) for path, digest in files.items() if _is_inside(str(path))}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _is_inside(path: str) -> bool:
    """Whether a recorded path stays in the folder; the list may have been edited by hand."""
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts and path != ""


def _stale(artifacts: Iterable[Artifact], record: Mapping[str, str]) -> list[str]:
    made = {each.path for each in artifacts}
    return sorted(path for path in record if path not in made)


def _refuse_foreign(paths: Iterable[str], folder: Path, record: Mapping[str, str]) -> None:
    foreign = sorted(path for path in paths if path not in record)
    if foreign:
        raise SurroundingsError(
            f"{folder / foreign[0]} exists and was not written by katalogc;"
            " move it away, or choose another folder with -o"
        )


def _replace(files: Sequence[tuple[Path, str]]) -> None:
    """Put every file in its place, or none that was not complete."""
    waiting: list[tuple[Path, Path]] = []
    try:
        for path, content in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.{os.getpid()}.new")
            waiting.append((beside, path))
            beside.write_text(content, encoding="utf-8", newline="\n")
        for beside, path in waiting:
            beside.replace(path)
    finally:
        for beside, _ in waiting:
            beside.unlink(missing_ok=True)


def _remove(paths: Iterable[str], folder: Path, record: Mapping[str, str]) -> tuple[str, ...]:
    """Remove files that we wrote and nobody changed, and folders that this leaves empty."""
    removed = []
    for path in paths:
        content = _content(folder / path)
        if content is None or _digest(content) != record[path]:
            continue
        (folder / path).unlink()
        removed.append(path)
        for parent in PurePosixPath(path).parents:
            place = folder / parent
            if place == folder or any(place.iterdir()):
                break
            place.rmdir()
    return tuple(removed)


def _refused(error: OSError, folder: Path) -> SurroundingsError:
    place = error.filename or folder
    return SurroundingsError(f"{place}: {(error.strerror or str(error)).lower()}")
