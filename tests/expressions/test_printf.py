"""Corners of `printf` that the oracle's cases leave open: what Go's documentation and code say."""

from __future__ import annotations

from typing import Any

import pytest

from katalog_runtime.expressions.limits import RefusedError
from katalog_runtime.expressions.printing import sprint, sprintf, text_of
from katalog_runtime.expressions.values import GoByte, GoInt

ROOM = 1 << 20


def ints(*values: int) -> list[Any]:
    """Go's ints, as literals in a template are."""
    return [GoInt(value) for value in values]


@pytest.mark.parametrize(
    ("form", "values", "text"),
    [
        ("%[2]d %[1]d", ints(1, 2), "2 1"),
        ("%[2]*[1]d", ints(2, 5), "    2"),
        ("%[3]*.[2]*[1]f", [12.0, GoInt(2), GoInt(6)], " 12.00"),
        ("%[1]*[3]f", [GoInt(10), GoInt(99), 12.0], " 12.000000"),
        ("%.[1]*[3]f", [GoInt(6), GoInt(99), 12.0], "12.000000"),
        ("%[1]*.[3]f", [GoInt(6), GoInt(3), 12.0], "    12"),
        ("%d %d %d %#[1]o %#o %#o", ints(11, 12, 13), "11 12 13 013 014 015"),
        ("%d %d %#[1]o %#o %#o", ints(11, 12), "11 12 013 014 %!o(MISSING)"),
        ("%[5]d %[2]d %d", ints(1, 2, 3), "%!d(BADINDEX) 2 3"),
        ("%d %[3]d %d", ints(1, 2), "1 %!d(BADINDEX) 2"),
    ],
)
def test_arguments_may_be_numbered(form: str, values: list[Any], text: str) -> None:
    assert sprintf(form, values, ROOM) == text


