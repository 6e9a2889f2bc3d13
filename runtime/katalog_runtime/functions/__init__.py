"""The functions that expressions may call: `TABLE` holds them by name, and loads what is called."""

from __future__ import annotations

from katalog_runtime.functions.table import TABLE

__all__ = ["TABLE"]
