"""What Kubernetes accepts as names, label keys and label values:

the rules of apimachinery's validation.
"""

from __future__ import annotations

from typing import Final

MOST_SUBDOMAIN: Final = 253
MOST_LABEL: Final = 63

_LOWER: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_ALPHANUMERIC: Final = _LOWER | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_INNER_NAME: Final = _ALPHANUMERIC | frozenset("-_.")
_INNER_LABEL: Final = _LOWER | {"-"}


def is_dns1123_subdomain(text: str) -> bool:
    """Labels joined by dots, 253 characters at most; a single label may be as long."""
    return len(text) <= MOST_SUBDOMAIN and all(_is_label(part) for part in text.split("."))


def is_qualified_name(text: str) -> bool:
    """A label key: a name of 1 to 63 characters, a DNS prefix and a slash before it or not."""
    prefix, slash, name = text.rpartition("/")
    if slash and not is_dns1123_subdomain(prefix):
        return False
    return 0 < len(name) <= MOST_LABEL and _is_name(name)


def is_label_value(text: str) -> bool:
    """Empty, or a name of at most 63 characters."""
    return not text or (len(text) <= MOST_LABEL and _is_name(text))


def _is_label(text: str) -> bool:
    return _is_framed(text, _LOWER, _INNER_LABEL)


def _is_name(text: str) -> bool:
    return _is_framed(text, _ALPHANUMERIC, _INNER_NAME)


def _is_framed(text: str, ends: frozenset[str], inner: frozenset[str]) -> bool:
    return (
        bool(text) and text[0] in ends and text[-1] in ends and all(each in inner for each in text)
    )
