"""The signatures of all functions, without loading the functions: what checking a Katalog needs.

The data are written from the table itself (`python -m scripts.function_signatures`); a test compares
them. Loading the table instead would more than double the time of `katalogc validate`'s imports.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from katalog_runtime.functions.declaration import Purity, Signatures

DATA = Path(__file__).with_name("function_signatures.json")


class KnownFunction(NamedTuple):
    """One function's signature; see `katalog_runtime.functions.declaration.Signature`."""

    least: int
    most: int | None
    purity: Purity
    can_fail: bool
    signature: str


@cache
def known_functions() -> Signatures:
    """All functions by name."""
    rows = json.loads(DATA.read_text(encoding="utf-8"))
    return {name: KnownFunction(*row) for name, row in rows.items()}
