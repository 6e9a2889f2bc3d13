"""Regular expressions in Go's dialect, run by RE2: linear time, bounded memory, never Python's
`re`.

RE2 in C++ and Go's `regexp` share their syntax except for a few points, which are settled here:
`\\C` is refused, nesting is limited to 1,000, and Unicode classes are found by their long names and
in any case (`\\p{Letter}`, `\\p{greek}`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import re2

from katalog_runtime.functions.declaration import FunctionError

MOST_CHARACTERS: Final = 16_384
"""Longer patterns are refused."""
MOST_DEPTH: Final = 1_000
_MEMORY: Final = 8 << 20
"""What the automaton of one pattern may hold, bytes; RE2's own default."""

_CATEGORIES: Final = {
    "letter": "L", "casedletter": "LC", "uppercaseletter": "Lu", "lowercaseletter": "Ll",
    "titlecaseletter": "Lt", "modifierletter": "Lm", "otherletter": "Lo", "mark": "M",
    "combiningmark": "M", "nonspacingmark": "Mn", "spacingmark": "Mc", "enclosingmark": "Me",
    "number": "N", "decimalnumber": "Nd", "digit": "Nd", "letternumber": "Nl", "othernumber": "No",
    "punctuation": "P", "punct": "P", "connectorpunctuation": "Pc", "dashpunctuation": "Pd",
    "openpunctuation": "Ps", "closepunctuation": "Pe", "initialpunctuation": "Pi",
    "finalpunctuation": "Pf", "otherpunctuation": "Po", "symbol": "S", "mathsymbol": "Sm",
    "currencysymbol": "Sc", "modifiersymbol": "Sk", "othersymbol": "So", "separator": "Z",
    "spaceseparator": "Zs", "lineseparator": "Zl", "paragraphseparator": "Zp", "other": "C",
    "control": "Cc", "cntrl": "Cc", "format": "Cf", "privateuse": "Co", "surrogate": "Cs",
}  # fmt: skip
_NAMED: Final = ("?P<", "?<")


class PatternError(FunctionError, ValueError):
    """The pattern is not a regular expression; the message says what is wrong with it."""


@lru_cache(maxsize=128)
def compile_pattern(pattern: str) -> Any:
    """The compiled expression, with the methods of `re.Pattern`.

    Raises:
        PatternError: a mistake in the pattern, or a pattern beyond our bounds.
    """
    if len(pattern) > MOST_CHARACTERS:
        raise PatternError(f"the pattern is longer than {MOST_CHARACTERS} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(_in_our_dialect(pattern), options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args else ""
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(error)
        raise PatternError(f"error parsing regexp: {text}") from error


@lru_cache(maxsize=512)
def _class_name(name: str) -> str | None:
    """The name under which RE2 knows a Unicode class; None where it knows none."""
    negated = name.startswith("^")
    plain = name.removeprefix("^")
    folded = plain.replace(" ", "").replace("_", "").replace("-", "").lower()
    words = plain.replace("-", "_").replace(" ", "_").split("_")
    guesses = (plain, _CATEGORIES.get(folded, ""), "_".join(map(str.capitalize, words)))
    for guess in guesses:
        if guess and _knows(guess):
            return ("^" if negated else "") + guess
    return None


def _knows(name: str) -> bool:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(rf"\p{{{name}}}", options)
    except (re2.error, UnicodeEncodeError):
        return False
    return True


def _in_our_dialect(pattern: str) -> str:
    """Go's pattern in RE2's spelling; what Go refuses and RE2 does not is refused here."""
    parts: list[str] = []
    groups: list[bool] = []
    position, depth, in_class = 0, 0, False
    while position < len(pattern):
        character = pattern[position]
        end = position + 1
        if character == "\\":
            end, text = _escape(pattern, position, in_class=in_class)
            parts.append(text)
            position = end
            continue
        if in_class:
            if pattern.startswith("[:", position) and ":]" in pattern[position + 2 :]:
                end = pattern.index(":]", position + 2) + 2
            in_class = character != "]"
        elif character == "[":
            in_class = True
            if pattern.startswith("^", end):
                end += 1
            if pattern.startswith("]", end):
                end += 1  # a bracket in the first place is a member
        elif character == "(":
            # Only groups that capture are levels of Go's tree.
            captures = pattern[end : end + 1] != "?" or pattern.startswith(_NAMED, end)
            groups.append(captures)
            depth += captures
            if depth >= MOST_DEPTH:
                raise PatternError("error parsing regexp: expression nests too deeply")
        elif character == ")" and groups:
            depth -= groups.pop()
        parts.append(pattern[position:end])
        position = end
    return "".join(parts)


def _escape(pattern: str, position: int, *, in_class: bool) -> tuple[int, str]:
    """Where an escape ends, and how RE2 spells it."""
    following = pattern[position + 1 : position + 2]
    if following == "Q" and not in_class:
        close = pattern.find("\\E", position + 2)
        end = len(pattern) if close < 0 else close + 2
        return end, pattern[position:end]
    if following == "C":
        raise PatternError("error parsing regexp: invalid escape sequence: `\\C`")
    if following in ("p", "P") and pattern.startswith("{", position + 2):
        close = pattern.find("}", position + 3)
        if close > 0:
            written = pattern[position + 3 : close]
            folded = written.lower()
            if folded == "ascii":
                sign = "^" if following == "P" else ""
                inner = f"[:{sign}ascii:]"
                return close + 1, inner if in_class else f"[{inner}]"
            if folded == "lc" and following == "p":
                inner = r"\p{Lu}\p{Ll}\p{Lt}"
                return close + 1, inner if in_class else f"[{inner}]"
            known = _class_name(written)
            if known is not None:
                return close + 1, f"\\{following}{{{known}}}"
    return position + 2, pattern[position : position + 2]
