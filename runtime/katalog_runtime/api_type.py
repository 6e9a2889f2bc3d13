"""A resource type as the API serves it: which group, version, kind and plural. Pure data.

A module of its own, because checks of a Katalog need it and nothing else of the bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from katalog_runtime.objects import GroupResource


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiType:
    """A resource type as the API serves it."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """`group/version`, or `version` alone for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_resource(self) -> GroupResource:
        """The type without its version, as RBAC names it."""
        return _group_resource(self.group, self.plural)


@cache
def _group_resource(group: str, plural: str) -> GroupResource:
    # Asked for with every write; an operator knows a few dozen types.
    return GroupResource(group, plural)
