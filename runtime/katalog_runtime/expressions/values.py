"""Go's value model on JSON values: which Go type a Python value stands for, its truth, its bytes.

Data hold None, bool, int (Go's int64), float, str, list and dict. An expression can make four more
kinds: `GoInt` (Go's int: literals, lengths, range positions), `GoByte` (a byte of a string),
complex numbers, and `GoSlice` (part of a list, which remembers the list's rest). Strings are
Python strings; a byte that is no UTF-8 is a lone surrogate (`surrogateescape`).
"""

from __future__ import annotations

from typing import Any

SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
)
SPACES += "\u2028\u2029\u202f\u205f\u3000"
"""Unicode White_Space, which Go's TrimSpace removes (Python's `strip` removes four more)."""

NO_VALUE = "<no value>"
"""What Go prints for a value that is not there."""


class GoInt(int):
    """Go's `int`, as apart from the `int64` of data."""

    __slots__ = ()


class GoByte(int):
    """Go's `uint8`: one byte of a string."""

    __slots__ = ()


class GoSlice(list[Any]):
    """Part of a list. Go can extend it again up to the end of the list that it was cut from."""

    __slots__ = ("beyond",)

    def __init__(self, items: list[Any], beyond: list[Any]) -> None:
        super().__init__(items)
        self.beyond = beyond
        """What follows in the underlying list, up to the capacity."""


class Boxed:
    """Strict mode only: a value that Go holds in an interface: it came out of a list or map.

    Unboxed nowhere but where Go looks through it: a nil in an interface has no fields, and `slice`
    takes no boxed index.
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


_TYPES = {
    bool: "bool",
    int: "int64",
    GoInt: "int",
    GoByte: "uint8",
    float: "float64",
    complex: "complex128",
    str: "string",
    list: "[]interface {}",
    GoSlice: "[]interface {}",
    dict: "map[string]interface {}",
}


def go_type(value: Any) -> str:
    """The name of the Go type that `value` stands for; `<nil>` for none."""
    if value is None:
        return "<nil>"
    name = _TYPES.get(type(value))
    if name is None:
        for base in (bool, int, float, str, list, dict):
            if isinstance(value, base):
                return _TYPES[base]
    return name or "unknown"


_WORDS = {
    "bool": "a boolean",
    "int": "an integer",
    "int64": "an integer",
    "uint8": "a byte",
    "float64": "a decimal number",
    "complex128": "a complex number",
    "string": "a string",
    "[]interface {}": "a list",
    "map[string]interface {}": "a map",
    "<nil>": "a missing value",
}


def in_words(value: Any) -> str:
    """What `value` is, for an author: `a string "nginx"`, `a list of 3`, `the integer 5`."""
    kind = go_type(value)
    word = _WORDS.get(kind, kind)
    if isinstance(value, str):
        shown = value if len(value) <= 40 else value[:37] + "..."
        return f'{word} "{shown}"'
    if isinstance(value, list):
        return f"{word} of {len(value)}"
    if value is None or isinstance(value, dict):
        return word
    return f"{word} ({str(value).lower() if isinstance(value, bool) else value})"


def go_bytes(text: str) -> bytes:
    """The bytes of a Go string."""
    return text.encode("utf-8", "surrogateescape")


def from_bytes(data: bytes) -> str:
    """A Go string of these bytes."""
    return data.decode("utf-8", "surrogateescape")


def byte_length(text: str) -> int:
    """Go's `len` of a string: bytes, not characters."""
    return len(text) if text.isascii() else len(go_bytes(text))


def visible(text: str) -> str:
    """`text` as an encoder of JSON or YAML would see it: bytes that are no UTF-8 become U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        again = from_bytes(text.encode("utf-8", "surrogateescape"))
        return "".join("\ufffd" if "\udc80" <= each <= "\udcff" else each for each in again)
    return text


def text_key(key: str) -> bytes:
    """The order of Go strings: by bytes."""
    return go_bytes(key)


def sorted_items(mapping: dict[str, Any]) -> list[tuple[str, Any]]:
    """Entries in Go's order of keys."""
    return sorted(mapping.items(), key=_entry_key)


def _entry_key(entry: tuple[str, Any]) -> bytes:
    return go_bytes(entry[0])
