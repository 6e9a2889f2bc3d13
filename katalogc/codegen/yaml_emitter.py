"""JSON values as YAML: keys in the order given, same bytes every time, comments where they help.

In: dicts, lists, strings, numbers, booleans, null, and `Commented` and `Inline` values. Out:
text. The result reads back as the same value under YAML 1.1 (Go's and Python's readers) and under
YAML 1.2: a string is plain only where neither would take it for something else. Lists stand at
their key's own indent, as `kubectl` prints them. No anchors, no line folding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Commented:
    """A value with a comment on the lines above it; readers of the YAML see only the value."""

    comment: str
    value: Any


@dataclass(frozen=True, slots=True)
class Inline:
    """A list of plain words on one line: `[get, list, watch]`."""

    words: Sequence[str]


def emit(value: Any, *, comment: str = "") -> str:
    """One YAML document, without `---`, ending in a newline.

    Raises:
        TypeError: the value holds something that is no JSON value.
    """
    return "".join(f"{line}\n" for line in (*_comment(comment), *_block(value)))


def emit_stream(documents: Iterable[Any], *, comment: str = "") -> str:
    """Several documents with `---` between them; the comment stands above the first."""
    first = "".join(f"{line}\n" for line in _comment(comment))
    return first + "---\n".join(emit(document) for document in documents)


def _comment(text: str, indent: str = "") -> Iterator[str]:
    for line in text.splitlines():
        yield f"{indent}# {line}".rstrip()


def _block(value: Any, indent: str = "") -> Iterator[str]:
    """The lines of a value that starts on a line of its own."""
    if isinstance(value, Commented):
        yield from _comment(value.comment, indent)
        yield from _block(value.value, indent)
    elif isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _entry(key, item, indent)
    elif _is_list(value) and value:
        for item in value:
            yield from _item(item, indent)
    else:
        yield f"{indent}{_scalar(value)}"


def _entry(key: Any, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Commented):
        yield from _comment(value.comment, indent)
        value = value.value
    name = f"{indent}{_scalar(key)}:"
    if isinstance(value, Mapping) and value:
        yield name
        yield from _block(value, indent + "  ")
    elif _is_list(value) and value:
        yield name
        yield from _block(value, indent)
    elif isinstance(value, str) and _fits_literal(value):
        yield from _literal(name, value, indent)
    else:
        yield f"{name} {_scalar(value)}"


def _item(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Commented):
        yield from _comment(value.comment, indent)
        value = value.value
    if isinstance(value, str) and _fits_literal(value):
        yield from _literal(f"{indent}-", value, indent)
        return
    # A nested block starts on the dash's own line; a comment inside it cannot.
    first, *rest = _block(value, indent + "  ")
    if first.lstrip().startswith("#"):
        yield f"{indent}-"
        yield first
    else:
        yield f"{indent}- {first[len(indent) + 2 :]}"
    yield from rest


def _literal(head: str, text: str, indent: str) -> Iterator[str]:
    body = text.removesuffix("\n")
    yield f"{head} |{'' if text.endswith(chr(10)) else '-'}"
    for line in body.split("\n"):
        yield f"{indent}  {line}" if line else ""


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


_UNPRINTABLE = re.compile(
    r"[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML 1.1 cannot hold unescaped, and the two line separators that it would fold."""


def _fits_literal(text: str) -> bool:
    """Whether `text` survives as a literal block: several lines, no blank at an edge."""
    return (
        "\n" in text
        and not text.startswith((" ", "\n", "\t"))
        and not text.endswith("\n\n")
        and text != "\n"
        and not _UNPRINTABLE.search(text)
        and "\t\n" not in text
        and " \n" not in text
        and not text.endswith((" ", "\t"))
    )


_PLAIN = re.compile(r"[A-Za-z0-9_./$][^\x00-\x1f\x7f-\U0010ffff]*")
_INDICATOR = re.compile(r": |:$| #|\{\{|\s$")
"""What would end a plain scalar; expressions are quoted too, as people write them."""
_NOT_SINGLE = re.compile(r"[^\x20-\x7e]|'")
"""What a single-quoted scalar would fold or have to double."""
_NUMBER_LIKE = re.compile(
    r"[-+]?[0-9][0-9_]*\.?[0-9_]*([eE][-+]?[0-9]+)?"
    r"|[-+]?\.[0-9_]+([eE][-+]?[0-9]+)?"
    r"|[-+]?0[xXoObB][0-9a-fA-F_]+"
    r"|[-+]?[0-9][0-9_]*(:[0-9]+)+(\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"
    r"|[-+]?\.(inf|Inf|INF|nan|NaN|NAN)"
)
_WORDS = frozenset(
    {"", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<", "..."}
)
_RESOLVERS = yaml.SafeLoader.yaml_implicit_resolvers


def _means_itself(text: str) -> bool:
    """Whether a plain scalar of this text is a string for every YAML reader."""
    if text.lower() in _WORDS or _NUMBER_LIKE.fullmatch(text):
        return False
    return not any(pattern.match(text) for _, pattern in _RESOLVERS.get(text[0], ()))


def _scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case str():
            return _string(value)
        case Inline():
            return f"[{', '.join(map(_word, value.words))}]"
        case Mapping():
            return "{}"
        case Sequence():
            return "[]"
        case _:
            raise TypeError(f"{type(value).__name__} is no JSON value")


def _float(value: float) -> str:
    """JSON's spelling, with the point that YAML 1.1 wants in a float (`1.0e+30`)."""
    text = json.dumps(value, allow_nan=False)
    if "e" in text and "." not in text:
        text = text.replace("e", ".0e")
    return re.sub(r"e(?=[0-9])", "e+", text)


def _string(text: str) -> str:
    if _PLAIN.fullmatch(text) and not _INDICATOR.search(text) and _means_itself(text):
        return text
    if '"' in text and not _NOT_SINGLE.search(text):
        return f"'{text}'"
    return _UNPRINTABLE.sub(_escape, json.dumps(text, ensure_ascii=False))


def _word(text: str) -> str:
    """A string between brackets, where commas and brackets would end it."""
    return _string(text) if not set(text) & set("[]{},") else json.dumps(text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
