"""What goes into and comes out of the work on one owner's key. Values only, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from katalog_runtime.functions.declaration import CallContext
from katalog_runtime.memory import OwnerMemory
from katalog_runtime.objects import NamespacedName
from katalog_runtime.plan import Plan, Problem
from katalog_runtime.render import OwnerFacts


class Outcome(NamedTuple):
    """What became of a key, and what happens to it next."""

    error: str = ""
    """Empty if all is well."""
    gone: bool = False
    """There is no such owner any more."""
    again: bool = False
    """The owner moved while we worked: once more, at once."""
    retry: bool = False
    """Back off and try again."""
    conflict: bool = False
    """Somebody else wrote the owner between our view of it and our write."""
    at_least_seconds: float = 0.0
    """The server asked for this much patience."""
    at: float | None = None
    """Look again at this time (monotonic seconds), whatever happens."""
    acted: tuple[str, ...] = ()
    """What was written, for the log: `created ConfigMap a/b`."""


@dataclass(slots=True)
class Work:
    """A decided key whose plan needs requests."""

    key: NamespacedName
    owner: OwnerFacts
    plan: Plan
    memory: OwnerMemory
    context: CallContext
    now: datetime
    moment: float
    problems: list[Problem] = field(default_factory=list)
    acted: list[str] = field(default_factory=list)
