"""Texts with paths in them: what most fields of most children are, rendered without any machinery.

A template without actions is a constant; a lone path is one closure; texts and paths are joined. All
else goes through `statements`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from katalog_runtime.expressions import paths
from katalog_runtime.expressions.limits import RefusedError
from katalog_runtime.expressions.operands import Fail
from katalog_runtime.expressions.printing import text_of
from katalog_runtime.expressions.tree import Action, Body, Field, Text, Variable
from katalog_runtime.expressions.values import NO_VALUE, SPACES, visible
from katalog_runtime.functions.declaration import CallContext

_ASCII_SPACES = "\t\n\v\f\r "
Render = Callable[[Any, CallContext], str]
"""A compiled template: data and context in, text out."""


def finish(text: str) -> str:
    """Output in the Katalog's reading: `<no value>` dropped, white space at both ends removed."""
    if NO_VALUE in text:
        text = text.replace(NO_VALUE, "")
    if text.isascii():
        return text.strip(_ASCII_SPACES)
    return visible(text).strip(SPACES)


def path_of(action: Action) -> tuple[int, tuple[str, ...]] | None:
    """Offset and names of the path that an action prints, if it does nothing else."""
    pipe = action.pipe
    if pipe.declared or len(pipe.commands) != 1 or len(pipe.commands[0].operands) != 1:
        return None
    match pipe.commands[0].operands[0]:
        case Field(at=at, names=names):
            return at, names
        case Variable(at=at, name="$", names=names) if names:
            return at, names
    return None


class PathPart:
    """A path that a template prints: its reader, its place."""

    __slots__ = ("at", "fail", "read", "room")

    def __init__(self, at: int, names: tuple[str, ...], room: int, fail: Fail) -> None:
        self.at = at
        self.read = paths.lenient(names)
        self.room = room
        self.fail = fail

    def value(self, data: Any) -> Any:
        """What the path leads to."""
        try:
            return self.read(data)
        except RefusedError as error:
            raise self.fail(self.at, str(error)) from None

    def shown(self, value: Any) -> str:
        """A value that is no string, as text.

        Raises:
            RefusedError: it is too large or nests too deeply.
        """
        return "" if value is None else text_of(value, self.room)


def texts_and_paths(body: Body, room: int, fail: Fail) -> list[str | PathPart] | None:
    """Texts and paths, where the body holds nothing else."""
    out: list[str | PathPart] = []
    for node in body:
        if isinstance(node, Text):
            out.append(node.text)
            continue
        path = path_of(node) if isinstance(node, Action) else None
        if path is None:
            return None
        out.append(PathPart(*path, room, fail))
    return out


def rendering(parts: list[str | PathPart], room: int, fail: Fail) -> Render:
    """Texts and paths joined, without a run around them."""
    if all(isinstance(each, str) for each in parts):
        text_alone = finish("".join(each for each in parts if isinstance(each, str)))
        return lambda _data, _context: text_alone
    holes = [
        (index, each.read, each) for index, each in enumerate(parts) if isinstance(each, PathPart)
    ]
    first = holes[0][2]
    constant = [each if isinstance(each, str) else "" for each in parts]
    if len(parts) == 1:
        read_only, only = holes[0][1:]

        def lone(data: Any, _context: CallContext) -> str:
            try:
                value = read_only(data)
                text = value if type(value) is str else only.shown(value)
            except RefusedError as error:
                raise fail(only.at, str(error)) from None
            if len(text) > room:
                raise fail(0, f"the output is longer than {room} characters")
            return finish(text)

        return lone

    def joined(data: Any, _context: CallContext) -> str:
        pieces = constant.copy()
        path = first
        try:
            for index, read, path in holes:
                value = read(data)
                pieces[index] = value if type(value) is str else path.shown(value)
        except RefusedError as error:
            raise fail(path.at, str(error)) from None
        text = "".join(pieces)
        if len(text) > room:
            raise fail(0, f"the output is longer than {room} characters")
        return finish(text)

    return joined


def lone_value(parts: list[str | PathPart]) -> Callable[[Any], Any] | None:
    """A reader of the value, where the body is one path and white space around it."""
    solid = [each for each in parts if isinstance(each, PathPart) or each.strip(SPACES)]
    if len(solid) == 1 and isinstance(solid[0], PathPart):
        return solid[0].value
    return None
