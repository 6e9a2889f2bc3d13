"""Versions and constraints as Masterminds/semver v3 understands them; text in, comparable values
out.

Loose reading: a leading `v`, missing parts and leading zeros are accepted. The patterns run in RE2,
so hostile text costs linear time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import re2

from katalog_runtime.functions.declaration import FunctionError

MOST_CHARACTERS: Final = 256
"""Longer versions are refused, as by v3.5 of the library."""

_VERSION: Final = (
    r"v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?"
    r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
    r"(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
)
_PATTERN: Final = (
    r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?"
    r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
    r"(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
)
_OPERATORS: Final = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^"
_version = re2.compile(f"^{_VERSION}$")
_one = re2.compile(rf"^\s*({_OPERATORS})\s*({_PATTERN})\s*$")
_range = re2.compile(rf"\s*({_PATTERN})\s+-\s+({_PATTERN})\s*")
_find = re2.compile(rf"({_OPERATORS})\s*({_PATTERN})")
_group = re2.compile(
    rf"^(\s*({_OPERATORS})\s*({_PATTERN})\s*)((?:\s+|,\s*)({_OPERATORS})\s*({_PATTERN})\s*)*$"
)


class VersionError(FunctionError, ValueError):
    """The text is not a version or a constraint; the message is the library's."""


@dataclass(frozen=True, slots=True)
class Version:
    """major.minor.patch with an optional prerelease; build metadata does not count."""

    major: int
    minor: int
    patch: int
    prerelease: str = ""

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        return f"{text}-{self.prerelease}" if self.prerelease else text


def parse(text: str) -> Version:
    """As `semver.NewVersion`.

    Raises:
        VersionError: not a version.
    """
    match = _version.search(text) if text.isascii() and len(text) <= MOST_CHARACTERS else None
    if match is None or text.endswith("\n"):
        raise VersionError("invalid semantic version")
    numbers = [int((match.group(part) or "0").lstrip(".")) for part in (1, 2, 3)]
    if any(number >= 1 << 64 for number in numbers):
        raise VersionError("error parsing version segment: value out of range")
    prerelease = match.group(5) or ""
    for part in prerelease.split("."):
        if part.isdigit() and len(part) > 1 and part[0] == "0":
            raise VersionError("version segment starts with 0")
    return Version(numbers[0], numbers[1], numbers[2], prerelease)


def compare(left: Version, right: Version) -> int:
    """-1, 0 or 1 by the precedence of SemVer 2.0."""
    a = (left.major, left.minor, left.patch)
    b = (right.major, right.minor, right.patch)
    if a != b:
        return 1 if a > b else -1
    if not left.prerelease or not right.prerelease:
        return bool(right.prerelease) - bool(left.prerelease)
    return _compare_prerelease(left.prerelease, right.prerelease)


def _compare_prerelease(left: str, right: str) -> int:
    a, b = left.split("."), right.split(".")
    for index in range(max(len(a), len(b))):
        mine = a[index] if index < len(a) else ""
        other = b[index] if index < len(b) else ""
        if mine != other:
            return _compare_part(mine, other)
    return 0


def _numeric(part: str) -> int | None:
    number = int(part) if part.isdigit() else None
    return number if number is not None and number < 1 << 64 else None


def _compare_part(mine: str, other: str) -> int:
    if not mine or not other:
        return 1 if mine else -1
    a, b = _numeric(mine), _numeric(other)
    if a is None or b is None:
        if a is None and b is None:
            return 1 if mine > other else -1
        return 1 if a is None else -1  # words come after numbers
    return 1 if a > b else -1


@dataclass(frozen=True, slots=True)
class _Constraint:
    operator: str
    version: Version
    dirty: bool
    minor_dirty: bool
    patch_dirty: bool


Constraints = tuple[tuple[_Constraint, ...], ...]
"""Groups of which one must hold as a whole."""


@lru_cache(maxsize=256)
def parse_constraints(text: str) -> Constraints:
    """As `semver.NewConstraint`: `>=1.2, <2 || ~3.1`, `1.x`, `1.0 - 2.0`.

    Raises:
        VersionError: improper constraint.
    """
    if not text.isascii() or len(text) > 4_096:
        raise VersionError(f'improper constraint: "{text}"')
    return tuple(_parse_group(group) for group in _rewrite_ranges(text).split("||"))


