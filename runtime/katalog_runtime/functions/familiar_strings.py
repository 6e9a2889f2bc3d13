"""Names for texts that users of Go templates know from Sprig and Helm, with the meaning that they
know. Pure.

Where the Katalog's own language has the name (`trim`, `replace`, `split`, …), its meaning stands;
see `strings`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from katalog_runtime.expressions.quoting import quote_string
from katalog_runtime.expressions.values import SPACES, byte_length
from katalog_runtime.functions import go_text
from katalog_runtime.functions.declaration import Function, FunctionError
from katalog_runtime.functions.go_text import cut, part, title_one
from katalog_runtime.functions.json_values import bounded_items, bounded_text, text_of
from katalog_runtime.functions.signature import ANY_TYPE, declare

_declare = partial(declare, group="strings")


def _quote(*values: Any) -> str:
    return _bounded(" ".join(quote_string(text_of(each)) for each in values if each is not None))


def _squote(*values: Any) -> str:
    return _bounded(" ".join(f"'{text_of(each)}'" for each in values if each is not None))


def _cat(*values: Any) -> str:
    return _bounded(" ".join(text_of(each) for each in values if each is not None))


def _bounded(text: str) -> str:
    bounded_text(len(text))
    return text


def indent(spaces: int, text: str) -> str:
    """Every line, the first one too, moved to the right."""
    bounded_text(len(text) + max(spaces, 0) * (text.count("\n") + 1))
    pad = " " * spaces
    return pad + text.replace("\n", "\n" + pad)


def _separates(character: str) -> bool:
    """Whether a character ends a word, as Go's `strings.Title` sees words."""
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return not character.isalnum() and character in SPACES


def _title(text: str) -> str:
    before = " "
    parts = []
    for character in text:
        parts.append(title_one(character) if _separates(before) else character)
        before = character
    return "".join(parts)


def _untitle(text: str) -> str:
    return "".join(
        go_text.lower(each) if index == 0 or text[index - 1] in SPACES else each
        for index, each in enumerate(text)
    )


def _trunc(length: int, text: str) -> str:
    """The first bytes; the last ones where the length is negative."""
    size = byte_length(text)
    if length >= 0:
        return cut(text, length)
    return text if size + length <= 0 else part(text, size + length, size)


def _substr(start: int, end: int, text: str) -> str:
    size = byte_length(text)
    if start < 0:
        start, end = 0, end
    elif end < 0 or end > size:
        end = size
    if not 0 <= start <= end <= size:
        raise FunctionError(f"no part from {start} to {end} in a text of {size} bytes")
    return part(text, start, end)


def _split_list(separator: str, text: str) -> list[str]:
    bounded_items(text.count(separator) + 1 if separator else len(text))
    return text.split(separator) if separator else list(text)


def _words(text: str) -> list[str]:
    """The words of an identifier in any style: `HTTPServer2go` is HTTP, Server, 2go."""
    words: list[str] = []
    current = ""
    for index, character in enumerate(text):
        if not character.isalnum():
            words, current = [*words, current], ""
            continue
        before, after = text[index - 1 : index], text[index + 1 : index + 2]
        begins = character.isupper() and (
            before.islower() or before.isdigit() or (before.isupper() and after.islower())
        )
        begins = begins or (character.isdigit() and before.isalpha() and before.isupper())
        if begins and current:
            words, current = [*words, current], ""
        current += character
    return [word for word in [*words, current] if word]


def _joined(separator: str) -> Callable[[str], str]:
    return lambda text: separator.join(go_text.lower(word) for word in _words(_short(text)))


def _camel(text: str) -> str:
    return "".join(title_one(word[0]) + go_text.lower(word[1:]) for word in _words(_short(text)))


def _short(text: str) -> str:
    if len(text) > 4_096:
        raise FunctionError("an identifier is no longer than 4096 characters")
    return text


def _abbrev(width: int, text: str) -> str:
    if width < 4 or byte_length(text) <= width:
        return text
    return cut(text, width - 3) + "..."


def _wrap(width: int, text: str) -> str:
    if width < 1:
        width = 1
    lines = textwrap.wrap(
        text, width, break_long_words=False, break_on_hyphens=False, expand_tabs=False
    )
    return "\n".join(lines)


def _fail(message: str) -> str:
    raise FunctionError(message)


