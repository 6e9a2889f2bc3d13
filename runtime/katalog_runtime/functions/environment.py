"""The one function that says where the operator runs.

It reads the context, never the environment itself.
"""

from __future__ import annotations

from typing import Final

from katalog_runtime.functions.declaration import CallContext, Function
from katalog_runtime.functions.signature import declare


def _in_cluster(context: CallContext) -> bool:
    return context.in_cluster


FUNCTIONS: Final[tuple[Function, ...]] = (
    declare(
        "inCluster -> bool",
        "Whether the operator runs inside the cluster.",
        _in_cluster,
        ("{{ inCluster }}", "false"),
        group="environment",
        on_nil="takes no argument",
        on_wrong_type="takes no argument",
        purity="process",
    ),
)
