"""The user's files on disk: the one module of the compiler that opens them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from katalogc.errors import SurroundingsError

NAMES = ("katalog.yaml", "catalog.yaml", "komposer.yaml")
"""What a folder is searched for, in this order."""
_MAX_BYTES = 16 * 1024 * 1024


class DiskFiles:
    """Files by the path that the user gave, relative to the working directory."""

    def read(self, name: str) -> bytes:
        """The content of a file.

        Raises:
            OSError: it cannot be read, is no regular file, or is larger than 16 MiB.
        """
        path = Path(name)
        with path.open("rb") as file:
            if not path.is_file():
                raise OSError(0, "not a regular file", name)
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise OSError(0, "larger than 16 MiB:", name)
        return content


Look = tuple[int, int]
"""What tells two states of a file apart: when it was modified (ns), and its size in bytes."""


class WatchedFiles(DiskFiles):
    """Remembers how every file looked before it was read, so that no later change is missed."""

    def __init__(self) -> None:
        self._looks: dict[str, Look] = {}

    def watch(self, name: str) -> None:
        """Count changes of a file or folder from now on, whether it is read or not."""
        self._looks[name] = _look(name)

    def read(self, name: str) -> bytes:
        """See `DiskFiles.read`; a file that cannot be read is watched as well."""
        self.watch(name)
        return super().read(name)

    def has_changed(self) -> bool:
        """Whether a watched file or folder is another one than it was."""
        return any(_look(name) != look for name, look in self._looks.items())


def _look(name: str) -> Look:
    try:
        found = Path(name).stat()
    except OSError:
        return (0, 0)  # gone, if only for a moment while an editor replaces it
    return found.st_mtime_ns, found.st_size


def find_document(path: str) -> str:
    """The file that a path means: itself, or the Katalog of a folder.

    Raises:
        SurroundingsError: there is no such file or folder, or the folder holds no Katalog.
    """
    place = Path(path)
    if place.is_dir():
        for name in NAMES:
            if (place / name).is_file():
                return os.path.join(path, name) if path != "." else name  # noqa: PTH118 keeps `./`
        raise SurroundingsError(f"{path}: no {', '.join(NAMES[:-1])} or {NAMES[-1]} in this folder")
    if not place.exists():
        raise SurroundingsError(f"{path}: no such file or folder")
    return path


def find_documents(path: str) -> Iterator[str]:
    """All YAML files below a folder, sorted; hidden folders are left out."""
    place = Path(path)
    if not place.is_dir():
        yield find_document(path)
        return
    for found in sorted(place.rglob("*")):
        parts = found.relative_to(place).parts
        if found.suffix in (".yaml", ".yml") and not any(part.startswith(".") for part in parts):
            yield str(found)
