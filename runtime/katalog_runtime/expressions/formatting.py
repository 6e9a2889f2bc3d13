"""One value under one verb of `printf`: Go's `fmt`, with every flag, width and error form.

What comes out is written to a `Page`, which refuses to grow beyond its room.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from katalog_runtime.expressions.floats import format_float
from katalog_runtime.expressions.limits import RefusedError
from katalog_runtime.expressions.quoting import (
    can_backquote,
    is_printable,
    quote_rune,
    quote_string,
    valid_rune,
)
from katalog_runtime.expressions.values import GoByte, go_bytes, go_type, sorted_items

MAX_NESTING = 100
"""Lists and maps within each other; what is deeper is refused rather than printed."""
_FLOAT_VERBS = frozenset("vbgGxXfFeE")


class Page:
    """The text written so far, and the room that is left."""

    __slots__ = ("parts", "room")

    def __init__(self, room: int) -> None:
        self.parts: list[str] = []
        self.room = room

    def write(self, text: str) -> None:
        """Append `text`.

        Raises:
            RefusedError: there is no room for it.
        """
        self.room -= len(text)
        if self.room < 0:
            raise RefusedError("the text grows too long")
        self.parts.append(text)

    def text(self) -> str:
        """Everything written."""
        return "".join(self.parts)


@dataclass(slots=True)
class Style:
    """Flags, width and precision of one verb."""

    minus: bool = False
    plus: bool = False
    sharp: bool = False
    space: bool = False
    zero: bool = False
    syntax: bool = False
    """`%#v`: Go source."""
    width: int | None = None
    precision: int | None = None

    def padded(self, text: str, *, zeros: bool = True) -> str:
        """`text` brought to the width, in characters."""
        missing = (self.width or 0) - len(text)
        if missing <= 0:
            return text
        if self.minus:
            return text + " " * missing
        return ("0" if self.zero and zeros else " ") * missing + text

    def truncated(self, text: str) -> str:
        """`text` cut to the precision, in characters."""
        return text if self.precision is None else text[: self.precision]


def write_value(page: Page, value: Any, verb: str, style: Style) -> None:
    """Write one argument of `printf`, `print` or an action under `verb`.

    Raises:
        RefusedError: the text grows too long, or the value nests too deeply.
    """
    if value is None:
        if verb in "Tv":
            page.write(style.padded("<nil>"))
        else:
            page.write(f"%!{verb}(<nil>)")
    elif verb == "T":
        page.write(style.padded(style.truncated(go_type(value))))
    elif verb == "p" and isinstance(value, list | dict):
        page.write("0xc000000000")  # Go prints an address, which means nothing outside its process.
    else:
        _write(page, value, verb, style, 0)


def _write(page: Page, value: Any, verb: str, style: Style, depth: int) -> None:
    if isinstance(value, dict | list):
        _write_collection(page, value, verb, style, depth)
        return
    text = _scalar(value, verb, style)
    if text is None:
        page.write(f"%!{verb}({go_type(value)}=")
        page.write(_scalar(value, "v", style) or "")
        text = ")"
    page.write(text)


def _write_collection(
    page: Page, value: list[Any] | dict[str, Any], verb: str, style: Style, depth: int
) -> None:
    if depth >= MAX_NESTING:
        raise RefusedError(f"lists and maps are nested more than {MAX_NESTING} deep")
    between = ", " if style.syntax else " "
    if isinstance(value, dict):
        page.write("map[string]interface {}{" if style.syntax else "map[")
        for index, (key, each) in enumerate(sorted_items(value)):
            if index:
                page.write(between)
            _write(page, key, verb, style, depth + 1)
            page.write(":")
            _write_item(page, each, verb, style, depth)
    else:
        page.write("[]interface {}{" if style.syntax else "[")
        for index, each in enumerate(value):
            if index:
                page.write(between)
            _write_item(page, each, verb, style, depth)
    page.write("}" if style.syntax else "]")


def _write_item(page: Page, value: Any, verb: str, style: Style, depth: int) -> None:
    if value is None:
        page.write("interface {}(nil)" if style.syntax else "<nil>")
    else:
        _write(page, value, verb, style, depth + 1)


def _scalar(value: Any, verb: str, style: Style) -> str | None:
    """The text of a scalar; None where the verb does not fit its type."""
    if isinstance(value, bool):
        return style.padded("true" if value else "false") if verb in "tv" else None
    if isinstance(value, str):
        return _string(value, verb, style)
    if isinstance(value, int):
        return _integer(value, verb, style)
    if isinstance(value, float):
        return _float(value, verb, style) if verb in _FLOAT_VERBS else None
    if isinstance(value, complex):
        if verb not in _FLOAT_VERBS:
            return None
        real = _float(value.real, verb, style)
        signed = replace(style, plus=True)
        return f"({real}{_float(value.imag, verb, signed)}i)"
    return style.padded("?")


def _string(text: str, verb: str, style: Style) -> str | None:
    if verb == "s" or (verb == "v" and not style.syntax):
        return style.padded(style.truncated(text))
    if verb in "qv":
        text = style.truncated(text)
        if style.sharp and can_backquote(text):
            return style.padded(f"`{text}`")
        return style.padded(quote_string(text, ascii_only=style.plus))
    if verb in "xX":
        data = go_bytes(text)
        if style.precision is not None:
            data = data[: style.precision]
        prefix = "0x" if style.sharp else ""
        shown = prefix + data.hex() if data else ""
        if style.space:
            shown = " ".join(f"{prefix}{byte:02x}" for byte in data)
        return style.padded(shown.upper() if verb == "X" else shown)
    return None


def _integer(value: int, verb: str, style: Style) -> str | None:
    unsigned = isinstance(value, GoByte)
    match verb:
        case "v" if style.syntax and unsigned:
            return f"{value:#x}"
        case "v" | "d":
            return _digits(value, f"{abs(value):d}", "", style)
        case "b":
            return _digits(value, f"{abs(value):b}", "0b", style)
        case "o" | "O":
            return _digits(value, f"{abs(value):o}", "0", style, "0o" if verb == "O" else "")
        case "x":
            return _digits(value, f"{abs(value):x}", "0x", style)
        case "X":
            return _digits(value, f"{abs(value):X}", "0X", style)
        case "c":
            return style.padded(chr(valid_rune(value)))
        case "q":
            return style.padded(quote_rune(value, ascii_only=style.plus))
        case "U":
            return _code_point(value, style)
        case _:
            return None


def _digits(value: int, digits: str, prefix: str, style: Style, always: str = "") -> str:
    """Digits with leading zeros, base prefix, sign and padding, in Go's order of precedence."""
    sign = "-" if value < 0 else "+" if style.plus else " " if style.space else ""
    least = 0
    if style.precision is not None:
        if style.precision == 0 and value == 0:
            return " " * (style.width or 0)
        least = style.precision
    elif style.zero and not style.minus and style.width:
        least = style.width - len(sign)
    digits = digits.rjust(least, "0")
    if style.sharp and prefix:
        digits = digits if prefix == "0" and digits[0] == "0" else prefix + digits
    return style.padded(sign + always + digits, zeros=False)


