"""The operator box: what is created, kept in sync and reported for each custom resource."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from katalogc.schema.base import KatalogModel, Many
from katalogc.schema.names import Duration
from katalogc.schema.resources import Resources


class RetryBackoff(KatalogModel):
    """Delays between retries of one custom resource."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"maxAttempts"})

    initial: Duration = "500ms"
    max: Duration = "5m"
    multiplier: Annotated[float, Field(ge=1.0, le=100.0, strict=False)] = 2.0


def _scalar_is_initial(value: Any) -> Any:
    return {"initial": value} if isinstance(value, str) else value


class Queue(KatalogModel):
    """The work queue of one custom resource type."""

    not_yet: ClassVar[frozenset[str]] = frozenset(
        {"shared", "type", "failureThreshold", "behaviour", "behavior"}
    )

    max_depth: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    retry_backoff: Annotated[RetryBackoff, BeforeValidator(_scalar_is_initial)] = Field(
        default_factory=RetryBackoff.model_construct
    )


class Reconciler(KatalogModel):
    """How often, and by how many workers, custom resources are reconciled."""

    not_yet: ClassVar[frozenset[str]] = frozenset(
        {"requeue", "hooks", "constructor", "remote", "include", "eventAware"}
    )

    default: Literal[True] = True
    profile: Literal["high-throughput"] | None = None
    workers: Annotated[int, Field(ge=0, le=50)] | None = None
    resync: Duration | None = None
    queue: Queue = Field(default_factory=Queue.model_construct)


class StatusField(KatalogModel):
    """One field of the custom resource's status."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"when", "or", "anyOf", "clearOnFalse"})

    path: str
    value: str = ""
    type: Literal["string", "int", "float", "bool", "auto"] = "string"


class Status(KatalogModel):
    """What is reported on the custom resource itself."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"include"})

    conditions: bool = True
    fields_: Many[StatusField] = Field(default=(), alias="fields")


class OperatorBox(KatalogModel):
    """Everything that happens for one custom resource."""

    other_spellings: ClassVar[frozenset[str]] = frozenset({"reconcile", "runtime", "emit"})

    not_yet: ClassVar[frozenset[str]] = frozenset(
        {
            "onDelete", "providers", "cross", "observe", "watch", "events", "autoscale",
            "rollback", "rollBackOnError", "when", "or", "anyOf", "preReconcile", "external",
            "cleanup", "enqueueGate", "reconcileGate", "sentinels",
        }
    )  # fmt: skip

    reconciler: Reconciler = Field(default_factory=Reconciler.model_construct)
    on_create: Resources = Field(default_factory=Resources.model_construct)
    on_reconcile: Resources = Field(default_factory=Resources.model_construct)
    status: Status = Field(default_factory=Status.model_construct)
    finalizers: Many[str] = ()
