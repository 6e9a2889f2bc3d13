"""The functions that expressions may call: `TABLE` holds them by name.

The table is built when it is first asked for: who needs only the declarations' types does not pay
for a hundred parsers and patterns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from katalog_runtime.functions.table import TABLE

__all__ = ["TABLE"]


def __getattr__(name: str) -> Any:
    if name == "TABLE":
        from katalog_runtime.functions.table import TABLE

        return TABLE
    raise AttributeError(name)
