"""Watches: the changes of a collection as a client with selectors sees them.

In: an operation and the store's history. Out: frames (`{"type", "object"}`) whenever `poll` is
called. A watch knows no loop and no clock; `stream` waits for it in whatever event loop it runs in,
virtual time included.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

from katalog_runtime.objects import Manifest
from katalogc.localcluster.conversion import to_served
from katalogc.localcluster.operations import Operation
from katalogc.localcluster.reads import checked_predicate, parse_version
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.statuses import Refusal, expired
from katalogc.localcluster.storage import Change

INITIAL_EVENTS_END = "k8s.io/initial-events-end"
TIMER_SLACK_SECONDS = 0.001
BOOKMARK_SECONDS = 60.0
LAST_BOOKMARK_SECONDS = 2.0
DEFAULT_TIMEOUT_SECONDS = 1800.0
"""Upstream draws a timeout between half an hour and an hour."""

Frame = Manifest


class Watch:
    """One open watch; `poll` gives what happened since the last call."""

    def __init__(self, state: ClusterState, operation: Operation) -> None:
        """Starts a watch.

        Raises:
            Refusal: the options contradict each other, or a selector cannot be parsed.
        """
        self._matches = checked_predicate(operation)
        self.lock = state.lock
        """To be held while `poll`, `bookmark` or `listen` run."""
        self._state = state
        self._operation = operation
        self._type = operation.type
        self._prefix = f"{operation.namespace}/" if operation.namespace else ""
        self._collection = state.store.collection(self._type.storage)
        self._opening: list[Frame] = []
        self._sent = 0
        self.ended = False
        """Whether the stream is over: nothing more will come."""
        version = _version(operation.resource_version)
        if operation.send_initial_events or version == 0:
            if operation.send_initial_events is not False:
                self._opening = self._initial()
            self._cursor = self._collection.end
        elif version < self._collection.compacted:
            self._fail(f"too old resource version: {version} ({self._collection.compacted})")
        else:
            self._cursor = self._collection.position_after(version)

    def _initial(self) -> list[Frame]:
        frames = [
            {"type": "ADDED", "object": to_served(self._type, each)}
            for _, each in self._collection.select(self._operation.namespace)
            if self._matches is None or self._matches(to_served(self._type, each))
        ]
        if self._operation.bookmarks:
            frames.append(self.bookmark(initial=True))
        return frames

    def _fail(self, message: str) -> None:
        self._opening.append({"type": "ERROR", "object": expired(message).body})
        self._cursor = self._collection.end
        self.ended = True

    def abort(self, frame: Frame | None = None) -> None:
        """Ends the stream, after one last frame if there is one."""
        if frame is not None:
            self._opening.append(frame)
        self.ended = True

    def bookmark(self, *, initial: bool = False) -> Frame:
        """A BOOKMARK at the current revision; only right after `poll` has given everything."""
        metadata: Manifest = {"resourceVersion": str(self._state.store.revision)}
        if initial:
            metadata["annotations"] = {INITIAL_EVENTS_END: "true"}
        body = {"kind": self._type.kind, "apiVersion": self._type.api_version, "metadata": metadata}
        return {"type": "BOOKMARK", "object": body}

    @property
    def wants_bookmarks(self) -> bool:
        """Whether the client allows bookmarks."""
        return self._operation.bookmarks

    def poll(self) -> list[Frame]:
        """The frames since the last call; sets `ended` when the watch cannot go on."""
        frames, self._opening = self._opening, []
        if self.ended:
            return frames
        served = self._state.registry.get(self._type.group, self._type.version, self._type.plural)
        if served is None:
            self.ended = True
            return frames
        changes = self._collection.changes(self._cursor)
        if changes is None:
            self._fail(f"too old resource version: {self._cursor} ({self._collection.compacted})")
            return frames + self.poll()
        self._cursor = self._collection.end
        for change in changes:
            frame = self._frame(change)
            if frame is not None:
                frames.append(frame)
        return frames

    def _frame(self, change: Change) -> Frame | None:
        if self._prefix and not change.key.startswith(self._prefix):
            return None
        served = to_served(self._type, change.object)
        matches = self._matches
        if matches is None:
            return {"type": change.type, "object": served}
        before = change.previous is not None and matches(to_served(self._type, change.previous))
        after = change.type != "DELETED" and matches(served)
        if before and after:
            return {"type": "MODIFIED", "object": served}
        if after:
            return {"type": "ADDED", "object": served}
        if before:
            if change.type != "DELETED" and change.previous is not None:
                # It left the selection: the client sees its last selected state, at the
                # new version.
                metadata = {
                    **change.previous["metadata"],
                    "resourceVersion": str(change.revision),
                }
                served = to_served(self._type, {**change.previous, "metadata": metadata})
            return {"type": "DELETED", "object": served}
        return None

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Calls `callback` after every change of the collection; returns how to stop that."""
        self._collection.listeners.add(callback)
        return lambda: self._collection.listeners.discard(callback)


def _version(text: str) -> int:
    try:
        return parse_version(text)
    except Refusal as refusal:
        # Upstream forgets to say whose fault it is.
        text = refusal.message.removeprefix("invalid resource version: ")
        raise Refusal(500, "", text) from refusal


async def stream(watch: Watch, timeout_seconds: float | None) -> AsyncIterator[list[Frame]]:
    """Batches of frames until the timeout, the end of the watch, or the consumer's leaving."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()
    thread = threading.get_ident()

    def notice() -> None:
        if threading.get_ident() == thread:
            changed.set()
        elif not loop.is_closed():
            loop.call_soon_threadsafe(changed.set)

    with watch.lock:
        stop_listening = watch.listen(notice)
    end = loop.time() + (timeout_seconds or DEFAULT_TIMEOUT_SECONDS)
    # As upstream: one every minute, and one shortly before the end, if the end is not that near.
    last_bookmark = end - LAST_BOOKMARK_SECONDS
    next_bookmark = loop.time() + BOOKMARK_SECONDS
    if loop.time() < last_bookmark < next_bookmark:
        next_bookmark = last_bookmark
    try:
        while True:
            changed.clear()
            # A timer may fire a rounding error early, and on virtual time for ever so.
            now = loop.time() + TIMER_SLACK_SECONDS
            with watch.lock:
                frames = watch.poll()
                if watch.wants_bookmarks and not watch.ended and now >= next_bookmark:
                    frames.append(watch.bookmark())
                    next_bookmark = now + BOOKMARK_SECONDS
                    if now < last_bookmark < next_bookmark:
                        next_bookmark = last_bookmark
            if frames:
                yield frames
            if watch.ended or now >= end:
                return
            if changed.is_set():
                continue
            wake = min(end, next_bookmark) if watch.wants_bookmarks else end
            timer = loop.call_at(wake, changed.set)
            try:
                await changed.wait()
            finally:
                timer.cancel()
    finally:
        with watch.lock:
            stop_listening()
