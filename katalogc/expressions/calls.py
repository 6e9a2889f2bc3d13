"""Calls of a parsed template against the table of functions: unknown names, wrong arity.

Mistakes come back as values with offsets; a template without calls yields none.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from katalog_runtime.expressions.arities import ARITIES
from katalog_runtime.expressions.tree import Body, Call, Chain, Pipe, Template, walk

if TYPE_CHECKING:
    from katalog_runtime.functions.declaration import Signatures


class CallMistake(NamedTuple):
    """A call that cannot work, wherever the evaluation goes."""

    message: str
    start: int
    end: int
    suggestion: str | None = None
    """A function's name or (with its dot) a path that may have been meant, or the signature."""


_OTHER_LANGUAGES = {
    "endif": "end", "endfor": "end", "endrange": "end", "endwith": "end", "fi": "end",
    "elseif": "else if", "elif": "else if", "elsif": "else if",
    "for": "range", "foreach": "range", "each": "range",
    "null": "nil", "None": "nil", "True": "true", "False": "false",
}  # fmt: skip
"""What users of other languages may have meant by a name that is no function."""
_PATHS = frozenset({"apiVersion", "inputs", "kind", "metadata", "spec", "status"})
_REST_OF_PATH = re.compile(r"(?:\.[\w-]*\w)+")


def closest(name: str, known: Collection[str]) -> str | None:
    """The known name most like `name`, if one is close."""
    lower = {each.lower(): each for each in sorted(known)}
    if name.lower() in lower:
        return lower[name.lower()]
    found = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.75)
    return lower[found[0]] if found else None


def unknown_function(name: str, functions: Collection[str]) -> str | None:
    """The message for a name that is no function; None where it is one."""
    if name in functions or name in ARITIES:
        return None
    suggestion = _OTHER_LANGUAGES.get(name) or closest(name, {*functions, *ARITIES})
    hint = f"; did you mean `{suggestion}`?" if suggestion else ""
    return f"{_unknown(name)}{hint}"


def check_calls(
    template: Template, table: Signatures, notes: Mapping[str, Template] | None = None
) -> Iterator[CallMistake]:
    """Yield every call that names no function, or gives it too few or too many arguments."""
    known: set[str] = {*table, *(notes or {})}
    for body in (template.body, *template.definitions.values()):
        for call, arguments in calls(body):
            start, end = call.at, call.at + len(call.name)
            most: int | None
            path = _path_meant(call.name, template.text[end:])
            if path is not None and arguments == 0:
                known_here = call.name in known
                what = "a path begins with a dot" if known_here else _unknown(call.name)
                yield CallMistake(what, start, end + len(path) - len(call.name) - 1, path)
                continue
            if notes and call.name in notes:
                least, most, signature = 0, 0, call.name
            elif call.name in table:
                function = table[call.name]
                least, most, signature = function.least, function.most, function.signature
            elif call.name in ARITIES:
                least, most = ARITIES[call.name]
                signature = None
            else:
                suggestion = _OTHER_LANGUAGES.get(call.name)
                suggestion = suggestion or closest(call.name, known | set(ARITIES))
                yield CallMistake(_unknown(call.name), start, end, suggestion)
                continue
            if arguments < least or (most is not None and arguments > most):
                wants = _wants(least, most)
                message = f"`{call.name}` wants {wants}, got {arguments}"
                yield CallMistake(message, start, end, signature)


def _unknown(name: str) -> str:
    return f"function `{name}` not defined"


def _path_meant(name: str, following: str) -> str | None:
    """`.spec.size` where `spec.size` was written."""
    rest = _REST_OF_PATH.match(following) if name in _PATHS else None
    return f".{name}{rest[0]}" if rest else None


def _wants(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {_arguments(least)}"
    if least == most:
        return "no arguments" if not least else _arguments(least)
    return f"{least} to {_arguments(most)}"


def _arguments(count: int) -> str:
    return "1 argument" if count == 1 else f"{count} arguments"


def calls(body: Body) -> Iterator[tuple[Call, int]]:
    """Every call below `body` with the number of its arguments, a piped one counted."""
    for node in walk(body):
        match node:
            case Pipe(commands=commands):
                for index, command in enumerate(commands):
                    first, arguments = command.operands[0], command.operands[1:]
                    if isinstance(first, Call):
                        yield first, len(arguments) + (index > 0)
                    for operand in arguments:
                        if isinstance(operand, Call):
                            yield operand, 0
            case Chain(operand=Call() as call):
                yield call, 0
            case _:
                pass
