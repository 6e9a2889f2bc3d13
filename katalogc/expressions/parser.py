"""Text of an expression in, its tree out: all of Go's `text/template`, and hyphenated keys.

Blocks are kept on a stack of our own, as parentheses are in `pipelines`: depth is bounded, and no
text can exhaust the interpreter's stack. Messages are Go's where Go's are clear.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import cast

from katalog_runtime.expressions.tree import (
    Action,
    Body,
    Branch,
    Include,
    Jump,
    Node,
    Pipe,
    Template,
    Text,
)
from katalogc.expressions.calls import unknown_function
from katalogc.expressions.lexer import TemplateSyntaxError, Token, tokens
from katalogc.expressions.literals import LiteralError, unquote
from katalogc.expressions.pipelines import MAX_DEPTH, Cursor, PipelineParser, unexpected

_SURROGATES = re.compile("[\ud800-\udfff]")
_GO_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
)
_GO_SPACE += "\u2028\u2029\u202f\u205f\u3000"


def parse(
    text: str,
    functions: Collection[str] | None = None,
    *,
    strict: bool = False,
    name: str = "",
) -> Template:
    """Parse a template.

    Args:
        text: the template, all of it.
        functions: the names of known functions, with or without Go's predefined ones; None accepts
            any name, to be checked with `check_calls`.
        strict: Go's own grammar: no hyphens in field names.
        name: the name of the whole template, by which it could include itself.

    Raises:
        TemplateSyntaxError: with offsets into `text`.
    """
    clean = _SURROGATES.sub("\ufffd", text)
    if "{{" not in clean:
        body: Body = (Text(clean),) if clean else ()
        return Template(body, {}, name, text, _line_starts(clean))
    parser = _Parser(clean, functions, strict, name)
    parser.run()
    return Template(
        parser.blocks[0].body_so_far(), parser.definitions, name, text, _line_starts(clean)
    )


def _line_starts(text: str) -> tuple[tuple[int, int, int], ...]:
    points = [(0, 1, 1)]
    for number, match in enumerate(re.finditer("\n", text), 2):
        points.append((match.end(), number, 1))
    return tuple(points)


def _is_empty(body: Body) -> bool:
    return all(isinstance(each, Text) and not each.text.strip(_GO_SPACE) for each in body)


@dataclass(slots=True)
class _Block:
    """A block under construction, or the whole template."""

    kind: str
    token: Token
    """Where it starts."""
    name: str = ""
    pipe: Pipe | None = None
    nodes: list[Node] = field(default_factory=list)
    otherwise: list[Node] | None = None
    chained: bool = False
    """Whether it came from `else if` or `else with`: the same `end` closes its parent."""
    variables: int = 1
    """How many variables were in scope before it."""
    outer: tuple[list[str], int] = ((), 0)  # type: ignore[assignment]  # replaced for definitions
    """The variables and the range depth around a definition, whose own scope is fresh."""

    def body_so_far(self) -> Body:
        """The main list of nodes."""
        return tuple(self.nodes)

    @property
    def open_list(self) -> list[Node]:
        """The list that takes the next node."""
        return self.nodes if self.otherwise is None else self.otherwise


class _Parser:
    """One template's text, and the definitions found in it."""

    def __init__(
        self, text: str, functions: Collection[str] | None, strict: bool, name: str
    ) -> None:
        self.cursor = Cursor(tokens(text, strict=strict))
        self.functions = functions
        must_exist = self._must_exist if functions is not None else None
        self.pipelines = PipelineParser(self.cursor, strict=strict, must_exist=must_exist)
        self.name = name
        self.blocks = [_Block("root", Token("text", "", 0, 0))]
        self.definitions: dict[str, Body] = {}
        self.range_depth = 0

    def _must_exist(self, token: Token) -> None:
        assert self.functions is not None
        mistake = unknown_function(token.value, self.functions)
        if mistake:
            raise TemplateSyntaxError(mistake, token.start, token.end)

    def run(self) -> None:
        """Read to the end of the text."""
        while True:
            if len(self.blocks) > 1:
                self.cursor.peek_solid()
            token = self.cursor.next()
            if token.kind == "eof":
                break
            if token.kind == "text":
                self.blocks[-1].open_list.append(Text(token.value))
            elif token.kind == "open":
                self._action(token)
            else:
                raise unexpected(token, "input")
        if len(self.blocks) > 1:
            block = self.blocks[-1]
            raise TemplateSyntaxError(
                f"unexpected end of the text: `{block.kind}` has no `{{{{end}}}}`",
                block.token.start,
                block.token.end,
            )
        root = self.blocks[0]
        if self.name in self.definitions:
            if _is_empty(tuple(root.nodes)):
                root.nodes = list(self.definitions[self.name])
            elif not _is_empty(self.definitions[self.name]):
                raise self._defined_twice(self.name, root.token)

    def _action(self, opened: Token) -> None:
        token = self.cursor.peek_solid()
        if token.kind == "keyword" and token.value != "nil":
            self.cursor.next()
            match token.value:
                case "if" | "with" | "range":
                    self._branch(token)
                case "else":
                    self._else(token)
                case "end":
                    self._expect_close("end")
                    self._end(token)
                case "define" if len(self.blocks) == 1:
                    self._define(token)
                case "block":
                    self._block(token)
                case "template":
                    self._include(token)
                case "break" | "continue":
                    self._jump(token)
                case _:
                    raise unexpected(token, "command")
            return
        pipe = self.pipelines.pipeline("command", len(self.blocks))
        self.blocks[-1].open_list.append(Action(opened.start, pipe))

    def _expect_close(self, context: str) -> None:
        token = self.cursor.next_solid()
        if token.kind != "close":
            raise unexpected(token, context)

    def _push(self, block: _Block) -> None:
        if len(self.blocks) > MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} deep"
            raise TemplateSyntaxError(message, block.token.start, block.token.end)
        self.blocks.append(block)

    def _branch(self, token: Token, *, chained: bool = False) -> None:
        block = _Block(token.value, token, chained=chained)
        block.variables = len(self.pipelines.variables)
        block.pipe = self.pipelines.pipeline(token.value, len(self.blocks))
        self.range_depth += token.value == "range"
        self._push(block)

    def _else(self, token: Token) -> None:
        block = self.blocks[-1]
        following = self.cursor.peek_solid()
        chains = following.kind == "keyword" and following.value in {"if", "with"}
        if not chains:
            self._expect_close("else")
        if block.kind == "root":
            raise TemplateSyntaxError("unexpected {{else}}", token.start, token.end)
        if block.kind in {"define", "block"}:
            message = f"unexpected {{{{else}}}} in {block.kind} clause"
            raise TemplateSyntaxError(message, token.start, token.end)
        if block.otherwise is not None:
            raise TemplateSyntaxError("expected end; found {{else}}", token.start, token.end)
        block.otherwise = []
        self.range_depth -= block.kind == "range"
        if chains and following.value == block.kind:
            self.cursor.next()
            self._branch(following, chained=True)
        elif chains:
            raise unexpected(following, f"the else of `{block.kind}`")

    def _end(self, token: Token) -> None:
        while True:
            block = self.blocks.pop()
            if block.kind == "root":
                raise TemplateSyntaxError("unexpected {{end}}", token.start, token.end)
            body = tuple(block.nodes)
            if block.kind in {"define", "block"}:
                self._add_definition(block, body)
                return
            del self.pipelines.variables[block.variables :]
            self.range_depth -= block.kind == "range" and block.otherwise is None
            assert block.pipe is not None
            kind = cast("OneOf['if', 'with', 'range']", block.kind)
            node = Branch(block.token.start, kind, block.pipe, body, tuple(block.otherwise or ()))
            self.blocks[-1].open_list.append(node)
            if not block.chained:
                return

    def _add_definition(self, block: _Block, body: Body) -> None:
        self.pipelines.variables, self.range_depth = block.outer
        before = self.definitions.get(block.name)
        if before is None or _is_empty(before):
            self.definitions[block.name] = body
        elif not _is_empty(body):
            raise self._defined_twice(block.name, block.token)

    def _defined_twice(self, name: str, token: Token) -> TemplateSyntaxError:
        message = f"multiple definition of template `{name}`"
        return TemplateSyntaxError(message, token.start, token.end)

    def _name(self, context: str) -> str:
        token = self.cursor.next_solid()
        if token.kind not in {"string", "raw"}:
            raise unexpected(token, context)
        try:
            return unquote(token.value)
        except LiteralError as error:
            raise TemplateSyntaxError(str(error), token.start, token.end) from error

    def _scope(self, block: _Block) -> None:
        self._push(block)
        block.outer = (self.pipelines.variables, self.range_depth)
        self.pipelines.variables, self.range_depth = ["$"], 0

    def _define(self, token: Token) -> None:
        name = self._name("define clause")
        self._expect_close("define clause")
        self._scope(_Block("define", token, name))

    def _block(self, token: Token) -> None:
        name = self._name("block clause")
        pipe = self.pipelines.pipeline("block clause", len(self.blocks))
        self.blocks[-1].open_list.append(Include(token.start, name, pipe))
        self._scope(_Block("block", token, name))

    def _include(self, token: Token) -> None:
        name = self._name("template clause")
        if self.cursor.peek_solid().kind == "close":
            self.cursor.next()
            pipe = None
        else:
            pipe = self.pipelines.pipeline("template clause", len(self.blocks))
        self.blocks[-1].open_list.append(Include(token.start, name, pipe))

    def _jump(self, token: Token) -> None:
        context = f"{{{{{token.value}}}}}"
        self._expect_close(context)
        if self.range_depth == 0:
            raise TemplateSyntaxError(f"{context} outside {{{{range}}}}", token.start, token.end)
        kind = cast("OneOf['break', 'continue']", token.value)
        self.blocks[-1].open_list.append(Jump(token.start, kind))
