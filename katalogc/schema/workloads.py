"""Children that run containers: Deployments, ReplicaSets and Jobs."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from katalogc.schema.base import KatalogModel, Many
from katalogc.schema.entry import Entry
from katalogc.schema.names import IntegerText, Quantity


class Resourcing(KatalogModel):
    """Requests and limits of the container."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"profile"})

    requests: dict[str, Quantity] = Field(default_factory=dict)
    limits: dict[str, Quantity] = Field(default_factory=dict)


class KeyReference(KatalogModel):
    """A key of a ConfigMap or Secret in the child's namespace."""

    name: str
    key: str
    optional: bool | None = None


class EnvSource(KatalogModel):
    """Where an environment variable's value comes from."""

    secret_key_ref: KeyReference | None = None
    config_map_key_ref: KeyReference | None = None


class Env(KatalogModel):
    """One environment variable."""

    name: str
    value: str = ""
    value_from: EnvSource | None = None


class EnvFromReference(KatalogModel):
    """All keys of a ConfigMap or Secret as environment variables."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"keys", "suffix"})

    name: str
    prefix: str = ""
    optional: bool | None = None


class EnvFrom(KatalogModel):
    """ConfigMaps and Secrets whose keys become environment variables."""

    secret_ref: Many[EnvFromReference] = ()
    config_map_ref: Many[EnvFromReference] = ()


class Probe(KatalogModel):
    """One probe of the container."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"profile"})

    type: Literal["http", "tcp", "exec"] = "http"
    path: str = "/"
    port: IntegerText = ""
    command: Many[str] = ()
    initial_delay_seconds: int | None = None
    period_seconds: int | None = None
    failure_threshold: int | None = None
    success_threshold: int | None = None
    timeout_seconds: int | None = None


class Probes(KatalogModel):
    """The container's probes."""

    startup: Probe | None = None
    liveness: Probe | None = None
    readiness: Probe | None = None


class RollingUpdate(KatalogModel):
    """How a Deployment replaces its pods."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"profile"})

    max_surge: IntegerText = ""
    max_unavailable: IntegerText = ""


def _names(value: Any) -> Any:
    """Pull secrets are names, or mappings with a name as in a Pod."""
    if isinstance(value, list):
        return [
            each["name"] if isinstance(each, dict) and set(each) == {"name"} else each
            for each in value
        ]
    return value


class Workload(Entry):
    """One container and how many of it run."""

    not_yet: ClassVar[frozenset[str]] = Entry.not_yet | {
        "autoscale",
        "volumes",
        "volumeMounts",
        "securityContext",
        "podSecurity",
    }

    image: str
    image_pull_secrets: Annotated[Many[str], BeforeValidator(_names)] = ()
    annotations: dict[str, str] = Field(default_factory=dict)
    resources: Resourcing = Field(default_factory=Resourcing.model_construct)
    env: Many[Env] = ()
    env_from: EnvFrom = Field(default_factory=EnvFrom.model_construct)
    node_selector: dict[str, str] = Field(default_factory=dict)
    service_account_name: str = ""
    working_directory: str = ""


class ReplicaSet(Workload):
    """A ReplicaSet."""

    replicas: IntegerText = ""
    port: IntegerText = ""
    protocol: str = "TCP"
    probes: Probes = Field(default_factory=Probes.model_construct)


class Deployment(ReplicaSet):
    """A Deployment."""

    rolling_update: RollingUpdate = Field(default_factory=RollingUpdate.model_construct)


class Job(Workload):
    """A Job; always created once and then left alone, as its pod template is immutable."""

    command: Many[str] = ()
    args: Many[str] = ()
    backoff_limit: IntegerText = ""
