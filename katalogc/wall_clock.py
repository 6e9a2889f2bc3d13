"""Time and chance for expressions that a command evaluates: the machine's own, read here alone."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from katalog_runtime.functions.declaration import CallContext


def call_context() -> CallContext:
    """The present moment, the same for everything that is evaluated with it, as in the operator.

    The operator reads the clock once for each custom resource it reconciles.
    """
    moment = datetime.now(UTC)  # noqa: TID251  what a command evaluates, it evaluates now
    return CallContext(now=lambda: moment, chance=random.SystemRandom())
