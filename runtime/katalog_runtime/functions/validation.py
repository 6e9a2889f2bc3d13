"""Functions that check texts:

names and labels of Kubernetes, addresses, images, JSON, regular expressions. Pure.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import re2

from katalog_runtime.expressions.values import SPACES
from katalog_runtime.functions import go_text, kubernetes_names, regular_expressions
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.json_values import is_json
from katalog_runtime.functions.signature import declare

_declare = partial(declare, group="validation")

# The local part: atoms joined by dots, or a quoted text (RFC 5322 without comments and folding).
_ATOM: Final = r"""[^\x00-\x20\x7f()<>\[\]:;@\\,."]+"""
_QUOTED: Final = r'"([^"\\\r\n]|\\.)*"'
_DOTTED: Final = rf"{_ATOM}(\.{_ATOM})*"
_EMAIL: Final = re2.compile(rf"^({_DOTTED}|{_QUOTED})@({_DOTTED}|\[[0-9A-Fa-f.:]+\])$")
_GIT_URL: Final = re2.compile(r"^(https?|git|ssh)://[^\s]+$")
_GIT_SHORT: Final = re2.compile(r"^[\w.-]+@[\w.-]+:[\w./~-]+(\.git)?$")
_URL: Final = re2.compile(r"^(?i:https?)://([^/?#\s\x00-\x1f\x7f]+)([/?][^\x00-\x20\x7f]*)?$")
_PERCENT: Final = re2.compile(r"%([^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f]|.?$)")
_HOST: Final = re2.compile(
    r"^([^@]*@)?(\[[0-9A-Fa-f:.]+(%25[A-Za-z0-9._~-]+)?\]|[^\[\]:@\s<>\"\\^`{|}]+)(:[0-9]*)?$"
)
_IMAGE: Final = re2.compile(
    r"^(?:[a-z0-9]+(?:[.-][a-z0-9]+)*(?::[0-9]+)?/)?"
    r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
    r"(?::[\w][\w.-]{0,127})?"
    r"(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,})?$"
)


def _matches(pattern: object, text: str) -> bool:
    """RE2 takes texts of Unicode characters; half a surrogate pair is none."""
    try:
        return pattern.search(text) is not None  # type: ignore[attr-defined]  # re2 has no types
    except UnicodeEncodeError:
        return False


def is_email(text: str) -> bool:
    """A single bare address."""
    return len(text) <= 1_000 and _matches(_EMAIL, text.strip(SPACES)) and not text.startswith(" ")


def is_url(text: str) -> bool:
    """An absolute http or https address with a host."""
    found = _URL.search(text) if text.isprintable() else None
    return (
        found is not None
        and _PERCENT.search(text) is None
        and _HOST.search(found.group(1)) is not None
    )


def _is_port(value: str) -> bool:
    digits = value[1:] if value[:1] in ("+", "-") else value
    return digits.isascii() and digits.isdigit() and len(digits) < 20 and 1 <= int(value) <= 65_535


def regex_match(pattern: str, text: str) -> bool:
    """Whether the pattern occurs in the text, as `regexp.MatchString`.

    Raises:
        FunctionError: the pattern is wrong.
    """
    return _matches(regular_expressions.compile_pattern(pattern), text)


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "regexMatch pattern:string text:string -> bool",
        "Whether the regular expression (RE2) occurs in the text.",
        regex_match,
        ('{{ regexMatch "^v[0-9]+$" "v12" }}', "true"),
    ),
    _declare(
        "isDNS1123Subdomain name:string -> bool",
        "Whether the text can name most Kubernetes objects: lower-case labels joined by dots.",
        kubernetes_names.is_dns1123_subdomain,
        ('{{ isDNS1123Subdomain "my-app.example.com" }}', "true"),
    ),
    _declare(
        "isValidLabelKey key:string -> bool",
        "Whether the text can be the key of a label.",
        kubernetes_names.is_qualified_name,
        ('{{ isValidLabelKey "app.kubernetes.io/name" }}', "true"),
    ),
    _declare(
        "isValidLabelValue value:string -> bool",
        "Whether the text can be the value of a label.",
        kubernetes_names.is_label_value,
        ('{{ isValidLabelValue "team payments" }}', "false"),
    ),
    _declare(
        "isValidAnnotationKey key:string -> bool",
        "Whether the text can be the key of an annotation.",
        lambda key: kubernetes_names.is_qualified_name(go_text.lower(key)),
        ('{{ isValidAnnotationKey "example.com/Title" }}', "true"),
    ),
    _declare(
        "isValidEmail address:string? -> bool",
        "Whether the text is one e-mail address, without a display name.",
        is_email,
        ('{{ isValidEmail "team@example.com" }}', "true"),
        on_nil='"false"',
    ),
    _declare(
        "isValidURL address:string? -> bool",
        "Whether the text is an absolute http or https address with a host.",
        is_url,
        (
            '{{ isValidURL "https://example.com/hook" }} {{ isValidURL "example.com" }}',
            "true false",
        ),
        on_nil='"false"',
    ),
    _declare(
        "isValidPort port:string? -> bool",
        "Whether the text is a number from 1 to 65535.",
        _is_port,
        ('{{ isValidPort "8080" }} {{ isValidPort "70000" }}', "true false"),
        on_nil='"false"',
    ),
    _declare(
        "isValidJSON text:string? -> bool",
        "Whether the text is one JSON document.",
        is_json,
        ('{{ isValidJSON `{"a": 1}` }}', "true"),
        on_nil='"false"',
    ),
    _declare(
        "isValidImageRef image:string? -> bool",
        "Whether the text looks like an image: registry, path, `:tag`, `@digest`.",
        lambda text: _matches(_IMAGE, text),
        ('{{ isValidImageRef "registry.example.com:5000/team/app:v1" }}', "true"),
        on_nil='"false"',
    ),
    _declare(
        "isValidGitRepository address:string? -> bool",
        "Whether the text looks like a Git repository: a URL or `git@host:path`.",
        lambda text: _matches(_GIT_URL, text) or _matches(_GIT_SHORT, text),
        ('{{ isValidGitRepository "git@github.com:myorg/app.git" }}', "true"),
        on_nil='"false"',
    ),
)
