"""The state that request handlers and controllers share: store, registry, clock and identities.

Everything that is not a function of the requests (time, UIDs, random suffixes) enters here as an
argument, so that two clusters with the same clock and seed give the same answers.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster.authentication import Tokens
from katalogc.localcluster.resources import Registry
from katalogc.localcluster.storage import Store

_NAMESPACES = GroupResource("", "namespaces")
_SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""The letters of `k8s.io/apimachinery/pkg/util/rand`: no vowels, no look-alikes."""


def copy_json(value: Any) -> Any:
    """An independent copy of JSON data (several times faster than `copy.deepcopy`)."""
    return orjson.loads(orjson.dumps(value))


def wall_clock() -> datetime:
    """The machine's time, for clusters that nobody gave a clock."""
    return datetime.now(UTC)  # noqa: TID251 - the default clock of a cluster; injected elsewhere


def timestamp(moment: datetime) -> str:
    """A `metav1.Time`: RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_timestamp(text: str) -> datetime:
    """A `metav1.Time` or `MicroTime` as an aware datetime."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@dataclass(kw_only=True)
class ClusterState:
    """What one embedded cluster consists of."""

    store: Store
    registry: Registry
    clock: Callable[[], datetime] = wall_clock
    random: random.Random = field(default_factory=random.SystemRandom)
    minor: str = "1.36"
    lock: threading.RLock = field(default_factory=threading.RLock)
    """Held for every request and every look at a watch; the cluster may be used from any thread."""
    tokens: Tokens | None = None
    """Set by the cluster that authenticates; without it nobody has a token."""

    def now(self) -> str:
        """The current moment as a `metav1.Time`."""
        return timestamp(self.clock())

    def new_uid(self) -> str:
        """A random (version 4) UUID."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def new_suffix(self) -> str:
        """Five characters for `generateName`."""
        return "".join(self.random.choices(_SUFFIX_ALPHABET, k=5))

    def namespace(self, name: str) -> Manifest | None:
        """The Namespace object, or None."""
        return self.store.get(_NAMESPACES, "", name)
