"""`print`, `println` and `printf`: Go's rules for spaces between operands and for formats."""

from __future__ import annotations

from typing import Any

from katalog_runtime.expressions.floats import shortest
from katalog_runtime.expressions.formatting import Page, Style, write_value
from katalog_runtime.expressions.values import GoInt, go_type

MAX_WIDTH = 1_000_000
_FLAGS = {"#": "sharp", "0": "zero", "+": "plus", "-": "minus", " ": "space"}


def text_of(value: Any, room: int) -> str:
    """What an action prints for a value that is there: Go's `%v`.

    Raises:
        RefusedError: the text is longer than `room`, or the value nests too deeply.
    """
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is int or kind is GoInt:
        return str(value)
    if kind is float:
        return shortest(value)
    page = Page(room)
    write_value(page, value, "v", Style())
    return page.text()


def sprint(values: list[Any], room: int) -> str:
    """`print`: a space between two operands when neither is a string."""
    page = Page(room)
    after_string = True
    for value in values:
        is_string = isinstance(value, str)
        if not (is_string or after_string):
            page.write(" ")
        write_value(page, value, "v", Style())
        after_string = is_string
    return page.text()


def sprintln(values: list[Any], room: int) -> str:
    """`println`: a space between all operands, a line end after them."""
    page = Page(room)
    for index, value in enumerate(values):
        if index:
            page.write(" ")
        write_value(page, value, "v", Style())
    page.write("\n")
    return page.text()


def sprintf(form: str, values: list[Any], room: int) -> str:
    """`printf`: `form` with its verbs replaced by the values.

    A verb without value, a value without verb, a wrong type are told in the text, as Go does.

    Raises:
        RefusedError: the text is longer than `room`, or a value nests too deeply.
    """
    return _Format(form, values, room).run()


class _Format:
    """One pass over a format string."""

    def __init__(self, form: str, values: list[Any], room: int) -> None:
        self.form = form
        self.values = values
        self.page = Page(room)
        self.at = 0
        self.argument = 0
        self.reordered = False
        self.good_index = True
        self.after_index = False

    def run(self) -> str:
        form, end = self.form, len(self.form)
        while self.at < end:
            percent = form.find("%", self.at)
            if percent < 0:
                self.page.write(form[self.at :])
                break
            if percent > self.at:
                self.page.write(form[self.at : percent])
            self.at = percent + 1
            if not self._verb(end):
                break
        if not self.reordered and self.argument < len(self.values):
            self._extra()
        return self.page.text()

    def _verb(self, end: int) -> bool:
        """Read and write one verb; False where the format ends before it."""
        style = Style()
        self.good_index, self.after_index = True, False
        while self.at < end and self.form[self.at] in _FLAGS:
            setattr(style, _FLAGS[self.form[self.at]], True)
            self.at += 1
        self._index()
        self._width(style, end)
        if self.at + 1 < end and self.form[self.at] == ".":
            self.at += 1
            self._precision(style, end)
        if not self.after_index:
            self._index()
        if self.at >= end:
            self.page.write("%!(NOVERB)")
            return False
        verb = self.form[self.at]
        self.at += 1
        if verb == "%":
            self.page.write("%")
        elif not self.good_index:
            self.page.write(f"%!{verb}(BADINDEX)")
        elif self.argument >= len(self.values):
            self.page.write(f"%!{verb}(MISSING)")
        else:
            if verb in "vw":
                style.syntax, style.sharp, style.plus = style.sharp, False, False
            value = self.values[self.argument]
            self.argument += 1
            write_value(self.page, value, verb, style)
        return True

    def _number(self, end: int) -> int | None:
        """A decimal number here; None where there is none, or one that cannot be meant."""
        number, found = 0, False
        while self.at < end and "0" <= self.form[self.at] <= "9":
            if number > MAX_WIDTH:
                self.at = end
                return None
            number = number * 10 + int(self.form[self.at])
            found = True
            self.at += 1
        return number if found else None

    def _index(self) -> None:
        """An explicit argument number: `[3]`."""
        self.after_index = False
        if self.form[self.at : self.at + 1] != "[":
            return
        self.reordered = True
        start = self.at
        closing = self.form.find("]", start)
        if len(self.form) - start < 3 or closing < 0:
            self.at += 1
            self.good_index = False
            return
        self.at = start + 1
        number = self._number(closing)
        complete = number is not None and self.at == closing
        self.at = closing + 1
        if number is not None and complete and 1 <= number <= len(self.values):
            self.argument = number - 1
            self.after_index = True
        else:
            self.good_index = False
            self.after_index = complete

    def _from_argument(self) -> int | None:
        """The next argument as a width or precision (`*`)."""
        if self.argument >= len(self.values):
            return None
        value = self.values[self.argument]
        self.argument += 1
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_WIDTH:
            return int(value)
        return None

    def _width(self, style: Style, end: int) -> None:
        if self.form[self.at : self.at + 1] == "*":
            self.at += 1
            width = self._from_argument()
            if width is None:
                self.page.write("%!(BADWIDTH)")
            elif width < 0:
                width = -width
                style.minus, style.zero = True, False
            style.width = width
            self.after_index = False
            return
        style.width = self._number(end)
        if self.after_index and style.width is not None:
            self.good_index = False

    def _precision(self, style: Style, end: int) -> None:
        if self.after_index:
            self.good_index = False
        self._index()
        if self.form[self.at : self.at + 1] == "*":
            self.at += 1
            precision = self._from_argument()
            if precision is None or precision < 0:
                precision = None
                self.page.write("%!(BADPREC)")
            style.precision = precision
            self.after_index = False
            return
        style.precision = self._number(end) or 0

    def _extra(self) -> None:
        self.page.write("%!(EXTRA ")
        for index, value in enumerate(self.values[self.argument :]):
            if index:
                self.page.write(", ")
            if value is not None:
                self.page.write(f"{go_type(value)}=")
            write_value(self.page, value, "v", Style())
        self.page.write(")")
