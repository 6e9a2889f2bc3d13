"""List, then watch, for ever: a state machine. Answers of the server in, requests and deltas out.

Rules of this file:

1. Everything that decides what to ask the server next lives here; `reflector` only asks.
2. No I/O, no clock, no randomness: `now` (seconds, monotonic) and `chance` come in.
3. The machine keeps no objects, only where it stands. The cache compares and keeps.

    LISTING --last page--> WATCHING --410, audit--> LISTING
       |  \\--410 (expired token)--> LISTING from the start
       `--error--> WAITING --waited--> LISTING        WATCHING --error, broken line--> WAITING
    WATCHING --clean end, silence--> WATCHING from the last version, without a list
    WATCHING --somebody has heard nothing yet--> LISTING
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from katalog_runtime.backoff import delay_seconds
from katalog_runtime.bundle import Backoff
from katalog_runtime.cluster import ListPage, WatchEvent
from katalog_runtime.errors import ApiError, GoneError, api_error
from katalog_runtime.objects import Manifest, NamespacedName

RETRY = Backoff(initial_seconds=0.5, max_seconds=30.0, multiplier=2.0)
"""Between tries to list or watch; a kind that appears later is found within the cap."""

RELIST_AFTER_FAILURES = 5
"""Watches that fail in a row without a word before the version is given up and a list is read."""


class ListRequest(NamedTuple):
    """Ask for one page."""

    limit: int
    continue_token: str


class WatchRequest(NamedTuple):
    """Ask for events after a version."""

    resource_version: str
    timeout_seconds: int


class WaitRequest(NamedTuple):
    """Ask nothing for a while."""

    seconds: float


Request = ListRequest | WatchRequest | WaitRequest


class Upsert(NamedTuple):
    """The object exists, in this form."""

    manifest: Manifest


class Remove(NamedTuple):
    """The object is gone, or no longer matches the selector; this was its last form."""

    manifest: Manifest


class Sweep(NamedTuple):
    """A full list ended: what is older than its version and was not in it is gone."""

    seen: frozenset[NamespacedName]
    resource_version: str


Delta = Upsert | Remove | Sweep


class Phase(Enum):
    """Where the machine stands."""

    LISTING = "listing"
    WATCHING = "watching"
    WAITING = "waiting"


class ListWatch:
    """One list and watch. Feed it every answer; `request` says what to ask next."""

    def __init__(
        self,
        *,
        page_size: int,
        watch_seconds: int,
        audit_seconds: float,
        chance: Callable[[], float],
    ) -> None:
        """A machine that begins with a list; `chance` draws from [0, 1)."""
        self._page_size = page_size
        self._watch_seconds = watch_seconds
        self._audit_seconds = audit_seconds
        self._chance = chance
        self._phase = Phase.LISTING
        self._after_wait = Phase.LISTING
        self._wait_seconds = 0.0
        self._token = ""
        self._seen: set[NamespacedName] = set()
        self._version = ""
        self._watch_began = 0.0
        self._audit_at = 0.0
        self._audit_early = False
        self._failures = 0
        self.synced = False
        """Whether a first list was read to its end."""
        self.trouble = ""
        """What the server said, while it refuses; empty while all is well."""
        self.heard_at = 0.0
        """When the server last said anything useful."""
        self.lists = 0
        self.watch_ends = 0
        self.list_wanted = False
        """Whether a list is to be read instead of watching on: hang up, and say `on_hangup`."""

    @property
    def phase(self) -> Phase:
        """Where the machine stands."""
        return self._phase

    @property
    def resource_version(self) -> str:
        """The version up to which everything is known; empty before the first list ends."""
        return self._version

    def request(self, now: float) -> Request:
        """What to ask the server next."""
        if self._phase is Phase.WAITING:
            return WaitRequest(self._wait_seconds)
        if self.list_wanted:
            self._phase = Phase.LISTING
        if self._phase is Phase.LISTING:
            if not self._token:
                self.list_wanted = self._audit_early = False
            return ListRequest(self._page_size, self._token)
        self._watch_began = now
        # Watches that began together shall not end together.
        seconds = self._watch_seconds * (0.8 + 0.2 * self._chance())
        return WatchRequest(self._version, max(1, int(seconds)))

    def want_list(self) -> None:
        """Somebody has to hear everything from the start, by a list that has not begun yet."""
        if self._phase is not Phase.LISTING or self._token:
            self.list_wanted = True

    def want_audit(self) -> None:
        """Something that was said got lost: the end of the watch is soon enough to hear it again."""
        self._audit_early = True

    def on_page(self, page: ListPage, now: float) -> list[Delta]:
        """A page came."""
        self._heard(now)
        deltas: list[Delta] = []
        for manifest in page.items:
            metadata = manifest["metadata"]
            self._seen.add(NamespacedName(metadata.get("namespace", ""), metadata["name"]))
            deltas.append(Upsert(manifest))
        if page.continue_token:
            self._token = page.continue_token
            return deltas
        deltas.append(Sweep(frozenset(self._seen), page.resource_version))
        self._version = page.resource_version
        self._restart_list()
        self._phase = Phase.WATCHING
        self._audit_at = now + self._audit_seconds * (0.8 + 0.4 * self._chance())
        self.synced = True
        self.lists += 1
        return deltas

    def on_event(self, event: WatchEvent, now: float) -> list[Delta]:
        """A line of the watch came. If `phase` is no longer WATCHING, hang up."""
        if event.type == "ERROR":
            self._error_line(event.object)
            return []
        version = _version_of(event.object)
        if version is None or event.type not in ("ADDED", "MODIFIED", "DELETED", "BOOKMARK"):
            self._broken(f"a line that is no event came ({event.type[:40]!r})")
            return []
        self._heard(now)
        self._failures = 0
        self._version = version
        if event.type == "BOOKMARK":
            return []
        return [Remove(event.object) if event.type == "DELETED" else Upsert(event.object)]

    def on_end(self, now: float) -> None:
        """The server ended the watch in good order."""
        self.watch_ends += 1
        if now >= self._audit_at:
            self._phase = Phase.LISTING
        elif now - self._watch_began < 1.0:
            # A server that hangs up at once would be asked in a tight loop.
            self._wait(Phase.WATCHING)
        else:
            self._failures = 0
            if self._audit_early:
                self._phase = Phase.LISTING

    def on_hangup(self) -> None:
        """We ended the watch ourselves, because a list is wanted."""
        self.watch_ends += 1

    def on_silence(self) -> None:
        """Nothing came within the idle deadline: the connection is dead, not the version."""
        self.watch_ends += 1
        self._failures += 1
        if self._failures > 1:
            self.trouble = "the watch says nothing, not even a bookmark"
        if self._failures >= RELIST_AFTER_FAILURES:
            self._failures = 0
            self._phase = Phase.LISTING

    def on_error(self, error: ApiError) -> None:
        """The list or watch was refused, or broke off."""
        if self._phase is Phase.WATCHING:
            self.watch_ends += 1
            self._watch_failed(error)
            return
        # An expired continue token (410) and every other failure alike: the next list begins anew.
        expired = isinstance(error, GoneError) and bool(self._token)
        self._restart_list()
        if expired and self._failures == 0:
            self._failures += 1
            return
        self.trouble = error.message
        self._wait(Phase.LISTING, error.retry_after_seconds)

    def on_waited(self) -> None:
        """The wait is over."""
        self._phase = self._after_wait

    def _error_line(self, status: Any) -> None:
        self.watch_ends += 1
        body = status if isinstance(status, dict) else {}
        code = body.get("code")
        error = api_error(code if isinstance(code, int) else 500, body)
        if body.get("reason") in ("Expired", "Gone") and not isinstance(error, GoneError):
            error = GoneError(410, str(body["reason"]), error.message)
        self._watch_failed(error)

    def _watch_failed(self, error: ApiError) -> None:
        if isinstance(error, GoneError):
            # The first time at once; a server whose every watch is gone must not be hammered.
            if self._failures == 0:
                self._failures = 1
                self._phase = Phase.LISTING
            else:
                self._wait(Phase.LISTING)
            return
        if error.status in (403, 404) or self._failures > 0:
            self.trouble = error.message
        # No answer at all says nothing about the version: when the server is back, resume.
        again = error.status > 0 and self._failures + 1 >= RELIST_AFTER_FAILURES
        self._wait(Phase.LISTING if again else Phase.WATCHING, error.retry_after_seconds)

    def _broken(self, why: str) -> None:
        self.watch_ends += 1
        again = self._failures + 1 >= RELIST_AFTER_FAILURES
        if self._failures > 0:
            self.trouble = why
        self._wait(Phase.LISTING if again else Phase.WATCHING)

    def _wait(self, then: Phase, at_least: float | None = None) -> None:
        self._failures += 1
        self._wait_seconds = max(
            delay_seconds(RETRY, self._failures, self._chance()), at_least or 0
        )
        self._phase = Phase.WAITING
        self._after_wait = then

    def _restart_list(self) -> None:
        self._token = ""
        self._seen = set()

    def _heard(self, now: float) -> None:
        self.heard_at = now
        self.trouble = ""


def _version_of(manifest: Any) -> str | None:
    if not isinstance(manifest, dict):
        return None
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict):
        return None
    version = metadata.get("resourceVersion")
    return version if isinstance(version, str) and version else None