def _required(message: str, value: Any) -> Any:
    if value is None or value == "":
        raise FunctionError(message)
    return value


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "quote values:any... -> string",
        "The values that are not nil in double quotes, with spaces between them.",
        _quote,
        ("{{ quote .spec.name }}", '"a \\"b\\""', {"spec": {"name": 'a "b"'}}),
        on_nil='""',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "squote values:any... -> string",
        "The values that are not nil in single quotes, with spaces between them.",
        _squote,
        ("{{ squote 8080 }}", "'8080'"),
        on_nil='""',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "cat values:any... -> string",
        "The values that are not nil, with spaces between them.",
        _cat,
        ('{{ cat "a" 1 true }}', "a 1 true"),
        on_nil='""',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "indent spaces:int? text:string? -> string",
        "The text with every line moved to the right.",
        indent,
        ('{{ print "a:" (indent 2 "\\nb: 1\\nc: 2") }}', "a:  \n  b: 1\n  c: 2"),
        on_nil='"a"',
    ),
    _declare(
        "nindent spaces:int? text:string? -> string",
        "As `indent`, with a line break before.",
        lambda spaces, text: "\n" + indent(spaces, text),
        ('a:{{ nindent 2 "b: 1\\nc: 2" }}', "a:\n  b: 1\n  c: 2"),
        on_nil='"\na"',
    ),
    _declare(
        "lower text:string? -> string",
        "The text in lower case.",
        go_text.lower,
        ('{{ lower "Prod" }}', "prod"),
        on_nil='""',
    ),
    _declare(
        "upper text:string? -> string",
        "The text in upper case.",
        go_text.upper,
        ('{{ upper "prod" }}', "PROD"),
        on_nil='""',
    ),
    _declare(
        "title text:string? -> string",
        "The text with every word beginning in upper case.",
        _title,
        ('{{ title "hello big world" }}', "Hello Big World"),
        on_nil='""',
    ),
    _declare(
        "untitle text:string? -> string",
        "The text with every word beginning in lower case.",
        _untitle,
        ('{{ untitle "Hello World" }}', "hello world"),
        on_nil='""',
    ),
    _declare(
        "swapcase text:string? -> string",
        "The text with upper and lower case exchanged.",
        lambda text: "".join(
            go_text.lower(each) if each.isupper() else go_text.upper(each) for each in text
        ),
        ('{{ swapcase "Hello" }}', "hELLO"),
        on_nil='""',
    ),
    _declare(
        "nospace text:string? -> string",
        "The text without any spaces.",
        lambda text: "".join(each for each in text if each not in SPACES),
        ('{{ nospace "a b  c" }}', "abc"),
        on_nil='""',
    ),
    _declare(
        "trimAll characters:string? text:string? -> string",
        "The text without any of the characters at its ends; the characters come first.",
        lambda characters, text: text.strip(characters) if characters else text,
        ('{{ trimAll "$" "$5.00$" }}', "5.00"),
        on_nil='"a"',
    ),
    _declare(
        "trunc length:int? text:string? -> string",
        "The first bytes of the text, or the last where the length is negative.",
        _trunc,
        ('{{ trunc 5 "hello world" }} {{ trunc -5 "hello world" }}', "hello world"),
        on_nil='""',
    ),
    _declare(
        "substr start:int? end:int? text:string? -> string",
        "The part of the text from a byte to another.",
        _substr,
        ('{{ substr 0 5 "hello world" }}', "hello"),
        on_nil='"a"',
    ),
    _declare(
        "abbrev width:int? text:string? -> string",
        "At most that many bytes of the text, with `...` where it was cut.",
        _abbrev,
        ('{{ abbrev 8 "hello world" }}', "hello..."),
        on_nil='"a"',
    ),
    _declare(
        "initials text:string? -> string",
        "The first letter of every word.",
        lambda text: "".join(word[0] for word in text.split()),
        ('{{ initials "First Try" }}', "FT"),
        on_nil='""',
    ),
    _declare(
        "plural one:string? many:string? count:int? -> string",
        "The first text where the count is 1, else the second.",
        lambda one, many, count: one if count == 1 else many,
        ('{{ plural "replica" "replicas" 3 }}', "replicas"),
        on_nil='""',
    ),
    _declare(
        "snakecase text:string? -> string",
        "`FirstName` becomes `first_name`.",
        _joined("_"),
        ('{{ snakecase "FirstName" }}', "first_name"),
        on_nil='""',
    ),
    _declare(
        "kebabcase text:string? -> string",
        "`FirstName` becomes `first-name`.",
        _joined("-"),
        ('{{ kebabcase "FirstName" }}', "first-name"),
        on_nil='""',
    ),
    _declare(
        "camelcase text:string? -> string",
        "`http_server` becomes `HttpServer`.",
        _camel,
        ('{{ camelcase "http_server" }}', "HttpServer"),
        on_nil='""',
    ),
    _declare(
        "wrap width:int? text:string? -> string",
        "The text in lines of at most that many characters.",
        _wrap,
        ('{{ wrap 5 "aa bb cc" }}', "aa bb\ncc"),
        on_nil='"a"',
    ),
    _declare(
        "splitList separator:string? text:string? -> list",
        "The parts of the text between separators; the separator comes first.",
        _split_list,
        ('{{ splitList "$" "a$b" }}', "[a b]"),
        on_nil='"[a]"',
    ),
    _declare(
        "fail message:string? -> string",
        "Ends the evaluation with the message as its error.",
        _fail,
        ('{{ if false }}{{ fail "no" }}{{ end }}ok', "ok"),
    ),
    _declare(
        "required message:string? value:any -> any",
        "The value; where it is nil or an empty text, an error with the message.",
        _required,
        (
            '{{ required "spec.image is missing" .spec.image }}',
            "nginx",
            {"spec": {"image": "nginx"}},
        ),
    ),
)
