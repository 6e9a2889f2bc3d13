"""Functions on semantic versions, by the rules of Masterminds/semver v3. Pure."""

from __future__ import annotations

from functools import partial
from typing import Final

from katalog_runtime.functions import semver
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.signature import declare

_declare = partial(declare, group="semver")


def _valid(text: str) -> bool:
    try:
        semver.parse(text)
    except semver.VersionError:
        return False
    return True


def _bump(text: str, part: str) -> str:
    """The next version without prerelease;

    what is no version, or no part of one, stays as it is.
    """
    try:
        version = semver.parse(text.removeprefix("v"))
    except semver.VersionError:
        return text
    major, minor, patch = version.major, version.minor, version.patch
    match part.lower():
        case "major":
            return f"{major + 1}.0.0"
        case "minor":
            return f"{major}.{minor + 1}.0"
        case "patch":
            return f"{major}.{minor}.{patch + 1}"
        case _:
            return text


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "semverMajor version:string -> int",
        "The major number.",
        lambda text: semver.parse(text).major,
        ('{{ semverMajor "v16.3.1" }}', "16"),
    ),
    _declare(
        "semverMinor version:string -> int",
        "The minor number; 0 where it is missing.",
        lambda text: semver.parse(text).minor,
        ('{{ semverMinor "16.3.1" }}', "3"),
    ),
    _declare(
        "semverPatch version:string -> int",
        "The patch number; 0 where it is missing.",
        lambda text: semver.parse(text).patch,
        ('{{ semverPatch "16.3" }}', "0"),
    ),
    _declare(
        "semverValid version:string -> bool",
        "Whether the text is a version.",
        _valid,
        ('{{ semverValid "1.2.3" }} {{ semverValid "latest" }}', "true false"),
    ),
    _declare(
        "semverCompare left:string right:string -> int",
        "-1, 0 or 1: whether the left version comes before, with or after the right one.",
        lambda left, right: semver.compare(semver.parse(left), semver.parse(right)),
        ('{{ semverCompare "1.2.3" "1.10.0" }}', "-1"),
    ),
    _declare(
        "semverBump version:string? part:string? -> string",
        "The next `major`, `minor` or `patch` version, without prerelease and `v`.",
        _bump,
        ('{{ semverBump "v1.2.3-rc.1" "minor" }}', "1.3.0"),
        on_nil='""',
    ),
    _declare(
        "semverConstraint version:string constraint:string -> bool",
        "Whether the version satisfies `>=1.2, <2`, `^1.4`, `~2.1`, `1.x` or `1.0 - 2.0`.",
        lambda version, constraint: semver.satisfies(
            semver.parse(version), semver.parse_constraints(constraint)
        ),
        ('{{ semverConstraint "1.4.2" ">=1.2, <2" }}', "true"),
    ),
)
