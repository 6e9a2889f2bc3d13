"""The closed table of functions: declared once, in modules by group.

Nothing registers itself: a function is in the table because its module stands in the tuple below.
"""

from __future__ import annotations

from typing import Final

from katalog_runtime.functions import (
    autoscalers,
    collections,
    conditional,
    data,
    environment,
    familiar_dates,
    familiar_encodings,
    familiar_lists,
    familiar_maps,
    familiar_numbers,
    familiar_patterns,
    familiar_strings,
    jobs,
    kubernetes,
    math,
    network,
    pods,
    prometheus,
    quantities,
    random_values,
    schedules,
    services,
    storage,
    strings,
    times,
    types,
    validation,
    versions,
    workloads,
)
from katalog_runtime.functions.declaration import Function, FunctionTable

_MODULES: Final = (
    conditional,
    types,
    strings,
    math,
    data,
    random_values,
    versions,
    schedules,
    times,
    network,
    validation,
    quantities,
    collections,
    kubernetes,
    workloads,
    pods,
    jobs,
    services,
    autoscalers,
    storage,
    prometheus,
    environment,
    familiar_strings,
    familiar_patterns,
    familiar_lists,
    familiar_maps,
    familiar_numbers,
    familiar_encodings,
    familiar_dates,
)


def _table() -> FunctionTable:
    table: dict[str, Function] = {}
    for module in _MODULES:
        for function in module.FUNCTIONS:
            if function.name in table:
                raise AssertionError(f"two functions are called {function.name}")
            table[function.name] = function
    return table


TABLE: Final[FunctionTable] = _table()
