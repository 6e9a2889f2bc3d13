"""The closed table of functions: declared once, in modules by group.

Nothing registers itself: a function is in the table because `index` names it. Its module is loaded
when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

from katalog_runtime.functions.declaration import Function, FunctionTable
from katalog_runtime.functions.index import MODULE_OF


class _Table(Mapping[str, Function]):
    """All functions by name, in the order of the index."""

    def __init__(self) -> None:
        self._loaded: dict[str, Function] = {}

    def __getitem__(self, name: str) -> Function:
        found = self._loaded.get(name)
        if found is None:
            module = import_module(f"{__package__}.{MODULE_OF[name]}")
            self._loaded.update({each.name: each for each in module.FUNCTIONS})
            found = self._loaded[name]
        return found

    def __contains__(self, name: object) -> bool:
        return name in MODULE_OF

    def __iter__(self) -> Iterator[str]:
        return iter(MODULE_OF)

    def __len__(self) -> int:
        return len(MODULE_OF)


TABLE: Final[FunctionTable] = _Table()
