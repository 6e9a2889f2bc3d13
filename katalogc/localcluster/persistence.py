"""A cluster's state in a file: written as a whole, atomically; read back with every resource
version.

In: a state and a path. Out: one JSON document, `{"format", "revision", "secrets", "objects"}`. A
file that is not of this format is refused, never overwritten.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson

from katalog_runtime.objects import GroupResource
from katalogc.errors import SurroundingsError
from katalogc.localcluster.state import ClusterState

FORMAT = "katalogc.localcluster/v1"


def dump(state: ClusterState, secrets: dict[str, Any]) -> bytes:
    """The state as bytes; `secrets` is what else must survive (signing key, tokens,
    certificates)."""
    objects = {
        str(resource): [manifest for _, manifest in collection.select()]
        for resource, collection in state.store.collections.items()
        if collection.objects
    }
    document = {
        "format": FORMAT,
        "minor": state.minor,
        "revision": state.store.revision,
        "secrets": secrets,
        "objects": objects,
    }
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def save(path: Path, content: bytes) -> None:
    """Replaces the file in one step; a crash leaves the old or the new content, nothing between.

    Raises:
        SurroundingsError: the disk refuses.
    """
    try:
        with _beside(path) as (file, name):
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            name.replace(path)
    except OSError as error:
        raise _refused("written to", path, error) from error


def check_writable(path: Path) -> None:
    """Whether `save` will find a folder to write to; the file is left as it is.

    Raises:
        SurroundingsError: it will not.
    """
    try:
        with _beside(path):
            pass
    except OSError as error:
        raise _refused("written to", path, error) from error


@contextmanager
def _beside(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A new file in the folder of `path`; what is not moved from its name is gone in the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "wb") as file:
            yield file, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _refused(what: str, path: Path, error: OSError) -> SurroundingsError:
    if isinstance(error, FileExistsError | NotADirectoryError):
        why = f"{path.parent} is no folder"
    else:
        why = (error.strerror or str(error)).lower()
    return SurroundingsError(f"the cluster's state cannot be {what} {path}: {why}")


def read(path: Path) -> dict[str, Any] | None:
    """The saved document, or None if there is no file yet.

    Raises:
        SurroundingsError: the file cannot be read or holds something else.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused("read from", path, error) from error
    if not content:
        return None
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise SurroundingsError(
            f"{path} is no saved state of the embedded cluster: {error}"
        ) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise SurroundingsError(
            f"{path} is no saved state of the embedded cluster; it is left as it is"
        )
    return document


def restore(state: ClusterState, document: dict[str, Any]) -> None:
    """Puts the saved objects into an empty state."""
    revision = int(document["revision"])
    state.store.revision = revision
    for text, manifests in document["objects"].items():
        name, _, group = text.partition(".")
        collection = state.store.collection(GroupResource(group, name))
        objects = {
            f"{each['metadata'].get('namespace', '')}/{each['metadata']['name']}": each
            for each in manifests
        }
        collection.load(objects, revision)
