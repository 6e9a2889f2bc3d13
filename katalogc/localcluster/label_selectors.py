"""Label selectors in the notation of query strings: `a=b,c in (d,e),!f`.

In: text. Out: tests on label maps, or the complaint of `k8s.io/apimachinery/pkg/labels`, whose
grammar and lexer this follows token by token. No I/O.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from katalogc.localcluster.statuses import bad_request

LabelTest = Callable[[Mapping[str, str]], bool]

_OPERATORS = ("in", "notin", "=", "==", "!=", "gt", "lt")
_TOKEN = re.compile(r"\s*(==|!=|[=!(),><]|[^\s=!(),><]+|$)")
_NAME = re.compile(r"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$")
_NAME_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)


class _Requirement(NamedTuple):
    key: str
    operator: str
    values: tuple[str, ...]


class _Problem(Exception):  # noqa: N818 - becomes a Refusal before anybody sees it
    """A requirement that cannot be parsed."""


class _Parser:
    """One pass over the tokens."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        position = 0
        while True:
            match = _TOKEN.match(text, position)
            token = match[1] if match else ""
            self._tokens.append(token)
            if not match or not token:
                break
            position = match.end()
        self._next = 0

    def peek(self) -> str:
        return self._tokens[min(self._next, len(self._tokens) - 1)]

    def take(self) -> str:
        token = self.peek()
        self._next += 1
        return token

    @staticmethod
    def is_identifier(token: str) -> bool:
        return bool(token) and token not in ("=", "==", "!=", "!", "(", ")", ",", ">", "<")

    def requirement(self) -> _Requirement:
        absent = self.peek() == "!"
        if absent:
            self.take()
        key = self.take()
        if not self.is_identifier(key):
            raise _Problem(f"found '{key}', expected: identifier")
        _check_key(key)
        if self.peek() in ("", ","):
            return _Requirement(key, "!" if absent else "exists", ())
        if absent:
            return _Requirement(key, "!", ())
        operator = self.take()
        if operator in ("in", "notin"):
            return _Requirement(key, operator, self._values())
        if operator in ("=", "==", "!=", ">", "<"):
            return _Requirement(key, operator, (self._exact_value(),))
        raise _Problem(f"found '{operator}', expected: {', '.join(_OPERATORS)}")

    def _exact_value(self) -> str:
        if self.peek() in ("", ","):
            return ""
        token = self.take()
        if not self.is_identifier(token):
            raise _Problem(f"found '{token}', expected: identifier")
        return token

    def _values(self) -> tuple[str, ...]:
        token = self.take()
        if token != "(":  # noqa: S105 - a parenthesis, no password
            raise _Problem(f"found '{token}' expected: '('")
        values: list[str] = []
        if self.peek() == ")":
            self.take()
            return ("",)
        if not (self.is_identifier(self.peek()) or self.peek() == ","):
            raise _Problem(f"found '{self.peek()}', expected: ',', ')' or identifier")
        while True:
            token = self.take()
            if self.is_identifier(token):
                values.append(token)
                if self.peek() == ")":
                    break
                if self.peek() != ",":
                    raise _Problem(f"found '{self.peek()}', expected: ',' or ')'")
            elif token == ",":  # noqa: S105 - a comma, no password
                if not values:
                    values.append("")
                if self.peek() == ")":
                    values.append("")
                    break
            else:
                raise _Problem(f"found '{token}', expected: ',', or identifier")
        self.take()
        return tuple(values)


def _check_key(key: str) -> None:
    prefix, slash, name = key.rpartition("/")
    problems = []
    if slash and not prefix:
        problems.append("prefix part must be non-empty")
    if not name:
        problems.append("name part must be non-empty")
    if len(name) > 63:
        problems.append("name part must be no more than 63 bytes")
    if not _NAME.match(name):
        problems.append(_NAME_TEXT)
    if problems:
        raise _Problem(f'<nil>: Invalid value: "{key}": {"; ".join(problems)}')


def _parse(text: str) -> list[_Requirement]:
    parser = _Parser(text)
    found: list[_Requirement] = []
    while True:
        token = parser.peek()
        if not token:
            return found
        if not (parser.is_identifier(token) or token == "!"):  # noqa: S105 - a symbol, no password
            raise bad_request(f"found '{token}', expected: !, identifier, or 'end of string'")
        try:
            found.append(parser.requirement())
            _test(found[-1])
        except _Problem as problem:
            raise bad_request(f"unable to parse requirement: {problem}") from None
        token = parser.take()
        if not token:
            return found
        if token != ",":  # noqa: S105 - a comma, no password
            raise bad_request(f"found '{token}', expected: ',' or 'end of string'")
        if not (parser.is_identifier(parser.peek()) or parser.peek() == "!"):
            raise bad_request(f"found '{parser.peek()}', expected: identifier after ','")


def label_tests(text: str) -> list[LabelTest]:
    """One test for each requirement; all must hold.

    Raises:
        Refusal: 400, the selector cannot be parsed.
    """
    return [_test(each) for each in _parse(text)]


def _test(requirement: _Requirement) -> LabelTest:
    key, operator, values = requirement
    match operator:
        case "exists":
            return lambda labels: key in labels
        case "!":
            return lambda labels: key not in labels
        case "in" | "=" | "==":
            if len(values) == 1:
                only = values[0]
                return lambda labels: labels.get(key) == only
            return lambda labels: labels.get(key) in values
        case "notin" | "!=":
            return lambda labels: labels.get(key) not in values
        case _:
            return _comparison(key, values[0], greater=operator == ">")


def _comparison(key: str, text: str, *, greater: bool) -> LabelTest:
    if not text.lstrip("-").isdigit():
        raise _Problem(
            f"values[0]: Invalid value: \"{text}\": for 'Gt', 'Lt' operators, the value must be an "
            "integer"
        )
    bound = int(text)

    def compare(labels: Mapping[str, str]) -> bool:
        found = labels.get(key, "")
        if not found.lstrip("-").isdigit():
            return False
        return int(found) > bound if greater else int(found) < bound

    return compare


__all__ = ["LabelTest", "label_tests"]
