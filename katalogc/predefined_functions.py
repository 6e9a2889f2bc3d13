"""Go's own template functions, declared for documentation; the evaluator implements them.

Their behaviour is Go's, to the byte; here stand signature, one line, example, and what nil gives.
"""

from __future__ import annotations

from typing import Any, Final

from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.signature import ANY_TYPE, declare


def _evaluated_elsewhere(*_arguments: Any) -> Any:
    raise AssertionError("the evaluator has these functions itself")


def _declare(
    signature: str,
    description: str,
    template: str,
    output: str,
    on_nil: str,
    on_wrong_type: str = ANY_TYPE,
) -> Function:
    return declare(
        signature,
        description,
        _evaluated_elsewhere,
        (template, output),
        group="template",
        on_nil=on_nil,
        on_wrong_type=on_wrong_type,
    )


PREDEFINED: Final[tuple[Function, ...]] = (
    _declare(
        "and value:any values:any... -> any",
        "The first empty argument, or the last one; those after it are not evaluated.",
        '{{ and 1 "" "a" }}',
        "",
        '""',
    ),
    _declare(
        "or value:any values:any... -> any",
        "The first argument that is not empty, or the last one; those after it are not evaluated.",
        '{{ or "" "a" }}',
        "a",
        '""',
    ),
    _declare(
        "not value:any -> bool", "Whether the argument is empty.", "{{ not 0 }}", "true", '"true"'
    ),
    _declare(
        "len value:any -> int",
        "The length of a text (in bytes), list or map.",
        '{{ len "abc" }}',
        "3",
        "error",
        "error",
    ),
    _declare(
        "index value:any keys:any... -> any",
        "The item at an index or key, and on from there.",
        '{{ index (list "a" "b") 1 }}',
        "b",
        "error",
        "error",
    ),
    _declare(
        "slice value:any bounds:any... -> any",
        "The part of a text or list from an index, up to another.",
        '{{ slice "abcdef" 1 3 }}',
        "bc",
        "error",
        "error",
    ),
    _declare(
        "print values:any... -> string",
        "The values as text, a space between two that are not texts.",
        '{{ print "a" 1 2 }}',
        "a1 2",
        '"<nil>"',
    ),
    _declare(
        "printf format:any values:any... -> string",
        "The values in a format of Go's `fmt`, such as `%s`, `%q`, `%05d` or `%.2f`.",
        '{{ printf "%s-%03d" "web" 7 }}',
        "web-007",
        "error",
        "error",
    ),
    _declare(
        "println values:any... -> string",
        "The values with spaces between them and a line break at the end.",
        '{{ println "a" 1 }}',
        "a 1",
        '"<nil>"',
    ),
    _declare(
        "html values:any... -> string",
        "The text with HTML's special characters escaped.",
        '{{ html "a<b" }}',
        "a&lt;b",
        '"&lt;no value&gt;"',
    ),
    _declare(
        "js values:any... -> string",
        "The text escaped for a JavaScript string.",
        '{{ js "it\'s" }}',
        "it\\'s",
        '"\\u003Cno value\\u003E"',
    ),
    _declare(
        "urlquery values:any... -> string",
        "The text escaped for the query of a URL.",
        '{{ urlquery "a b&c" }}',
        "a+b%26c",
        '"%3Cno+value%3E"',
    ),
    _declare(
        "call function:any arguments:any... -> any",
        "Calls a function value; no data hold one, so it always ends with an error.",
        "{{ if false }}{{ call . }}{{ end }}ok",
        "ok",
        "error",
        "error",
    ),
    _declare(
        "eq left:any right:any... -> bool",
        "Whether the first argument equals one of the others; types must be comparable.",
        '{{ eq "a" "b" "a" }}',
        "true",
        '"false"',
        "error",
    ),
    _declare(
        "ne left:any right:any -> bool",
        "Whether the arguments differ.",
        "{{ ne 1 2 }}",
        "true",
        '"true"',
        "error",
    ),
    _declare(
        "lt left:any right:any -> bool", "Less than.", "{{ lt 1 2 }}", "true", "error", "error"
    ),
    _declare(
        "le left:any right:any -> bool", "Less or equal.", "{{ le 2 2 }}", "true", "error", "error"
    ),
    _declare(
        "gt left:any right:any -> bool", "Greater than.", "{{ gt 2 1 }}", "true", "error", "error"
    ),
    _declare(
        "ge left:any right:any -> bool",
        "Greater or equal.",
        "{{ ge 2 2 }}",
        "true",
        "error",
        "error",
    ),
)
