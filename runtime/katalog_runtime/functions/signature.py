"""A declaration in one line: `toLower s:string? -> string` and a plain Python function in, a
`Function` out.

The types in the signature are enforced here, once for all functions: the Python function behind a
name receives arguments of the declared types, or is not called. `?` after a type says that nil
counts as the type's empty value; without it nil is an error. `object` takes everything: what is not
a map counts as an empty one. `[x:int]` is optional, `x:any...` variadic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from katalog_runtime.functions.declaration import (
    CallContext,
    Example,
    Function,
    FunctionError,
    Parameter,
    Purity,
)
from katalog_runtime.functions.go_numbers import parse_float

Read = Callable[[Any], Any]
ExampleText = tuple[str, str] | tuple[str, str, Mapping[str, Any]]

ANY_TYPE: Final = "any type is taken"


def kind_of(value: Any) -> str:
    """The type of a value in the words of `Parameter.type`."""
    match value:
        case None:
            return "nil"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "map"


def _fail(value: Any, wanted: str) -> FunctionError:
    if value is None:
        return FunctionError(f"invalid value; expected {wanted}")
    return FunctionError(f"wrong type for value; expected {wanted}; got {kind_of(value)}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _fail(value, "string")
    return value


def _int(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 63:
        return int(value)
    raise _fail(value, "int")


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _fail(value, "bool")
    return value


def _number(value: Any) -> int | float:
    """A number, a numeric string, or a boolean as 0 or 1."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        return parse_float(value)
    raise _fail(value, "number")


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _fail(value, "list")
    return value


def _map(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _fail(value, "map")
    return value


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _nil_is(empty: Callable[[], Any], read: Read) -> Read:
    return lambda value: empty() if value is None else read(value)


_READERS: Final[Mapping[str, Read | None]] = {
    "any": None,
    "object": _object,
    "string": _text,
    "string?": _nil_is(str, _text),
    "int": _int,
    "int?": _nil_is(int, _int),
    "bool": _bool,
    "bool?": _nil_is(bool, _bool),
    "number": _number,
    "number?": _nil_is(int, _number),
    "list": _list,
    "list?": _nil_is(list, _list),
    "map": _map,
    "map?": _nil_is(dict, _map),
}


def _parameter(word: str) -> tuple[Parameter, Read | None]:
    optional = word.startswith("[")
    name, _, kind = word.strip("[]").partition(":")
    variadic = kind.endswith("...")
    kind = kind.removesuffix("...")
    parameter = Parameter(name=name, type=kind.rstrip("?"), variadic=variadic, optional=optional)
    return parameter, _READERS[kind]


def declare(
    signature: str,
    description: str,
    call: Callable[..., Any],
    *examples: ExampleText,
    group: str,
    on_nil: str = "error",
    on_wrong_type: str = "error",
    purity: Purity = "pure",
) -> Function:
    """The `Function` of a signature;

    `call` gets the checked arguments (and the context first, unless it is pure).
    """
    head, _, result = signature.partition(" -> ")
    name, *words = head.split()
    pairs = [_parameter(word) for word in words]
    parameters = tuple(parameter for parameter, _ in pairs)
    return Function(
        name=name,
        group=group,
        parameters=parameters,
        result=result,
        description=description,
        examples=tuple(
            Example(
                template=example[0], output=example[1], data=example[2] if len(example) > 2 else {}
            )
            for example in examples
        ),
        on_nil=on_nil,
        on_wrong_type=on_wrong_type,
        purity=purity,
        call=_checked(name, parameters, [read for _, read in pairs], call, pure=purity == "pure"),
    )


def _checked(
    name: str,
    parameters: tuple[Parameter, ...],
    reads: list[Read | None],
    call: Callable[..., Any],
    *,
    pure: bool,
) -> Callable[..., Any]:
    """`call` behind the checks of number and types of its arguments."""
    least = sum(not (each.variadic or each.optional) for each in parameters)
    most = None if any(each.variadic for each in parameters) else len(parameters)

    def checked(context: CallContext, *arguments: Any) -> Any:
        count = len(arguments)
        if count < least or (most is not None and count > most):
            wanted = f"{least}" if most == least else f"at least {least}"
            raise FunctionError(f"wrong number of args for {name}: want {wanted} got {count}")
        values = list(arguments)
        last = len(reads) - 1
        for index, value in enumerate(arguments):
            read = reads[index if index < last else last]
            if read is not None:
                values[index] = read(value)
        return call(*values) if pure else call(context, *values)

    return checked
