"""What the tests of expressions share: a context, and one call from text to output."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

from katalog_runtime.expressions import Limits, compile_template, dump_tree, load_tree
from katalog_runtime.functions import TABLE
from katalog_runtime.functions.declaration import CallContext
from katalogc.expressions import parse

CONTEXT = CallContext(now=lambda: datetime(2026, 3, 22, 12, 0, tzinfo=UTC), chance=random.Random(7))


def render(
    text: str, data: Any = None, *, strict: bool = False, limits: Limits | None = None
) -> str:
    """The output of `text`, its tree having gone through JSON as it does in a bundle."""
    tree = load_tree(dump_tree(parse(text, TABLE, strict=strict, name="t")))
    compiled = compile_template(tree, TABLE, strict=strict, limits=limits, origin="k.yaml")
    values = {} if data is None else data
    return compiled.raw(values, CONTEXT) if strict else compiled.render(values, CONTEXT)
