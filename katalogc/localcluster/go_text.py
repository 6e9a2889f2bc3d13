"""JSON values as Go's `fmt` prints them, for messages that contain such text.

In: decoded JSON. Out: text. `plain` is `%v`, `syntax` is `%#v`, `type_name` is `%T` of an
unstructured value.
"""

from __future__ import annotations

import json
from typing import Any


def plain(value: Any) -> str:
    """`%v`: `map[a:1]`, `[x 1]`, `<nil>`."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{plain(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(plain, value)) + "]"
    return str(value)


def syntax(value: Any) -> str:
    """`%#v`: `map[string]interface {}{"a":1}`, `[]interface {}{"x", 1}`."""
    if value is None:
        return "interface {}(nil)"
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key)}:{syntax(value[key])}" for key in sorted(value))
        return "map[string]interface {}{" + inner + "}"
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(map(syntax, value)) + "}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return plain(value)


_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
            "\v": "\\v", '"': '\\"', "\\": "\\\\"}  # fmt: skip


def quoted(text: str) -> str:
    """`%q`: in double quotes, with Go's escapes for what cannot be printed."""
    return '"' + "".join(_ESCAPES.get(each) or _letter(each) for each in text) + '"'


def _letter(letter: str) -> str:
    code = ord(letter)
    if letter.isprintable():
        return letter
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"


def type_name(value: Any) -> str:
    """`%T`: `string`, `bool`, `int64`, `float64`, `map[string]interface {}`."""
    names = {str: "string", bool: "bool", int: "int64", float: "float64", type(None): "<nil>"}
    names |= {dict: "map[string]interface {}", list: "[]interface {}"}
    return names[type(value)]


def json_type(value: Any) -> str:
    """The kind of a JSON value in the words of Go's decoder."""
    match value:
        case bool():
            return "bool"
        case dict():
            return "object"
        case list():
            return "array"
        case str():
            return "string"
        case int() | float():
            return "number"
        case _:
            return "null"
