"""A Kubernetes API from memory: storage, request handling, controllers, HTTP.

In: requests (in process or over loopback HTTP). Out: what a real API server would answer, as far as
`docs/local-cluster.md` says. `LocalCluster` is the way in; importing this package costs nothing
until it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from katalogc.localcluster.cluster import LocalCluster
    from katalogc.localcluster.faults import Fault

__all__ = ["Fault", "LocalCluster"]


def __getattr__(name: str) -> object:
    if name == "LocalCluster":
        from katalogc.localcluster.cluster import LocalCluster

        return LocalCluster
    if name == "Fault":
        from katalogc.localcluster.faults import Fault

        return Fault
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
