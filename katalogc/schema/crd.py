"""One entry of `spec.crds`: a custom resource type and its operator box."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from katalogc.schema.base import KatalogModel, Many
from katalogc.schema.operator_box import OperatorBox


class ApiTypes(KatalogModel):
    """The type as the API serves it; `crdFile` fills in what is left out."""

    not_yet: ClassVar[frozenset[str]] = frozenset(
        {"apiPath", "object", "objectList", "alias", "location"}
    )

    group: str | None = None
    version: str | None = None
    kind: str | None = None
    plural: str | None = None


class Dependency(KatalogModel):
    """Another CRD of the Katalog that must run first."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"source"})

    name: str
    condition: Literal["started", "healthy", "pending", "ready", "degraded", "deleted"] = "started"


class MotifImport(KatalogModel):
    """A motif and the values of its inputs."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"oci"})

    motif: str
    with_: dict[str, str] = Field(default_factory=dict, alias="with")


class CrdEntry(KatalogModel):
    """A custom resource type and all that happens for each of its objects."""

    not_yet: ClassVar[frozenset[str]] = frozenset(
        {
            "enrich", "enrichAll", "labels", "labelSelector", "fieldSelector", "normalize",
            "validation", "mutation", "conversion", "webhooks", "restrictedNamespaces",
            "deletionProtection", "serve", "ignoreStatusPatch", "ignoreObservedGeneration",
            "removeFinalizers", "external", "when", "or", "endpoints",
        }
    )  # fmt: skip
    other_spellings: ClassVar[frozenset[str]] = frozenset(
        {"workers", "resync", "queue", "admission"}
    )
    no_effect: ClassVar[frozenset[str]] = frozenset(
        {
            "crossAccess", "katalogName", "katalogNamespace", "katalogDescription",
            "katalogVersion", "warnings",
        }
    )  # fmt: skip

    enabled: bool = True
    description: str = ""
    mode: Literal["dynamic", "typed"] = "dynamic"
    api_types: ApiTypes = Field(default_factory=ApiTypes.model_construct)
    crd_file: str | None = None
    cr_files: Many[str] = ()
    """Custom resources that `katalogc dev` applies; no part of what is built."""
    setup: Any = None
    """Manifests that `katalogc dev` applies first; no part of what is built."""
    namespaced: bool | None = None
    namespace: str | None = None
    allowed_namespaces: Many[str] = ()
    depends_on: Many[Dependency] = ()
    imports: Many[MotifImport] = ()
    force_conflict: bool = True
    operator_box: OperatorBox = Field(default_factory=OperatorBox.model_construct)
