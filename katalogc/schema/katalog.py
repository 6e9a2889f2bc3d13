"""The root documents: Katalog and Motif."""

from typing import ClassVar

from pydantic import Field

from katalogc.schema.base import KatalogModel, Many
from katalogc.schema.crd import CrdEntry
from katalogc.schema.operator_box import Status
from katalogc.schema.resources import Resources

SHARED: tuple[type[KatalogModel], ...] = (Resources, Status)
"""What Katalogs and motifs both hold, and most of what either is."""

API_VERSIONS = ("orkestra.orkspace.io/v1", "inrun.dev/v1", "orkestra.konductor.io/v1Alpha")


class Metadata(KatalogModel):
    """Who the document is; only `name` matters to the operator."""

    no_effect: ClassVar[frozenset[str]] = frozenset({"clusterName", "createdBy", "projects"})

    name: str
    namespace: str = "default"
    description: str = ""
    version: str = ""
    author: str = ""
    license: str = ""
    tags: Many[str] = ()


class Note(KatalogModel):
    """A function of the user's own: a named expression without parameters."""

    name: str
    expression: str
    description: str = ""


class Notes(KatalogModel):
    """The user's own functions."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"include"})

    functions: Many[Note] = ()


class KatalogSpec(KatalogModel):
    """The operator: its custom resource types by name."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"imports"})

    crds: dict[str, CrdEntry]
    finalizers: Many[str] = ()


class Katalog(KatalogModel):
    """A Katalog, after its motifs have been merged into it."""

    not_yet: ClassVar[frozenset[str]] = frozenset(
        {"imports", "security", "gateway", "notification", "profiles", "providers", "sources"}
    )
    no_effect: ClassVar[frozenset[str]] = frozenset(
        {"lifecycle", "policy", "publish", "crossAccess"}
    )

    api_version: str
    kind: str
    metadata: Metadata
    spec: KatalogSpec
    notes: Notes = Field(default_factory=Notes.model_construct)


class MotifInput(KatalogModel):
    """One parameter of a motif."""

    name: str
    description: str = ""
    required: bool = False
    default: str | None = None


class MotifResources(KatalogModel):
    """Children that a motif brings: kinds given flat belong to `onReconcile`."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"onDelete"})

    on_create: Resources = Field(default_factory=Resources.model_construct)
    on_reconcile: Resources = Field(default_factory=Resources.model_construct)


class Motif(KatalogModel):
    """A reusable part of a CRD entry, with inputs."""

    not_yet: ClassVar[frozenset[str]] = frozenset(
        {"validation", "mutation", "conversion", "webhooks", "profiles", "notes", "include"}
    )
    no_effect: ClassVar[frozenset[str]] = frozenset({"lifecycle", "publish"})

    api_version: str
    kind: str
    metadata: Metadata
    inputs: Many[MotifInput] = ()
    resources: MotifResources = Field(default_factory=MotifResources.model_construct)
    status: Status = Field(default_factory=Status.model_construct)
