"""`katalogc eval`: try one expression on data, or answer a stream of them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from katalog_runtime.expressions import ExpressionError, compile_template
from katalog_runtime.expressions.interpolation import finish
from katalog_runtime.functions import TABLE
from katalog_runtime.functions.declaration import CallContext
from katalogc.errors import SurroundingsError
from katalogc.expressions import TemplateSyntaxError, check_calls, closest, facts, parse
from katalogc.wall_clock import call_context


class WrongDataError(Exception):
    """The data are no YAML or JSON mapping."""


_SURROGATES = re.compile("[\ud800-\udfff]")
_NAME = "t"
"""What a template can call itself by, as in Go's own tools and tests."""


def run(*, text: str, data: str | None = None, strict: bool = False, batch: bool = False) -> int:
    """Evaluate `text` on the data in a file (`-`: standard input), or a batch from there.

    Raises:
        SurroundingsError: there is no expression, or the file cannot be read.
    """
    if batch:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a text stream
        sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a text stream
        for answer in answers(sys.stdin, strict=strict):
            sys.stdout.write(answer + "\n")
            sys.stdout.flush()  # Whoever asks line by line waits for it.
        return 0
    if not text:
        raise SurroundingsError("give an expression, such as '{{ .spec.image }}'")
    if "{{" not in text:
        text = f"{{{{ {text} }}}}"
    try:
        values = _read_data(data)
        output = evaluate(text, values, strict=strict, context=call_context())
    except WrongDataError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except TemplateSyntaxError as error:
        sys.stderr.write(caret("error", error.message, text, error.start, error.end))
        return 1
    except ExpressionError as error:
        line, column = (int(part) for part in error.origin.rsplit(":", 2)[-2:])
        start = _offset(text, line, column)
        end = _end_of_operand(text, start)
        sys.stderr.write(caret("error", error.message, text, start, end))
        return 1
    if not strict:
        for hint in missing_fields(text, values):
            sys.stderr.write(f"note: {hint}\n")
    sys.stdout.write(output if output.endswith("\n") and strict else output + "\n")
    return 0


def evaluate(text: str, data: Any, *, strict: bool, context: CallContext) -> str:
    """One expression on data; in strict mode exactly Go's text.

    Raises:
        TemplateSyntaxError: it cannot be parsed, or (not strict) calls a function wrongly.
        ExpressionError: it cannot be evaluated on these data.
    """
    template = parse(text, TABLE, strict=strict, name=_NAME)
    if not strict:
        for mistake in check_calls(template, TABLE):
            meant = mistake.suggestion or ""
            hint = f"; did you mean `{meant}`?" if meant.startswith(".") else f" ({meant})"
            hint = hint if meant else ""
            raise TemplateSyntaxError(mistake.message + hint, mistake.start, mistake.end)
    compiled = compile_template(template, TABLE, strict=strict)
    return compiled.raw(data, context) if strict else compiled.render(data, context)


def missing_fields(text: str, data: Any) -> Iterator[str]:
    """What the expression reads and the data do not hold, with what may have been meant."""
    told = set()
    for path in sorted(facts(parse(text, TABLE)).reads, key=str):
        value = data
        for index, name in enumerate(path):
            if not isinstance(value, dict) or name in value:
                value = value.get(name) if isinstance(value, dict) else None
                continue
            known = closest(str(name), value)
            before = "".join(f".{each}" for each in path[:index])
            hint = f"; did you mean `{before}.{known}`?" if known else ""
            if (before, name) not in told:
                told.add((before, name))
                yield f"`{before}.{name}` is not in the data{hint}"
            break


def answers(lines: Iterable[str], *, strict: bool) -> Iterator[str]:
    """One JSON line for each JSON line `{"template": …, "data": …}`, in the same order."""
    for line in lines:
        if line.strip():
            yield json.dumps(_answer(line, strict, call_context()), ensure_ascii=True)


def _answer(line: str, strict: bool, context: CallContext) -> dict[str, str]:
    try:
        request = decode(line)
        if not isinstance(request, dict) or not isinstance(request.get("template"), str):
            raise TypeError('a line is a JSON object `{"template": "…", "data": …}`')
        text, data = request["template"], request.get("data") or {}
    except (ValueError, TypeError, RecursionError) as error:
        return {"error": "parse", "message": f"not a request: {error}"}
    try:
        template = parse(text, TABLE, strict=strict, name=_NAME)
        compiled = compile_template(template, TABLE, strict=strict)
        return {"output": finish(compiled.raw(data, context))}
    except TemplateSyntaxError as error:
        return {"error": "parse", "message": error.message}
    except ExpressionError as error:
        return {"error": "exec", "message": str(error)}


def decode(text: str) -> Any:
    """JSON as Kubernetes reads it: whole numbers of 64 bits are integers, all others floats.

    Raises:
        ValueError: not JSON.
    """
    value = json.loads(text, parse_int=_integer, parse_float=_float)
    return _scrubbed(value) if "\\u" in text else value


def _integer(text: str) -> int | float:
    value = int(text) if len(text) < 21 else 1 << 64
    return value if -(1 << 63) <= value < 1 << 63 else _float(text)


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"number out of range: {text}")
    return value


def _scrubbed(value: Any) -> Any:
    """Halves of surrogate pairs, which no UTF-8 can hold, as U+FFFD."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_scrubbed(each) for each in value]
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(each) for key, each in value.items()}
    return value


def _read_data(name: str | None) -> Any:
    """The data of the command line: JSON or YAML, from a file or standard input."""
    if name is None:
        return {}
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SurroundingsError(f"cannot read {name}: {reason}") from error
    try:
        value = decode(text) if text.strip() else {}
    except (ValueError, RecursionError):
        value = _read_yaml(name, text)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise WrongDataError(f"{name} holds no mapping; expressions read the fields of one")
    return value


def _read_yaml(name: str, text: str) -> Any:
    from katalogc.source import SourceFile
    from katalogc.yaml_reader import read

    reading = read(SourceFile(name, text))
    for diagnostic in reading.diagnostics:
        if diagnostic.severity == "error":
            raise WrongDataError(f"{diagnostic.span}: {diagnostic.message}")
    return reading.documents[0].data if reading.documents else None


def caret(severity: str, message: str, text: str, start: int, end: int) -> str:
    """A message with the line it is about and a caret under the place."""
    start = min(start, len(text))
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    column = start - line_start
    width = max(1, min(end, line_start + len(line)) - start)
    shown = line.replace("\t", " ")
    return f"{severity}: {message}\n  |\n  | {shown}\n  | {' ' * column}{'^' * width}\n"


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(each) + 1 for each in lines[: line - 1]) + column - 1


def _end_of_operand(text: str, start: int) -> int:
    """Where the word, path or action that starts at `start` ends."""
    match = re.compile(r"\{\{.*?\}\}|[^\s|(){}]+").match(text, start)
    return match.end() if match else start + 1
