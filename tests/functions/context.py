"""What the tests of functions share:

a fixed moment, a fixed source of chance, and one way to render.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from katalog_runtime.expressions import compile_template
from katalog_runtime.functions import TABLE
from katalog_runtime.functions.declaration import CallContext
from katalog_runtime.functions.standing import Standing
from katalogc.expressions import parse

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""A Thursday; the moment at which `docs/functions.md` evaluates its examples."""


def context(now: datetime = NOW, seed: int = 7) -> CallContext:
    return CallContext(now=lambda: now, chance=random.Random(seed))


def render(template: str, data: Mapping[str, Any] | None = None, *, now: datetime = NOW) -> str:
    compiled = compile_template(parse(template), TABLE)
    return compiled.render(dict(data or {}), context(now))


def ask(name: str, *arguments: Any, now: datetime) -> tuple[Any, Standing]:
    """The answer, and how long it stands."""
    standing = Standing()
    asking = CallContext(now=lambda: now, chance=random.Random(7), standing=standing)
    return TABLE[name].call(asking, *arguments), standing


def call(name: str, *arguments: Any, now: datetime = NOW) -> Any:
    return TABLE[name].call(context(now), *arguments)
