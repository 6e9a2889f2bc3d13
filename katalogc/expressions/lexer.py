"""Characters of a template in, tokens out. No judgement about their order, which is the parser's.

The rules are those of Go's `text/template`: delimiters `{{` and `}}`, trim markers `{{- ` and `
-}}`, comments, and inside an action words, fields, variables, numbers, strings and single
characters. The Katalog's reading adds one thing: a field's name may hold hyphens, as Kubernetes
names do.
"""

from __future__ import annotations

import re
from typing import NamedTuple

SPACES = " \t\r\n"
KEYWORDS = frozenset(
    {
        "block",
        "break",
        "continue",
        "define",
        "else",
        "end",
        "if",
        "range",
        "template",
        "with",
        "nil",
    }
)
_TERMINATORS = frozenset(".,|:)(" + SPACES)
_HYPHENS = re.compile(r"-+(?=\w)")
_DECIMAL = "0123456789_"


class TemplateSyntaxError(Exception):
    """The text is no template; `start` and `end` are offsets of the offending piece."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = max(end, start)


class Token(NamedTuple):
    """A piece of the template.

    `kind` is one of text, open, close, space, field, variable, word, keyword, bool, dot, number,
    complex, char, string, raw, declare, assign, pipe, paren, endparen, mark (any other printable
    character), eof, and error, whose value is the message: what comes before it may hold a mistake
    that explains it better.
    """

    kind: str
    value: str
    start: int
    end: int


def is_word(character: str) -> bool:
    """Whether Go counts the character as part of an identifier: letters, digits, underscore."""
    return character == "_" or character.isalpha() or character.isdecimal()


def tokens(text: str, *, strict: bool) -> list[Token]:
    """All tokens of `text`, the last of kind `eof` or `error`."""
    lexer = _Lexer(text, strict)
    try:
        lexer.run()
    except TemplateSyntaxError as error:
        lexer.out.append(Token("error", error.message, error.start, error.end))
    return lexer.out


class _Lexer:
    """One pass over the text; `at` is the place reached."""

    def __init__(self, text: str, strict: bool) -> None:
        self.text = text
        self.strict = strict
        self.at = 0
        self.out: list[Token] = []

    def run(self) -> None:
        trim = False
        while True:
            found = self.text.find("{{", self.at)
            piece = self.text[self.at :] if found < 0 else self.text[self.at : found]
            start = self.at
            if trim:
                stripped = piece.lstrip(SPACES)
                start += len(piece) - len(stripped)
                piece = stripped
            if found >= 0 and self._marker_after(found + 2):
                piece = piece.rstrip(SPACES)
            if piece:
                self.out.append(Token("text", piece, start, start + len(piece)))
            if found < 0:
                self.at = len(self.text)
                self.out.append(Token("eof", "", self.at, self.at))
                return
            trim = self._action(found)

    def _marker_after(self, at: int) -> bool:
        return self.text[at : at + 1] == "-" and self.text[at + 1 : at + 2] in set(SPACES)

    def _closing(self) -> int:
        """Length of the right delimiter here: 2, 4 with its trim marker, 0 where there is none."""
        here = self.text[self.at : self.at + 4]
        if here[1:] == "-}}" and here[0] in SPACES:
            return 4
        return 2 if here.startswith("}}") else 0

    def _action(self, start: int) -> bool:
        """Read one action; whether it trims the text after it."""
        self.at = start + 2
        opened = self.at + (2 if self._marker_after(self.at) else 0)
        if self.text.startswith("/*", opened):
            return self._comment(start, opened)
        self.out.append(Token("open", "{{", start, start + 2))
        self.at = opened
        depth = 0
        while True:
            closing = self._closing()
            if closing:
                if depth:
                    raise TemplateSyntaxError(
                        "unclosed left parenthesis", self.at, self.at + closing
                    )
                token = Token("close", "}}", self.at, self.at + closing)
                self.out.append(token)
                self.at += closing
                return closing == 4
            if self.at >= len(self.text):
                raise TemplateSyntaxError("unclosed action: `}}` is missing", start, start + 2)
            depth += self._inside()
            if depth < 0:
                raise TemplateSyntaxError("unexpected right parenthesis", self.at - 1, self.at)

    def _comment(self, start: int, opened: int) -> bool:
        end = self.text.find("*/", opened + 2)
        if end < 0:
            raise TemplateSyntaxError("unclosed comment", start, opened + 2)
        self.at = end + 2
        closing = self._closing()
        if not closing:
            raise TemplateSyntaxError("comment ends before closing delimiter", end, end + 2)
        self.at += closing
        return closing == 4

    def _emit(self, kind: str, end: int) -> None:
        self.out.append(Token(kind, self.text[self.at : end], self.at, end))
        self.at = end

    def _inside(self) -> int:
        """Read one token inside an action; the change of parenthesis depth."""
        text, at = self.text, self.at
        character = text[at]
        following = text[at + 1 : at + 2]
        if character in SPACES:
            self._space()
        elif character == "=":
            self._emit("assign", at + 1)
        elif character == ":":
            if following != "=":
                raise TemplateSyntaxError("expected `:=`", at, at + 1)
            self._emit("declare", at + 2)
        elif character == "|":
            self._emit("pipe", at + 1)
        elif character in "\"'`":
            self._quoted(character)
        elif character == "$" or (character == "." and not "0" <= following <= "9"):
            self._field(character)
        elif character in "+-." or "0" <= character <= "9":
            self._number()
        elif is_word(character):
            self._word()
        elif character == "(":
            self._emit("paren", at + 1)
            return 1
        elif character == ")":
            self._emit("endparen", at + 1)
            return -1
        elif " " < character < "\x7f":
            self._emit("mark", at + 1)
        else:
            message = f"unrecognized character in action: {describe(character)}"
            raise TemplateSyntaxError(message, at, at + 1)
        return 0

    def _space(self) -> None:
        end = self.at
        while end < len(self.text) and self.text[end] in SPACES:
            end += 1
        if self.text.startswith("-}}", end):
            end -= 1  # The last space belongs to the trim marker.
        if end > self.at:
            self._emit("space", end)

    def _quoted(self, quote: str) -> None:
        kind, name = {
            '"': ("string", "quoted string"),
            "'": ("char", "character constant"),
            "`": ("raw", "raw quoted string"),
        }[quote]
        at, text = self.at + 1, self.text
        while at < len(text) and (quote == "`" or text[at] != "\n"):
            if text[at] == quote:
                self._emit(kind, at + 1)
                return
            if text[at] == "\\" and quote != "`" and text[at + 1 : at + 2] != "\n":
                at += 1
            at += 1
        raise TemplateSyntaxError(f"unterminated {name}", self.at, min(at, len(text)))

    def _terminated(self, end: int) -> bool:
        following = self.text[end : end + 1]
        return not following or following in _TERMINATORS or self.text.startswith("}}", end)

    def _run(self, at: int) -> int:
        while at < len(self.text) and is_word(self.text[at]):
            at += 1
        return at

    def _field(self, sign: str) -> None:
        end = self.at + 1
        if self._terminated(end):
            self._emit("variable" if sign == "$" else "dot", end)
            return
        end = self._run(end)
        if sign == "." and not self.strict and end > self.at + 1:
            while hyphens := _HYPHENS.match(self.text, end):
                end = self._run(hyphens.end())
        self._must_end(end)
        self._emit("variable" if sign == "$" else "field", end)

    def _must_end(self, end: int) -> None:
        if not self._terminated(end):
            what = describe(self.text[end])
            hint = "; write `index list 0`" if self.text[end] == "[" else ""
            raise TemplateSyntaxError(f"bad character {what}{hint}", end, end + 1)

    def _word(self) -> None:
        end = self._run(self.at)
        self._must_end(end)
        word = self.text[self.at : end]
        if word in KEYWORDS:
            self._emit("keyword", end)
        else:
            self._emit("bool" if word in {"true", "false"} else "word", end)

    def _number(self) -> None:
        end = self._scan_number(self.at)
        if self.text[end : end + 1] in {"+", "-"}:
            end = self._scan_number(end)
            if self.text[end - 1] != "i":
                raise self._bad_number(end)
            self._emit("complex", end)
        else:
            self._emit("number", end)

    def _bad_number(self, end: int) -> TemplateSyntaxError:
        word = self.text[self.at : end]
        return TemplateSyntaxError(f"bad number syntax: {word}", self.at, end)

    def _scan_number(self, at: int) -> int:
        def accept(characters: str, many: bool = False) -> bool:
            nonlocal at
            start = at
            while self.text[at : at + 1] and self.text[at] in characters and (many or at == start):
                at += 1
            return at > start

        accept("+-")
        digits = _DECIMAL
        if accept("0"):
            if accept("xX"):
                digits = "0123456789abcdefABCDEF_"
            elif accept("oO"):
                digits = "01234567_"
            elif accept("bB"):
                digits = "01_"
        accept(digits, many=True)
        if accept("."):
            accept(digits, many=True)
        if (digits == _DECIMAL and accept("eE")) or (len(digits) > 11 and accept("pP")):
            accept("+-")
            accept(_DECIMAL, many=True)
        accept("i")
        if self.text[at : at + 1] and is_word(self.text[at]):
            raise self._bad_number(at + 1)
        return at


def describe(character: str) -> str:
    """A character as Go names it in messages: code point, and itself where it can be seen."""
    code = f"U+{ord(character):04X}"
    return f"{code} '{character}'" if character.isprintable() else code