def _code_point(value: int, style: Style) -> str:
    code = value % (1 << 64)
    text = f"U+{code:0{max(4, style.precision or 0)}X}"
    if style.sharp and code <= 0x10FFFF and is_printable(code):
        text += f" '{chr(code)}'"
    return style.padded(text, zeros=False)


def _float(value: float, verb: str, style: Style) -> str:
    precision = style.precision
    if precision is None:
        precision = 6 if verb in "fFeE" else -1
    form = {"v": "g", "F": "f"}.get(verb, verb)
    text = format_float(value, form, precision)
    sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("+", text)
    if style.space and sign == "+" and not style.plus:
        sign = " "
    if digits in {"Inf", "NaN"}:
        shown = digits if digits == "NaN" and not style.space and not style.plus else sign + digits
        if digits == "Inf" and sign == "+" and not style.plus:
            shown = "+Inf"
        return style.padded(shown, zeros=False)
    if style.sharp and form != "b":
        digits = _with_point(digits, form, precision)
    if style.plus or sign != "+":
        missing = (style.width or 0) - len(digits) - 1
        if style.zero and not style.minus and missing > 0:
            return sign + "0" * missing + digits
        return style.padded(sign + digits)
    return style.padded(digits)


def _with_point(digits: str, form: str, precision: int) -> str:
    """The `#` flag: always a decimal point, and for `g` all significant digits."""
    wanted = 0
    if form in "gGx":
        wanted = 6 if precision == -1 else precision
    marks = "pP" if form in "xX" else "eE"
    cut = next((index for index, each in enumerate(digits) if each in marks), len(digits))
    number, tail = digits[:cut], digits[cut:]
    significant = number.replace(".", "").lstrip("0")  # Go counts the x of 0x among them.
    wanted -= len(significant)
    if "." not in number:
        if number == "0":
            wanted -= 1
        number += "."
    return number + "0" * max(wanted, 0) + tail
