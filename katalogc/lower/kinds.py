"""How each child kind is built: one builder per word of the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from katalogc.lower import children, workloads
from katalogc.lower.manifest import ManifestBuilder, Place

Builder = Callable[[Any, Place, ManifestBuilder, str], None]
"""(entry, place, manifest so far, suffix of default names): adds what comes after `metadata`."""

BUILDERS: dict[str, Builder] = {
    "secrets": children.secret,
    "configMaps": children.config_map,
    "serviceAccounts": children.service_account,
    "replicaSets": workloads.replica_set,
    "deployments": workloads.deployment,
    "services": children.service,
    "jobs": workloads.job,
}
