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