def _rewrite_ranges(text: str) -> str:
    for match in list(_range.finditer(text)):
        written = f">= {match.group(1)}, <= {match.group(11)} "
        text = text.replace(match.group(0), written, 1)
    return text


def _parse_group(text: str) -> tuple[_Constraint, ...]:
    if not _group.search(text):
        raise VersionError(f'improper constraint: "{text}"')
    found = [match.group(0) for match in _find.finditer(text)] or [text]
    return tuple(_parse_one(part) for part in found)


def _is_wild(part: str | None) -> bool:
    return part is None or part.removeprefix(".") in ("", "x", "X", "*")


def _parse_one(text: str) -> _Constraint:
    match = _one.search(text)
    if match is None:
        raise VersionError(f'improper constraint: "{text}"')
    major, minor, patch, prerelease = (match.group(part) or "" for part in (3, 4, 5, 6))
    dirty = minor_dirty = patch_dirty = False
    written = match.group(2)
    if _is_wild(major):
        written, dirty = f"0.0.0{prerelease}", True
    elif _is_wild(minor):
        written, dirty, minor_dirty = f"{major}.0.0{prerelease}", True, True
    elif _is_wild(patch):
        written, dirty, patch_dirty = f"{major}{minor}.0{prerelease}", True, True
    try:
        version = parse(written)
    except VersionError as error:
        raise VersionError("constraint parser error") from error
    return _Constraint(match.group(1), version, dirty, minor_dirty, patch_dirty)


def satisfies(version: Version, constraints: Constraints) -> bool:
    """Whether one group of the constraints accepts the version, as `Constraints.Check`."""
    return any(
        all(_check(version, one, any(each.version.prerelease for each in group)) for one in group)
        for group in constraints
    )


def _check(version: Version, constraint: _Constraint, prereleases: bool) -> bool:
    # A prerelease only counts where a constraint of its group names one.
    if version.prerelease and not prereleases:
        return False
    order = compare(version, constraint.version)
    match constraint.operator:
        case ">":
            return _greater(version, constraint, order)
        case ">=" | "=>":
            return order >= 0
        case "<":
            return order < 0
        case "<=" | "=<":
            return _less_or_equal(version, constraint, order)
        case "~" | "~>":
            return _tilde(version, constraint, order)
        case "^":
            return _caret(version, constraint, order)
        case "!=":
            return _not_equal(version, constraint, order)
        case _:
            return _tilde(version, constraint, order) if constraint.dirty else order == 0


def _not_equal(version: Version, constraint: _Constraint, order: int) -> bool:
    wanted = constraint.version
    if constraint.dirty:
        if wanted.major != version.major:
            return True
        if constraint.minor_dirty:
            return False
        if wanted.minor != version.minor:
            return True
        if constraint.patch_dirty:
            return version.prerelease != wanted.prerelease
        if wanted.patch != version.patch:
            return True
    return order != 0


def _greater(version: Version, constraint: _Constraint, order: int) -> bool:
    wanted = constraint.version
    if not constraint.dirty:
        return order > 0
    if version.major != wanted.major:
        return version.major > wanted.major
    if constraint.minor_dirty:
        return False  # `>11` means 12 or more
    if constraint.patch_dirty:
        return version.minor > wanted.minor
    return order > 0


def _less_or_equal(version: Version, constraint: _Constraint, order: int) -> bool:
    wanted = constraint.version
    if not constraint.dirty:
        return order <= 0
    if version.major > wanted.major:
        return False
    return not (
        version.major == wanted.major
        and version.minor > wanted.minor
        and not constraint.minor_dirty
    )


def _tilde(version: Version, constraint: _Constraint, order: int) -> bool:
    wanted = constraint.version
    if order < 0:
        return False
    if (
        (wanted.major, wanted.minor, wanted.patch) == (0, 0, 0)
        and not constraint.minor_dirty
        and not constraint.patch_dirty
    ):
        return True  # `~0.0.0` and `*` accept everything
    if version.major != wanted.major:
        return False
    return version.minor == wanted.minor or constraint.minor_dirty


def _caret(version: Version, constraint: _Constraint, order: int) -> bool:
    wanted = constraint.version
    if order < 0:
        return False
    if wanted.major > 0 or constraint.minor_dirty:
        return version.major == wanted.major
    if version.major > 0:
        return False
    if wanted.minor > 0 or constraint.patch_dirty:
        return version.minor == wanted.minor
    return version.minor == 0 and version.patch == wanted.patch
