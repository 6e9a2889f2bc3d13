"""The bytes of a watch in, events out: split at newlines, bounded, decoded, not interpreted. Pure.

A watch answers one JSON object per line. Chunks of the stream cut lines anywhere, even inside of a
character. Whatever is no event raises `UnreachableError`: such a stream cannot be trusted further,
and the list-watch resumes from the last good event (fault W9).
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from katalog_runtime.cluster import WatchEvent
from katalog_runtime.errors import UnreachableError

MAX_LINE_BYTES = 16 * 1024 * 1024
"""etcd takes objects of 1.5 MiB at most; JSON escapes and managedFields may multiply that."""


class WatchLines:
    """Collects chunks and yields the events that they complete."""

    def __init__(self, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._max_line_bytes = max_line_bytes
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[WatchEvent]:
        """The events whose last byte is in `chunk`.

        Raises:
            UnreachableError: a line is too long, is no JSON, or is no event.
        """
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            line = chunk[start:end]
            start = end + 1
            if self._pieces:
                self._pieces.append(line)
                line = b"".join(self._pieces)
                self._pieces.clear()
                self._size = 0
            if line and not line.isspace():
                yield decode(line)
        if start < len(chunk):
            rest = chunk[start:] if start else chunk
            self._pieces.append(rest)
            self._size += len(rest)
            if self._size > self._max_line_bytes:
                raise UnreachableError(
                    f"the watch sent a line of more than {self._max_line_bytes} bytes"
                )

    def finish(self) -> None:
        """The stream ended.

        Raises:
            UnreachableError: it ended in the middle of a line.
        """
        if any(not piece.isspace() for piece in self._pieces):
            raise UnreachableError("the watch was cut off in the middle of an event")


def decode(line: bytes) -> WatchEvent:
    """One line as an event.

    Raises:
        UnreachableError: not JSON, not UTF-8, or without `type` and `object`.
    """
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UnreachableError(f"the watch sent a line that is no JSON: {error}") from error
    if not isinstance(event, dict):
        raise UnreachableError("the watch sent a line that is no event")
    kind, manifest = event.get("type"), event.get("object")
    if not isinstance(kind, str) or not isinstance(manifest, dict):
        raise UnreachableError("the watch sent an event without type or object")
    return WatchEvent(type=kind, object=manifest)
