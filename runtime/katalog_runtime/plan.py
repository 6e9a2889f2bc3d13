"""What a reconcile of one owner is going to do: actions as values. No behaviour, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal, NamedTuple

from katalog_runtime.bundle import ApiType
from katalog_runtime.conditions import Reason
from katalog_runtime.handover import Handover
from katalog_runtime.objects import Manifest
from katalog_runtime.render import ChildRef, CompiledChild


class Life(Enum):
    """Where an owner is in its life: finalizer present or not, deletion requested or not."""

    NEW = "new"
    LIVE = "live"
    LEAVING = "leaving"
    """Being deleted, and our finalizer holds it."""
    LEFT = "left"
    """Being deleted and nothing of ours holds it, or gone."""


class Problem(NamedTuple):
    """Why one thing could not be done."""

    reason: Reason
    message: str
    """A sentence for the owner's condition; names the child, and the Katalog's line if one is at
    fault."""
    ref: ChildRef | None = None
    transient: bool = False
    """Likely gone at the next try: not worth a condition yet."""
    stalled: bool = False
    """Only a change by a person can help."""
    at_least_seconds: float = 0.0
    """The server asked for this much patience."""


class Create(NamedTuple):
    """POST a child that is absent."""

    child: CompiledChild
    ref: ChildRef
    manifest: Manifest
    intent: str
    """Fingerprint of what we want, without the annotation that carries it."""


class Apply(NamedTuple):
    """Server-side apply a child that is there."""

    child: CompiledChild
    ref: ChildRef
    manifest: Manifest
    intent: str
    uid: str
    """The object that was observed; another one of that name is not ours to overwrite."""
    handover: Handover | None
    """Where our first write still stands as an Update in `managedFields`, if it does."""
    cause: Literal["change", "drift", "rotation"]


class Delete(NamedTuple):
    """Delete a child, if it still is the object that was observed."""

    api: ApiType
    ref: ChildRef
    uid: str
    version: str = ""
    """The only version that may be deleted, where that matters."""


Write = Create | Apply


class Seen(NamedTuple):
    """A child that is as it should be, and the versions that this holds for."""

    uid: str
    version: str
    intent: str
    accepted: Manifest | None
    """The object whose values of the fields we set were given back by the server, or found right:
    the cache's own while this version is the newest. None for children made once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Actions for one owner, in this order: its marks, writes side by side, prune, status."""

    life: Life
    owner: Manifest | None = None
    """The owner with other finalizers, labels and annotations, to be written as it is here."""
    writes: tuple[Write, ...] = ()
    prune: tuple[Delete, ...] = ()
    """Only after every write succeeded."""
    retired: tuple[ApiType, ...] = ()
    """Recorded types that nothing makes any more: to be listed, cleared out and struck off."""
    settled: dict[ChildRef, Seen] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    next_moment: datetime | None = None
    """When a rotation is due. When expressions that read the clock give another answer is known to
    the `Standing` of the context that they were evaluated with."""
    retry_at: float | None = None
    """When a child that is held back may be tried again (monotonic seconds)."""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has to be sent for owner and children."""
        sends = self.owner is not None or self.writes or self.prune or self.retired
        return not sends
