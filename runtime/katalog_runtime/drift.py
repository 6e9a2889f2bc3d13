"""Whether a child still is what we made it.

In: what we want (the intent), what the cache observed, and what the server accepted of us. Out: yes
or no, and fingerprints. Pure.

Two questions, two answers. While the operator remembers its write, the observed values of the
fields we set are compared with the values the server gave back: defaulting, normalising and
webhooks are in both. After a restart nothing is remembered, and the intent is compared as a subset,
with the liberties that the API server takes: keyed lists, quantities, int-or-strings, dropped empty
values.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from katalog_runtime.listkeys import item_keys
from katalog_runtime.objects import Manifest
from katalog_runtime.projection import project

_QUANTITIES = frozenset(
    [
        "limits",
        "requests",
        "hard",
        "capacity",
        "min",
        "max",
        "default",
        "defaultRequest",
        "maxLimitRequestRatio",
        "sizeLimit",
        "averageValue",
        "divisor",
        "overhead",
    ]
)
"""Fields under which built-in types hold quantities."""

_SUFFIXES = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal("1e3"),
    "M": Decimal("1e6"),
    "G": Decimal("1e9"),
    "T": Decimal("1e12"),
    "P": Decimal("1e15"),
    "E": Decimal("1e18"),
    "Ki": Decimal(1024),
    "Mi": Decimal(1024**2),
    "Gi": Decimal(1024**3),
    "Ti": Decimal(1024**4),
    "Pi": Decimal(1024**5),
    "Ei": Decimal(1024**6),
}


def fingerprint(value: Any) -> str:
    """A short digest of a JSON value; equal values give equal digests in every process."""
    body = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(body, digest_size=8).hexdigest()


def agree(intent: Manifest, one: Manifest, other: Manifest) -> bool:
    """Whether two observations hold the same JSON in the fields that `intent` sets."""
    return fingerprint(project(one, intent)) == fingerprint(project(other, intent))


def matches(intent: Any, observed: Any, field: str = "", in_quantities: bool = False) -> bool:
    """Whether `observed` already says what `intent` asks, as the API server would see it.

    `field` is the name of the nearest mapping key, `in_quantities` whether values are quantities.
    """
    if isinstance(intent, dict):
        if not intent and observed is None:
            return True
        if not isinstance(observed, dict):
            return _is_empty(intent) and observed is None
        return all(
            matches(each, observed.get(key), key, in_quantities or key in _QUANTITIES)
            for key, each in intent.items()
        )
    if isinstance(intent, list):
        if not isinstance(observed, list):
            return not intent and observed is None
        return _lists_match(intent, observed, field, in_quantities)
    if observed is None:
        # Typed objects drop empty values (`omitempty`): asking for one and finding none agree.
        return _is_empty(intent)
    if type(intent) is type(observed):
        if intent == observed:
            return True
        return in_quantities and isinstance(intent, str) and _same_quantity(intent, observed)
    if isinstance(intent, bool) or isinstance(observed, bool):
        return False
    if isinstance(intent, (int, float)) and isinstance(observed, (int, float)):
        return intent == observed
    if in_quantities:
        return _same_quantity(str(intent), str(observed))
    # int-or-string: `80` and "80" are one port.
    return isinstance(intent, (int, str)) and str(intent) == str(observed)


def _lists_match(intent: list[Any], observed: list[Any], field: str, in_quantities: bool) -> bool:
    wanted = item_keys(field, intent)
    present = item_keys(field, observed) if wanted is not None else None
    if wanted is None or present is None:
        return len(intent) == len(observed) and all(
            matches(mine, theirs, "", in_quantities)
            for mine, theirs in zip(intent, observed, strict=True)
        )
    by_key = dict(zip(present, observed, strict=True))
    return all(
        key in by_key and matches(item, by_key[key], "", in_quantities)
        for key, item in zip(wanted, intent, strict=True)
    )


def _is_empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_empty(each) for each in value.values())
    return value is None or value is False or value in ("", 0) or value == []


def _same_quantity(one: str, other: str) -> bool:
    left, right = _quantity(one), _quantity(other)
    return left is not None and left == right


def _quantity(text: str) -> Decimal | None:
    number = text.rstrip("numkMGTPEi")
    scale = _SUFFIXES.get(text[len(number) :])
    try:
        return Decimal(number) * scale if scale is not None else None
    except InvalidOperation:
        return None
