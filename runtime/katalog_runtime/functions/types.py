"""Functions about types: conversions, names of types, lists and maps out of text. Pure."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from katalog_runtime.expressions.values import SPACES
from katalog_runtime.functions.declaration import Function, FunctionError
from katalog_runtime.functions.go_numbers import truncate
from katalog_runtime.functions.json_values import text_of, to_json
from katalog_runtime.functions.signature import ANY_TYPE, declare, kind_of
from katalog_runtime.functions.yaml_text import from_yaml

_declare = partial(declare, group="types", on_wrong_type=ANY_TYPE)
_NAMES: Final = {
    "nil": "null", "bool": "bool", "int": "number", "float": "number", "string": "string",
    "list": "slice", "map": "map",
}  # fmt: skip
_TRUE: Final = frozenset({"true", "True", "TRUE", "1", "yes", "YES", "Yes", "on", "ON"})
_FALSE: Final = frozenset({"false", "False", "FALSE", "0", "no", "NO", "No", "off", "OFF", ""})


def type_name(value: Any) -> str:
    """string, number, bool, slice, map or null: the words of the condition operator `typeOf`."""
    return _NAMES[kind_of(value)]


def _to_bool(value: Any) -> bool:
    match value:
        case bool():
            return value
        case int() | float():
            return value != 0
        case str():
            if value in _TRUE:
                return True
            if value in _FALSE:
                return False
            raise FunctionError(f'"{value}" is neither true nor false')
        case None:
            return False
        case _:
            raise FunctionError(f"cannot convert a {kind_of(value)} to a boolean")


def _to_string(value: Any) -> str:
    return "" if value is None else text_of(value)


def _to_list(text: str) -> list[str]:
    return [part for part in (piece.strip(SPACES) for piece in text.split(",")) if part]


def as_list(value: Any) -> list[Any]:
    """A list as it is; a text as the YAML or JSON list in it; else an empty list."""
    if isinstance(value, str):
        value = _parsed(value)
    return value if isinstance(value, list) else []


def as_map(value: Any) -> dict[str, Any]:
    """A map as it is; a text as the YAML or JSON map in it; else an empty map."""
    if isinstance(value, str):
        value = _parsed(value)
    return value if isinstance(value, dict) else {}


def _parsed(text: str) -> Any:
    try:
        return from_yaml(text)
    except FunctionError:
        return None


def _as_string(value: Any) -> str:
    return value if isinstance(value, str) else to_json(value)


def _is_empty(value: Any) -> bool:
    """Only nil and what has no members; a 0 and a false are values here."""
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def _type_check(name: str, type_word: str, example: str) -> Function:
    return _declare(
        f"{name} value:any -> bool",
        f"Whether the value's type is {type_word}.",
        lambda value: type_name(value) == type_word,
        (f"{{{{ {name} .spec.x }}}}", "true", {"spec": {"x": _EXAMPLES[example]}}),
        on_nil='"true"' if type_word == "null" else '"false"',
    )


_EXAMPLES: Final[dict[str, Any]] = {
    "map": {"a": 1}, "list": [1], "string": "a", "number": 1, "bool": False, "nil": None,
}  # fmt: skip

FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "toInt value:number? -> int",
        "The number cut to an integer; a numeric text and a boolean count as numbers.",
        truncate,
        ('{{ toInt "3" }} {{ toInt 3.7 }} {{ toInt true }}', "3 3 1"),
        on_nil='"0"',
        on_wrong_type="error",
    ),
    _declare(
        "toFloat value:number? -> float",
        "The value as a decimal number.",
        float,
        ('{{ toFloat "2.5" }}', "2.5"),
        on_nil='"0"',
        on_wrong_type="error",
    ),
    _declare(
        "toBool value:any -> bool",
        "true, 1, yes, on; or false, 0, no, off and nothing; other texts are an error.",
        _to_bool,
        ('{{ toBool "yes" }} {{ toBool 0 }}', "true false"),
        on_nil='"false"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "toString value:any -> string",
        "The value as it prints.",
        _to_string,
        ("{{ toString 42 }}", "42"),
        ("{{ toString .spec }}", "map[a:1 b:[x y]]", {"spec": {"b": ["x", "y"], "a": 1}}),
        on_nil='""',
    ),
    _declare(
        "toJson value:any -> string",
        "The value as JSON, keys sorted.",
        to_json,
        (
            "{{ toJson .spec }}",
            '{"debug":true,"replicas":3}',
            {"spec": {"replicas": 3, "debug": True}},
        ),
        on_nil='"null"',
    ),
    _declare(
        "toList text:string? -> list",
        "The parts between commas, without surrounding spaces; empty ones are dropped.",
        _to_list,
        ('{{ toList "a, b,,c" }}', "[a b c]"),
        on_nil='"[]"',
        on_wrong_type="error",
    ),
    _declare(
        "typeOf value:any -> string",
        "string, number, bool, slice, map or null.",
        type_name,
        ("{{ typeOf .spec.ports }} {{ typeOf 1 }}", "slice number", {"spec": {"ports": []}}),
        on_nil='"null"',
    ),
    _type_check("typeMap", "map", "map"),
    _type_check("typeList", "slice", "list"),
    _type_check("typeString", "string", "string"),
    _type_check("typeNumber", "number", "number"),
    _type_check("typeBool", "bool", "bool"),
    _type_check("typeNull", "null", "nil"),
    _declare(
        "isEmpty value:any -> bool",
        "Whether the value is nil, or has no members; 0 and false are not empty.",
        _is_empty,
        ("{{ isEmpty .spec.list }} {{ isEmpty 0 }}", "true false", {"spec": {"list": []}}),
        on_nil='"true"',
    ),
    _declare(
        "Empty value:any -> bool",
        "Another name of `isEmpty`.",
        _is_empty,
        ("{{ Empty .spec.list }}", "true"),
        on_nil='"true"',
    ),
    _declare(
        "isScalar value:any -> bool",
        "Whether the value is a text, a number or a boolean.",
        lambda value: isinstance(value, (str, int, float)),
        ('{{ isScalar "a" }}', "true"),
        on_nil='"false"',
    ),
    _declare(
        "isComposite value:any -> bool",
        "Whether the value is a list or a map.",
        lambda value: isinstance(value, (list, dict)),
        ("{{ isComposite .spec }}", "true", {"spec": {"a": 1}}),
        on_nil='"false"',
    ),
    _declare(
        "asList value:any -> list",
        "A list as it is, a text as the YAML or JSON list in it, else an empty list.",
        as_list,
        ('{{ asList `["a", "b"]` }}', "[a b]"),
        on_nil='"[]"',
    ),
    _declare(
        "asMap value:any -> map",
        "A map as it is, a text as the YAML or JSON map in it, else an empty map.",
        as_map,
        ('{{ (asMap "a: 1").a }}', "1"),
        on_nil='"map[]"',
    ),
    _declare(
        "asString value:any -> string",
        "A text as it is, everything else as JSON.",
        _as_string,
        ("{{ asString .spec }}", '{"a":1}', {"spec": {"a": 1}}),
        on_nil='"null"',
    ),
)
