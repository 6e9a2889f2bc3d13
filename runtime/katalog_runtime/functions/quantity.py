"""Kubernetes quantities, exactly as apimachinery reads, adds and prints them.

Text such as `500m`, `1.5Gi` or `1e3` in; a `Quantity` out. A number is an integer times a power of
ten, never a float. The quirks of `resource.Quantity` are kept where users can see them: what is
finer than a nano is rounded up, a binary quantity is capped at 2^63-1, and a quantity that was
written canonically is printed as it was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Final

from katalog_runtime.functions.declaration import FunctionError


class Format(Enum):
    """How a quantity prefers to be printed."""

    DECIMAL_SI = "DecimalSI"
    BINARY_SI = "BinarySI"
    DECIMAL_EXPONENT = "DecimalExponent"


class QuantityError(FunctionError, ValueError):
    """The text is not a quantity; the message is apimachinery's."""


FORMAT_WRONG: Final = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
NUMERIC: Final = "unable to parse numeric part of quantity"
SUFFIX: Final = "unable to parse quantity's suffix"

_DECIMAL: Final = {
    "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
}  # fmt: skip
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIX: Final = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIX: Final = {exponent: suffix for suffix, exponent in _BINARY.items()} | {0: ""}
_NANO: Final = -9
_MOST_INT64: Final = (1 << 63) - 1
_FAST_DIGITS: Final = 18
_MOST_DIGITS: Final = 2_000
"""Our bound: beyond it apimachinery would compute for minutes and no resource is that large."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """`unscaled` times ten to the power of `scale`."""

    unscaled: int
    scale: int
    format: Format
    written: str = ""
    """The text it was read from, where that is its canonical form."""

    @property
    def value(self) -> Fraction:
        """The exact number.

        Raises:
            QuantityError: the exponent is beyond all reason.
        """
        if abs(self.scale) > _MOST_DIGITS:
            raise QuantityError(NUMERIC)
        return Fraction(self.unscaled) * Fraction(10) ** self.scale

    def approximate(self) -> float:
        """As `AsApproximateFloat64`, with its rounding:

        an integer as float, times a power of ten.
        """
        try:
            base = float(self.unscaled)
        except OverflowError:
            base = float("inf") if self.unscaled > 0 else float("-inf")
        return base if self.scale == 0 else base * _power_of_ten(self.scale)

    def __str__(self) -> str:
        if self.written:
            return self.written
        if self.unscaled == 0:
            return "0"
        if self.format is Format.BINARY_SI:
            whole = _rescale(self.unscaled, self.scale, 0)
            exact = self.scale >= 0 or whole * 10**-self.scale == self.unscaled
            if exact and not -1024 < whole < 1024:
                number, exponent = whole, 0
                while number % 1024 == 0:
                    number, exponent = number // 1024, exponent + 10
                return f"{number}{_BINARY_SUFFIX.get(exponent, '')}"
        return self._decimal()

    def _decimal(self) -> str:
        number, exponent = self.unscaled, self.scale
        while number % 10 == 0:
            number, exponent = number // 10, exponent + 1
        while exponent % 3:
            number, exponent = number * 10, exponent - 1
        if self.format is Format.DECIMAL_EXPONENT:
            return f"{number}e{exponent}" if exponent else str(number)
        # An exponent without a suffix is printed without one: so does apimachinery.
        return f"{number}{_DECIMAL_SUFFIX.get(exponent, '')}"


def parse(text: str) -> Quantity:
    """Read a quantity as `resource.ParseQuantity` does.

    Raises:
        QuantityError: with apimachinery's text.
    """
    if text == "0":
        return Quantity(0, 0, Format.DECIMAL_SI, text)
    if not text or len(text) > _MOST_DIGITS:
        raise QuantityError(FORMAT_WRONG)
    positive, whole, fraction, suffix = _split(text)
    form, exponent = _interpret(suffix)
    digits = whole + fraction
    unscaled = int(digits)
    if not positive:
        unscaled = -unscaled
    fast = _fast(text, whole, fraction, unscaled, form, exponent)
    return fast or _exact(unscaled, len(fraction), len(digits), form, exponent)


def of_int(value: int, form: Format) -> Quantity:
    """As `NewQuantity`."""
    return Quantity(value, 0, form)


def of_milli(value: int, form: Format) -> Quantity:
    """As `NewMilliQuantity`."""
    return Quantity(value, -3, form)


def add(left: Quantity, right: Quantity) -> Quantity:
    """The exact sum; it takes the format of `left`, or that of `right` where `left` is zero."""
    scale = min(left.scale, right.scale)
    if max(left.scale, right.scale) - scale > _MOST_DIGITS:
        raise QuantityError(NUMERIC)
    total = left.unscaled * 10 ** (left.scale - scale) + right.unscaled * 10 ** (
        right.scale - scale
    )
    return Quantity(total, scale, left.format if left.unscaled else right.format)


def subtract(left: Quantity, right: Quantity) -> Quantity:
    """The exact difference, see `add`."""
    return add(left, Quantity(-right.unscaled, right.scale, right.format))


def compare(left: Quantity, right: Quantity) -> int:
    """-1, 0 or 1, exactly."""
    a, b = left.value, right.value
    return (a > b) - (a < b)


def _power_of_ten(exponent: int) -> float:
    """As `math.Pow10`: two table look-ups, so that the last bit is the same."""
    if not -323 <= exponent <= 308:
        return 0.0 if exponent < 0 else float("inf")
    coarse, fine = divmod(abs(exponent), 32)
    if exponent < 0:
        return float(f"1e-{32 * coarse}") / float(f"1e{fine}")
    return float(f"1e{32 * coarse}") * float(f"1e{fine}")


def _split(text: str) -> tuple[bool, str, str, str]:
    """Sign, digits before and after the point, suffix."""
    end = len(text)
    position = 1 if text[0] in "+-" else 0
    positive = text[0] != "-"
    while position < end and text[position] == "0":
        position += 1
    if position == end:
        return positive, "0", "", ""
    start = position
    while position < end and "0" <= text[position] <= "9":
        position += 1
    whole, fraction = text[start:position] or "0", ""
    if position < end and text[position] == ".":
        start = position = position + 1
        while position < end and "0" <= text[position] <= "9":
            position += 1
        fraction = text[start:position]
    start = position
    while position < end and text[position] in "eEinumkKMGTP":
        position += 1
    if position < end and text[position] in "+-":
        position += 1
    while position < end and "0" <= text[position] <= "9":
        position += 1
    if position < end:
        raise QuantityError(FORMAT_WRONG)
    return positive, whole, fraction, text[start:]


def _interpret(suffix: str) -> tuple[Format, int]:
    if suffix in _DECIMAL:
        return Format.DECIMAL_SI, _DECIMAL[suffix]
    if suffix in _BINARY:
        return Format.BINARY_SI, _BINARY[suffix]
    digits = suffix[1:]
    if suffix[:1] in ("e", "E") and digits.lstrip("+-").isdigit() and len(digits) < 20:
        exponent = int(digits)
        if -(1 << 63) <= exponent < 1 << 63:
            return Format.DECIMAL_EXPONENT, (exponent + (1 << 31)) % (1 << 32) - (1 << 31)
    raise QuantityError(SUFFIX)


def _fast(
    text: str, whole: str, fraction: str, unscaled: int, form: Format, exponent: int
) -> Quantity | None:
    """The short cut of apimachinery for what fits 64 bits;

    it decides whether the spelling is kept.
    """
    if form is Format.BINARY_SI:
        if fraction or 15 - len(whole) - exponent * 3 // 10 - 1 < 0:
            return None
        total, scale = unscaled << exponent, 0
        keep = bool(abs(unscaled) & 0x07)
    else:
        scale = exponent - len(fraction)
        if len(whole) + len(fraction) > _FAST_DIGITS or scale < _NANO:
            return None
        total = unscaled
        digits = whole + fraction
        keep = scale % 3 == 0 and not digits.endswith("000") and digits[0] != "0"
    if abs(total) > _MOST_INT64:
        return None
    return Quantity(total, scale, form, text if keep else "")


def _exact(unscaled: int, decimals: int, digits: int, form: Format, exponent: int) -> Quantity:
    """The general way: at nano scale, rounded up; binary quantities capped."""
    scale = -decimals
    if form is Format.BINARY_SI:
        unscaled <<= exponent
    else:
        scale += exponent
    if unscaled == 0:
        return Quantity(0, 0, form)
    if scale + digits > _MOST_DIGITS:
        raise QuantityError(NUMERIC)
    unscaled, scale = _rescale(unscaled, scale, _NANO), _NANO
    if form is Format.BINARY_SI:
        one = 10**-_NANO
        if abs(unscaled) > _MOST_INT64 * one:
            unscaled, scale = (_MOST_INT64 if unscaled > 0 else -_MOST_INT64), 0
        elif abs(unscaled) < one:
            form = Format.DECIMAL_SI
    return Quantity(unscaled, scale, form)


def _rescale(unscaled: int, scale: int, wanted: int) -> int:
    """The number at another power of ten, rounded away from zero."""
    if scale >= wanted:
        return unscaled * int(10 ** (scale - wanted))
    shift = wanted - scale
    if shift > len(str(abs(unscaled))):
        return (unscaled > 0) - (unscaled < 0)
    size = -(-abs(unscaled) // int(10**shift))
    return size if unscaled > 0 else -size
