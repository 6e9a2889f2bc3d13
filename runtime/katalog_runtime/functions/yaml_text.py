"""YAML in and out, as Kubernetes tools write it: text in, values out, and back. Nothing is read
from files.

Reading takes YAML 1.2's core types (`yes` and `no` are texts, dates are texts) and no aliases,
which could grow a small text without end. Writing sorts keys, indents by two, quotes only what
would be read as something else, and uses `|` for lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import re2
import yaml

from katalog_runtime.expressions.floats import shortest
from katalog_runtime.expressions.values import sorted_items, visible
from katalog_runtime.functions.declaration import FunctionError
from katalog_runtime.functions.go_numbers import NumberError, parse_float
from katalog_runtime.functions.json_values import (
    MOST_DEPTH,
    Output,
    json_string,
    read_int,
    too_deep,
)

_INT: Final = re2.compile(r"^[-+]?[0-9]+$")
_FLOAT: Final = re2.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_BASED: Final = re2.compile(r"^0(o[0-7]+|x[0-9a-fA-F]+|b[01]+)$")
_WORDS: Final[dict[str, Any]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
# What YAML 1.1 readers take for booleans is quoted, so that every reader sees a text.
_OLD_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off"})
_PLAIN: Final = re2.compile(r"^[A-Za-z0-9_./][A-Za-z0-9_./ @%+=,()~^:#$-]*$")
_STAMP: Final = re2.compile(r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_MOST_SOURCE: Final = 256 * 1024


def from_yaml(text: str) -> Any:
    """The first document of a YAML text.

    Raises:
        FunctionError: not YAML, with an alias, too deep or too long.
    """
    if len(text) > _MOST_SOURCE:
        raise FunctionError(f"the YAML is longer than {_MOST_SOURCE} characters")
    try:
        # The events come from the scanner alone: no object is ever built by the library.
        events = yaml.parse(visible(text), Loader=yaml.SafeLoader)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                return _node(events, next(events), 0)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "unreadable"
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise FunctionError(f"not YAML: {problem}{place}") from None
    return None


def _node(events: Iterator[Any], event: Any, depth: int) -> Any:
    if depth > MOST_DEPTH:
        raise FunctionError("the YAML nests too deeply")
    match event:
        case yaml.ScalarEvent():
            return _scalar(event)
        case yaml.SequenceStartEvent():
            items = []
            while not isinstance(following := next(events), yaml.SequenceEndEvent):
                items.append(_node(events, following, depth + 1))
            return items
        case yaml.MappingStartEvent():
            mapping: dict[str, Any] = {}
            while not isinstance(following := next(events), yaml.MappingEndEvent):
                key = _node(events, following, depth + 1)
                if isinstance(key, (list, dict)):
                    raise FunctionError("not YAML for Kubernetes: a key is a list or a map")
                mapping[_key(key)] = _node(events, next(events), depth + 1)
            return mapping
        case _:
            raise FunctionError("aliases (`*name`) are not read here")


def _key(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return shortest(value)
        case _:
            return str(value)


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.tag == "tag:yaml.org,2002:str" or not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    try:
        if _INT.search(text):
            return read_int(text)
        if _BASED.search(text) and len(text) < 70:
            return read_int(str(int(text, 0)))
        if _FLOAT.search(text):
            return parse_float(text)
    except NumberError:
        return text
    return text


def to_yaml(value: Any) -> str:
    """The value as YAML, without the last line break.

    Raises:
        FunctionError: beyond the bounds.
    """
    output = Output()
    if isinstance(value, (dict, list)) and value:
        _block(value, 0, "", output, 0)
    else:
        _scalar_line("", value, 2, output)
    return output.text().removeprefix("\n")


def _block(
    value: dict[str, Any] | list[Any], indent: int, first: str, output: Output, depth: int
) -> None:
    """The lines of a list or map that has members; `first` stands before the first of them."""
    too_deep(depth)
    space, head = " " * indent, first
    entries = sorted_items(value) if isinstance(value, dict) else [("", item) for item in value]
    for key, item in entries:
        nested = isinstance(item, (dict, list)) and item
        if isinstance(value, list):
            if nested:
                _block(item, indent + 2, f"{head}- ", output, depth + 1)
            else:
                _scalar_line(f"{head}- ", item, indent + 2, output)
        elif nested:
            output.write(f"\n{head}{_inline(key)}:")
            inner = indent + 2 if isinstance(item, dict) else indent
            _block(item, inner, " " * inner, output, depth + 1)
        else:
            _scalar_line(f"{head}{_inline(key)}: ", item, indent + 2, output)
        head = space


def _scalar_line(head: str, value: Any, indent: int, output: Output) -> None:
    """A scalar after its key or dash; a text of several lines as a block."""
    if not (isinstance(value, str) and "\n" in value and _fits_a_block(value)):
        output.write(f"\n{head}{_inline(value)}")
        return
    body = value.rstrip("\n")
    trailing = len(value) - len(body)
    output.write(f"\n{head}{'|-' if trailing == 0 else '|' if trailing == 1 else '|+'}")
    for line in body.split("\n"):
        output.write("\n" + (" " * indent + line if line else ""))
    output.write("\n" * max(trailing - 1, 0))


def _fits_a_block(text: str) -> bool:
    return (
        not text.startswith((" ", "\n", "\t"))
        and bool(text.strip("\n"))
        and all(each == "\n" or each == "\t" or each.isprintable() for each in text)
        and not any(line.endswith((" ", "\t")) for line in text.split("\n"))
    )


def _inline(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return shortest(value)
        case str():
            return _quoted(visible(value))
        case list():
            return "[]"
        case dict():
            return "{}"
        case _:
            return str(int(value))


def _quoted(text: str) -> str:
    """The text as it is where YAML reads it as that text, else in quotes."""
    reserved = text in _WORDS or text.lower() in _OLD_WORDS
    numeric = _INT.search(text) or _FLOAT.search(text) or _BASED.search(text) or _STAMP.search(text)
    if reserved or numeric or text.lower() in (".inf", ".nan", "-.inf", "+.inf", "=", "<<"):
        return _double_quoted(text)
    unsafe = ": " in text or " #" in text or text.endswith((":", " "))
    if _PLAIN.search(text) and not unsafe and not text.startswith(("---", "...")):
        return text
    if text.isprintable() and '"' in text and "'" not in text:
        return f"'{text}'"
    if text.isprintable() and "\\" not in text and '"' not in text and "'" not in text:
        return f"'{text}'"
    return _double_quoted(text)


def _double_quoted(text: str) -> str:
    """As JSON, with escapes for what a YAML reader refuses or takes for a line break."""
    return "".join(
        each if each.isprintable() else f"\\u{ord(each):04x}" if each <= "\uffff" else each
        for each in json_string(text, html=False)
    )