@pytest.mark.parametrize(
    ("form", "values", "text"),
    [
        ("%[d", ints(2, 1), "%!d(BADINDEX)"),
        ("%]d", ints(2, 1), "%!](int=2)d%!(EXTRA int=1)"),
        ("%[]d", ints(2, 1), "%!d(BADINDEX)"),
        ("%[-3]d", ints(2, 1), "%!d(BADINDEX)"),
        ("%[99]d", ints(2, 1), "%!d(BADINDEX)"),
        ("%[3]", ints(2, 1), "%!(NOVERB)"),
        ("%[1].2d", ints(5, 6), "%!d(BADINDEX)"),
        ("%[1]2d", ints(2, 1), "%!d(BADINDEX)"),
        ("%3.[2]d", ints(7), "%!d(BADINDEX)"),
        ("%.[2]d", ints(7), "%!d(BADINDEX)"),
        ("%.[]", [], "%!](BADINDEX)"),
        ("%.-3d", ints(42), "%!-(int=42)3d"),
        ("%2147483648d", ints(42), "%!(NOVERB)%!(EXTRA int=42)"),
        ("%.2147483648d", ints(42), "%!(NOVERB)%!(EXTRA int=42)"),
        ("%*d", [4.5, GoInt(1)], "%!(BADWIDTH)1"),
        ("%.*d", [-1, GoInt(1)], "%!(BADPREC)1"),
        ("%", [], "%!(NOVERB)"),
        ("hi", ["guys", None], "hi%!(EXTRA string=guys, <nil>)"),
    ],
)
def test_a_wrong_format_is_told_in_the_text(form: str, values: list[Any], text: str) -> None:
    assert sprintf(form, values, ROOM) == text


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("%.0d|", 0, "|"),
        ("%6.0d|", 0, "      |"),
        ("%06.0d|", 0, "      |"),
        ("%06d", -12, "-00012"),
        ("%-06d|", 12, "12    |"),
        ("%+.3d", 7, "+007"),
        ("%#b", 5, "0b101"),
        ("%O", -8, "-0o10"),
        ("%x", -255, "-ff"),
        ("%#08x", 255, "0x000000ff"),
        ("%U", 0, "U+0000"),
        ("%#.8U", 0x2318, "U+00002318 '⌘'"),
        ("%#14.6U", 0x2318, "  U+002318 '⌘'"),
        ("%-14U|", 0x2318, "U+2318        |"),
        ("%.0c", 0x2318, "⌘"),
        ("%03c", 0x2318, "00⌘"),
        ("%-3c|", 0x2318, "⌘  |"),
        ("%q", 0x110000, "'�'"),
        ("%+q", 0x1F600, "'\\U0001f600'"),
        ("%#v", GoByte(10), "0xa"),
        ("%d", GoByte(10), "10"),
        ("%t", True, "true"),
        ("%05t", True, "0true"),
    ],
)
def test_integers_and_booleans(form: str, value: Any, text: str) -> None:
    assert sprintf(form, [value], ROOM) == text


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("%.3g", 1e-10, "1e-10"),
        ("%g", 100000.0, "100000"),
        ("%g", 1000000.0, "1e+06"),
        ("%.10g", 1000000.0, "1000000"),
        ("%#g", 1.0, "1.00000"),
        ("%#.3g", 123456.0, "1.23e+05"),
        ("%#.0f", 3.0, "3."),
        ("%+012.3f", 1.5, "+0000001.500"),
        ("%-12.3f|", 1.5, "1.500       |"),
        ("% .1e", 12345.0, " 1.2e+04"),
        ("%x", 1.5, "0x1.8p+00"),
        ("%.3x", 1.0, "0x1.000p+00"),
        ("%.0x", 1.5, "0x1p+01"),
        ("%X", -0.1, "-0X1.999999999999AP-04"),
        ("%b", 1.0, "4503599627370496p-52"),
        ("%b", 5e-324, "1p-1074"),
        ("%v", 5e-324, "5e-324"),
        ("%e", 0.0, "0.000000e+00"),
        ("%v", -0.0, "-0"),
        ("%8.2v|", 3.14159, "     3.1|"),
        ("%6.1f", 1 + 2j, "(   1.0  +2.0i)"),
        ("%+v", 1 - 2j, "(1-2i)"),
    ],
)
def test_floats_and_complex_numbers(form: str, value: Any, text: str) -> None:
    assert sprintf(form, [value], ROOM) == text


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("%10.1q", "日本語", '       "日"'),
        ("%010q", "☺", '0000000"☺"'),
        ("%#q", "`", '"`"'),
        ("%#q", "\\", "`\\`"),
        ("%q", "a\udcffb\ufeff\x7f", '"a\\xffb\\ufeff\\x7f"'),
        ("%x", "日", "e697a5"),
        ("%.1x", "日", "e6"),
        ("%#x", "", ""),
        ("%3x|", "", "   |"),
        ("%# -8X|", "a", "0X61    |"),
        ("%.2s", "日本語", "日本"),
        ("%T", "x", "string"),
        ("%8T|", "x", "  string|"),
    ],
)
def test_strings(form: str, value: Any, text: str) -> None:
    assert sprintf(form, [value], ROOM) == text


def test_lists_and_maps_are_formatted_member_by_member() -> None:
    value = {"b": [1, 2.5, None], "a": {"x": "y"}}
    assert sprintf("%v", [value], ROOM) == "map[a:map[x:y] b:[1 2.5 <nil>]]"
    assert sprintf("%03d", [[1, 2]], ROOM) == "[001 002]"
    assert sprintf("%d", [["x"]], ROOM) == "[%!d(string=x)]"
    assert sprintf("%#v", [value], ROOM) == (
        'map[string]interface {}{"a":map[string]interface {}{"x":"y"}, '
        '"b":[]interface {}{1, 2.5, interface {}(nil)}}'
    )


def test_print_puts_a_space_between_two_operands_that_are_no_strings() -> None:
    assert sprint([1, 2, "a", "b", 3, True, None], ROOM) == "1 2ab3 true <nil>"


def test_text_that_outgrows_its_room_is_refused() -> None:
    with pytest.raises(RefusedError):
        sprintf("%10d", [1], 9)
    with pytest.raises(RefusedError):
        text_of([["x" * 10] * 10] * 10, 500)
