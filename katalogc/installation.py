"""A compiled operator on an embedded cluster: its CRDs, its namespace, its account and permissions.

In: manifests as `build` writes them, and a `LocalCluster`. Out: the cluster with everything that
the operator needs before it starts, and the name of the account to start it under. The operator
then has the generated permissions and no others: what is missing in production is missing here.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from katalogc.errors import SurroundingsError

if TYPE_CHECKING:
    from katalog_runtime.bundle import Bundle
    from katalogc.codegen.artifact import Artifact
    from katalogc.localcluster import LocalCluster

KINDS = ("Namespace", "CustomResourceDefinition", "ServiceAccount", "Role", "RoleBinding",
         "ClusterRole", "ClusterRoleBinding")  # fmt: skip
"""What is installed, in this order; the Deployment and its like are for real clusters."""


def documents_of(artifacts: Iterable[Artifact]) -> list[dict[str, Any]]:
    """The Kubernetes objects among a build's artifacts."""
    texts = (each.content for each in artifacts if _holds_objects(each.path))
    return [document for text in texts for document in _parse(text)]


def documents_beside(bundle_file: Path) -> list[dict[str, Any]]:
    """The Kubernetes objects of the build that a bundle file belongs to.

    Raises:
        SurroundingsError: the bundle stands alone, or a file cannot be read.
    """
    folder = bundle_file.parent
    crds = sorted((folder / "crds").glob("*.yaml"))
    files = [*crds, folder / "rbac.yaml", folder / "operator.yaml"]
    try:
        return [document for file in files for document in _parse(file.read_text())]
    except OSError as error:
        raise SurroundingsError(
            f"--local needs the CRDs and the RBAC beside {bundle_file}: {error.strerror}"
        ) from error


def install(cluster: LocalCluster, documents: list[dict[str, Any]], bundle: Bundle) -> str:
    """Apply what the operator needs; the user name of its ServiceAccount."""
    watched = sorted({name for each in bundle.controllers for name in each.namespaces})
    cluster.apply_manifests(
        [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in watched]
    )
    for kind in KINDS:
        cluster.apply_manifests([each for each in documents if each.get("kind") == kind])
    account = next(each for each in documents if each.get("kind") == "ServiceAccount")["metadata"]
    return f"system:serviceaccount:{account['namespace']}:{account['name']}"


def _holds_objects(path: str) -> bool:
    return path.startswith("crds/") or path in ("rbac.yaml", "operator.yaml")


def _parse(text: str) -> list[dict[str, Any]]:
    import yaml

    # Our own output: no positions are needed, and duplicate keys cannot be.
    return [each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if each]
