"""Tokens of one action in, a pipeline out: commands, operands, declarations, parentheses.

Parentheses are kept on a stack of our own: nothing here recurses on what the user wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from katalog_runtime.expressions.tree import (
    Call,
    Chain,
    Command,
    Dot,
    Field,
    Literal,
    Nil,
    Operand,
    Pipe,
    Variable,
)
from katalogc.expressions.lexer import TemplateSyntaxError, Token
from katalogc.expressions.literals import LiteralError, complex_number, number, rune, unquote

MAX_DEPTH = 200
"""How deep blocks and parentheses may nest, together."""

_OPERANDS = frozenset(
    {
        "bool",
        "char",
        "complex",
        "dot",
        "field",
        "word",
        "number",
        "raw",
        "string",
        "variable",
        "paren",
    }
)


_INSTEAD = {
    "=": "; to compare, write `eq a b`",
    "!": "; write `not a` or `ne a b`",
    "<": "; write `lt a b`",
    ">": "; write `gt a b`",
    "&": "; write `and a b`",
    "+": "; write `add a b`",
    "*": "; write `mul a b`",
    "/": "; write `div a b`",
    "%": "; write `mod a b`",
    "?": "; write `ternary condition a b`",
    ",": "; arguments are separated by spaces",
    "[": "; write `index list 0`",
    "(": "; arguments follow after a space: `default 3 .spec.size`",
    "{": "; an expression begins with two braces",
    "}": "; an expression ends with `}}`",
}
"""What users of other languages may have meant by a character that cannot stand there."""


class Cursor:
    """The tokens and the place reached among them."""

    def __init__(self, all_tokens: list[Token]) -> None:
        self.tokens = all_tokens
        self.index = 0

    def peek(self) -> Token:
        """The next token, left in place."""
        token = self.tokens[self.index]
        if token.kind == "error":
            raise TemplateSyntaxError(token.value, token.start, token.end)
        return token

    def next(self) -> Token:
        """The next token, taken (the last one, `eof`, again and again)."""
        token = self.peek()
        if token.kind != "eof":
            self.index += 1
        return token

    def peek_solid(self) -> Token:
        """The next token that is no space; spaces before it are taken."""
        while self.peek().kind == "space":
            self.index += 1
        return self.peek()

    def next_solid(self) -> Token:
        """The next token that is no space, taken."""
        self.peek_solid()
        return self.next()


def unexpected(token: Token, context: str) -> TemplateSyntaxError:
    """The error for a token that cannot stand in `context`."""
    if token.kind == "eof":
        return TemplateSyntaxError("unexpected end of the text", token.start, token.end)
    what = f"<{token.value}>" if token.kind in {"keyword", "dot"} else f"`{token.value}`"
    if token.kind == "close":
        what = "`}}`"
    hint = (
        _INSTEAD.get(token.value, "") if token.kind in {"mark", "assign", "pipe", "paren"} else ""
    )
    return TemplateSyntaxError(f"unexpected {what} in {context}{hint}", token.start, token.end)


@dataclass(slots=True)
class _Open:
    """A pipeline under construction."""

    context: str
    end: str
    """Kind of the token that closes it: `close` or `endparen`."""
    at: int
    depth: int
    """Blocks and parentheses around it."""
    declared: list[str] = field(default_factory=list)
    assigns: bool = False
    commands: list[Command] = field(default_factory=list)
    operands: list[Operand] = field(default_factory=list)
    """Of the command at hand."""
    command_at: int = -1
    """Where the command at hand starts; -1 between commands."""


class PipelineParser:
    """Parses pipelines; knows the variables that are declared so far."""

    def __init__(
        self, cursor: Cursor, *, strict: bool, must_exist: Callable[[Token], None] | None
    ) -> None:
        self.cursor = cursor
        self.strict = strict
        self.must_exist = must_exist
        """Called with each function's name; raises TemplateSyntaxError where there is none."""
        self.variables: list[str] = ["$"]

    def pipeline(self, context: str, depth: int) -> Pipe:
        """The pipeline up to the action's `}}`, which is taken too."""
        stack = [self._open(context, "close", depth)]
        while True:
            pipe = stack[-1]
            token = self.cursor.peek_solid()
            if pipe.command_at < 0:
                if token.kind == pipe.end:
                    self.cursor.next()
                    finished = self._finish(pipe, token)
                    stack.pop()
                    if not stack:
                        return finished
                    self._operand(stack[-1], finished)
                    continue
                if token.kind not in _OPERANDS and token.value != "nil":
                    raise unexpected(token, pipe.context)
                pipe.command_at = token.start
            if token.kind == "paren":
                below = pipe.depth + (2 if pipe.operands else 1)  # An argument weighs more.
                if below > MAX_DEPTH:
                    raise TemplateSyntaxError(
                        f"nested more than {MAX_DEPTH} deep", token.start, token.end
                    )
                self.cursor.next()
                stack.append(self._open("parenthesized pipeline", "endparen", below))
                continue
            self._operand(pipe, self._term())

    def _open(self, context: str, end: str, depth: int) -> _Open:
        cursor = self.cursor
        pipe = _Open(context, end, cursor.peek_solid().start, depth)
        while cursor.peek_solid().kind == "variable":
            mark = cursor.index
            variable = cursor.next()
            following = cursor.peek_solid()
            if following.kind in {"assign", "declare"}:
                pipe.assigns = following.kind == "assign"
            elif following.value != "," or following.kind != "mark":
                cursor.index = mark
                break
            cursor.next()
            pipe.declared.append(variable.value)
            self.variables.append(variable.value)
            if following.kind != "mark":
                break
            if context != "range" or len(pipe.declared) > 1:
                raise TemplateSyntaxError(
                    f"too many declarations in {context}", following.start, following.end
                )
            second = cursor.peek_solid()
            if second.kind not in {"variable", "close", "endparen"}:
                raise TemplateSyntaxError(
                    "range can only initialize variables", second.start, second.end
                )
        return pipe

    def _finish(self, pipe: _Open, token: Token) -> Pipe:
        if not pipe.commands:
            raise TemplateSyntaxError(f"missing value for {pipe.context}", pipe.at, token.end)
        for stage, command in enumerate(pipe.commands[1:], 2):
            if isinstance(command.operands[0], Literal | Dot | Nil):
                raise TemplateSyntaxError(
                    f"non executable command in pipeline stage {stage}", command.at, command.at + 1
                )
        return Pipe(pipe.at, tuple(pipe.declared), pipe.assigns, tuple(pipe.commands))

    def _operand(self, pipe: _Open, node: Operand | None) -> None:
        """Add an operand with the fields that follow it, then see whether the command ends here."""
        if node is not None:
            pipe.operands.append(self._with_fields(node))
        token = self.cursor.next()
        if token.kind == "space":
            return
        if token.kind in {"close", "endparen"}:
            self.cursor.index -= 1
        elif token.kind != "pipe":
            raise unexpected(token, "operand")
        if not pipe.operands:
            raise TemplateSyntaxError("empty command", token.start, token.end)
        pipe.commands.append(Command(pipe.command_at, tuple(pipe.operands)))
        pipe.operands.clear()
        pipe.command_at = -1

    def _with_fields(self, node: Operand) -> Operand:
        names: list[str] = []
        first = self.cursor.peek()
        while self.cursor.peek().kind == "field":
            names.append(self.cursor.next().value[1:])
        if not names:
            return node
        match node:
            case Field(at=at, names=before):
                return Field(at, (*before, *names))
            case Variable(at=at, name=name):
                return Variable(at, name, tuple(names))
            case Call(at=at, name="inputs") if not self.strict:
                return Field(at, ("inputs", *names))
            case Pipe() | Call():
                self._known(node)
                return Chain(node.at, node, tuple(names))
            case _:
                before_text = self.cursor.tokens[self.cursor.index - len(names) - 1].value
                raise TemplateSyntaxError(
                    f"unexpected . after term `{before_text}`", first.start, first.end
                )

    def _known(self, node: Pipe | Call) -> None:
        """A function named `inputs` is looked up only once it is clear that no field follows."""
        if isinstance(node, Call) and node.name == "inputs" and self.must_exist:
            self.must_exist(Token("word", node.name, node.at, node.at + len(node.name)))

    def _term(self) -> Operand | None:
        token = self.cursor.peek()
        at = token.start
        try:
            match token.kind:
                case "word":
                    node: Operand = self._function(token)
                case "dot":
                    node = Dot(at)
                case "keyword" if token.value == "nil":
                    node = Nil(at)
                case "variable":
                    if token.value not in self.variables:
                        raise TemplateSyntaxError(
                            f"undefined variable `{token.value}`", at, token.end
                        )
                    node = Variable(at, token.value)
                case "field":
                    node = Field(at, (token.value[1:],))
                case "bool":
                    node = Literal(at, "bool", token.value == "true")
                case "char":
                    node = Literal(at, "int", rune(token.value))
                case "complex":
                    node = Literal(at, "complex", complex_number(token.value))
                case "number":
                    node = Literal(at, *number(token.value))
                case "string" | "raw":
                    node = Literal(at, "string", unquote(token.value))
                case _:
                    return None
        except LiteralError as error:
            raise TemplateSyntaxError(str(error), at, token.end) from error
        self.cursor.next()
        return node

    def _function(self, token: Token) -> Operand:
        field_follows = self.cursor.tokens[self.cursor.index + 1].kind == "field"
        if self.must_exist and not (token.value == "inputs" and field_follows and not self.strict):
            self.must_exist(token)
        return Call(token.start, token.value)
