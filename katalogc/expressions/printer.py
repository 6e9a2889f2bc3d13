"""A tree in, its text out: one spelling for every tree, which parses back to the same tree."""

from __future__ import annotations

from katalog_runtime.expressions.quoting import quote_string
from katalog_runtime.expressions.tree import (
    Action,
    Body,
    Branch,
    Call,
    Chain,
    Command,
    Dot,
    Field,
    Include,
    Jump,
    Literal,
    Nil,
    Node,
    Operand,
    Pipe,
    Template,
    Text,
    Variable,
)


def print_template(template: Template) -> str:
    """The text of a template: its body, then its definitions by name."""
    out: list[str] = []
    _body(template.body, out)
    for name, body in sorted(template.definitions.items()):
        out.append(f"{{{{define {quote_string(name)}}}}}")
        _body(body, out)
        out.append("{{end}}")
    return "".join(out)


def print_operand(node: Operand) -> str:
    """The text of one operand, as messages quote it."""
    match node:
        case Dot():
            return "."
        case Nil():
            return "nil"
        case Literal():
            return _literal(node)
        case Field(names=names):
            return "".join(f".{name}" for name in names)
        case Variable(name=variable, names=names):
            return variable + "".join(f".{name}" for name in names)
        case Chain(operand=operand, names=names):
            return print_operand(operand) + "".join(f".{name}" for name in names)
        case Call(name=name):
            return name
        case Pipe():
            return f"({_pipe(node)})"


def _literal(node: Literal) -> str:
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote_string(value)
    if isinstance(value, float):
        text = repr(value)
        return text if "." in text or "e" in text else f"{text}.0"
    if isinstance(value, complex):
        return f"{value.real!r}{value.imag:+}i" if value.real else f"{value.imag!r}i"
    return str(value)


def _pipe(pipe: Pipe) -> str:
    text = " | ".join(_command(command) for command in pipe.commands)
    if not pipe.declared:
        return text
    return f"{', '.join(pipe.declared)} {'=' if pipe.assigns else ':='} {text}"


def _command(command: Command) -> str:
    return " ".join(print_operand(each) for each in command.operands)


def _body(nodes: Body, out: list[str]) -> None:
    for node in nodes:
        _node(node, out)


def _node(node: Node, out: list[str]) -> None:
    match node:
        case Text(text=text):
            out.append(text)
        case Action(pipe=pipe):
            out.append(f"{{{{{_pipe(pipe)}}}}}")
        case Jump(kind=kind):
            out.append(f"{{{{{kind}}}}}")
        case Include(name=name, pipe=pipe):
            argument = f" {_pipe(pipe)}" if pipe else ""
            out.append(f"{{{{template {quote_string(name)}{argument}}}}}")
        case Branch(kind=kind, pipe=pipe, body=body, otherwise=otherwise):
            out.append(f"{{{{{kind} {_pipe(pipe)}}}}}")
            _body(body, out)
            if otherwise:
                out.append("{{else}}")
                _body(otherwise, out)
            out.append("{{end}}")
