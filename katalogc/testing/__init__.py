"""For users' own tests: `LocalCluster`, and the pytest fixture `local_cluster` (see
`pytest_plugin`).

    with LocalCluster() as cluster:
        cluster.apply_manifests(Path("crd.yaml"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from katalogc.localcluster import Fault, LocalCluster

__all__ = ["Fault", "LocalCluster"]


def __getattr__(name: str) -> object:
    # Lazily, because pytest imports this package to find its plugin.
    if name in __all__:
        from katalogc import localcluster

        return getattr(localcluster, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
