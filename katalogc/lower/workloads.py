"""Children that run containers: ReplicaSets, Deployments, Jobs.

Selectors: the reference selects by owner alone, so that two workloads of one owner adopt each
other's pods. Here every workload also selects by its own name (`katalogc.dev/workload`), which is
unique within owner and kind and does not change when entries are added, removed or moved about.
"""

from __future__ import annotations

from katalog_runtime.objects import OWNER_LABEL
from katalogc.lower.manifest import ManifestBuilder, Path, Place
from katalogc.schema.kinds import WORKLOAD_LABEL
from katalogc.schema.workloads import Deployment, EnvFrom, Job, Probe, ReplicaSet, Workload

_POD: Path = ("spec", "template")
_CONTAINER: Path = (*_POD, "spec", "containers", 0)


def replica_set(
    entry: ReplicaSet, place: Place, builder: ManifestBuilder, default_suffix: str
) -> None:
    """One container, `replicas` times."""
    builder.put(("spec", "replicas"), (place / "replicas").value(), "integer", "default", 1)
    _selector(place, builder, default_suffix)
    _pod_metadata(entry, place, builder, default_suffix)
    _container(entry, place, builder, default_suffix)
    if entry.port:
        port = (place / "port").value()
        builder.put((*_CONTAINER, "ports", 0, "containerPort"), port, "integer", "omit")
        if entry.protocol != "TCP":
            protocol = (place / "protocol").value()
            builder.put((*_CONTAINER, "ports", 0, "protocol"), protocol)
    for name in ("startup", "liveness", "readiness"):
        probe: Probe | None = getattr(entry.probes, name)
        if probe is not None:
            _probe(probe, place / "probes" / name, place, builder, f"{name}Probe")
    _pod_settings(entry, place, builder)


def deployment(
    entry: Deployment, place: Place, builder: ManifestBuilder, default_suffix: str
) -> None:
    """A ReplicaSet's fields, and how pods are replaced."""
    replica_set(entry, place, builder, default_suffix)
    rolling = place / "rollingUpdate"
    if entry.rolling_update.max_surge or entry.rolling_update.max_unavailable:
        builder.constant(("spec", "strategy", "type"), "RollingUpdate")
        target: Path = ("spec", "strategy", "rollingUpdate")
        for field in ("maxSurge", "maxUnavailable"):
            builder.put((*target, field), (rolling / field).value(), "intOrString", "omit")


def job(entry: Job, place: Place, builder: ManifestBuilder, default_suffix: str) -> None:
    """A pod that runs to its end; Kubernetes makes the selector itself."""
    limit = (place / "backoffLimit").value()
    builder.put(("spec", "backoffLimit"), limit, "integer", "default", 3)
    _pod_metadata(entry, place, builder, default_suffix)
    _container(entry, place, builder, default_suffix)
    for field in ("command", "args"):
        for index, item in enumerate((place / field).items()):
            builder.put((*_CONTAINER, field, index), item.value())
    builder.constant((*_POD, "spec", "restartPolicy"), "Never")
    _pod_settings(entry, place, builder)


def _selector(place: Place, builder: ManifestBuilder, default_suffix: str) -> None:
    labels: Path = ("spec", "selector", "matchLabels")
    _workload_labels(place, builder, labels, default_suffix)


def _workload_labels(
    place: Place, builder: ManifestBuilder, labels: Path, default_suffix: str
) -> None:
    builder.put((*labels, OWNER_LABEL), place.owner("{{ .metadata.name }}"))
    builder.put((*labels, WORKLOAD_LABEL), place.name(default_suffix))


def _pod_metadata(
    entry: Workload, place: Place, builder: ManifestBuilder, default_suffix: str
) -> None:
    labels: Path = (*_POD, "metadata", "labels")
    builder.texts(labels, place / "labels")
    _workload_labels(place, builder, labels, default_suffix)
    if entry.annotations:
        builder.texts((*_POD, "metadata", "annotations"), place / "annotations")


def _container(
    entry: Workload, place: Place, builder: ManifestBuilder, default_suffix: str
) -> None:
    builder.put((*_CONTAINER, "name"), place.name(default_suffix))
    builder.put((*_CONTAINER, "image"), (place / "image").value())
    if entry.working_directory:
        directory = (place / "workingDirectory").value()
        builder.put((*_CONTAINER, "workingDir"), directory, "string", "omit")
    _environment(entry, place, builder)
    for kind in ("requests", "limits"):
        for key in (place / "resources" / kind).entries():
            quantity = (place / "resources" / kind / key).value()
            builder.put((*_CONTAINER, "resources", kind, key), quantity)


def _environment(entry: Workload, place: Place, builder: ManifestBuilder) -> None:
    for index, variable in enumerate(entry.env):
        item = place / "env" / index
        target: Path = (*_CONTAINER, "env", index)
        builder.put((*target, "name"), (item / "name").value())
        if variable.value_from is None:
            builder.put((*target, "value"), (item / "value").value())
            continue
        for kind in ("secretKeyRef", "configMapKeyRef"):
            source = item / "valueFrom" / kind
            if source.node is None or source.node.value is None:
                continue
            for field in ("name", "key"):
                builder.put((*target, "valueFrom", kind, field), (source / field).value())
            optional = (source / "optional").node
            if optional is not None and optional.value is not None:
                builder.constant((*target, "valueFrom", kind, "optional"), optional.value)
    _env_from(entry.env_from, place, builder)


def _env_from(env_from: EnvFrom, place: Place, builder: ManifestBuilder) -> None:
    number = 0
    for key, references in (
        ("configMapRef", env_from.config_map_ref),
        ("secretRef", env_from.secret_ref),
    ):
        for index, reference in enumerate(references):
            source = place / "envFrom" / key / index
            target: Path = (*_CONTAINER, "envFrom", number)
            number += 1
            if reference.prefix:
                builder.put((*target, "prefix"), (source / "prefix").value())
            builder.put((*target, key, "name"), (source / "name").value())
            if reference.optional is not None:
                builder.constant((*target, key, "optional"), reference.optional)


def _probe(
    probe: Probe, source: Place, workload: Place, builder: ManifestBuilder, field: str
) -> None:
    target: Path = (*_CONTAINER, field)
    port = (source / "port").value() or (workload / "port").value()
    if probe.type == "http":
        builder.put((*target, "httpGet", "path"), (source / "path").value("/"))
        builder.put((*target, "httpGet", "port"), port, "intOrString")
    elif probe.type == "tcp":
        builder.put((*target, "tcpSocket", "port"), port, "intOrString")
    else:
        for index, item in enumerate((source / "command").items()):
            builder.put((*target, "exec", "command", index), item.value())
    for name, value in (
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("periodSeconds", probe.period_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ):
        if value is not None:
            builder.constant((*target, name), value)


def _pod_settings(entry: Workload, place: Place, builder: ManifestBuilder) -> None:
    spec: Path = (*_POD, "spec")
    for index, _ in enumerate(entry.image_pull_secrets):
        secret = place / "imagePullSecrets" / index
        named = secret / "name"
        name = named.value() if named.node is not None else secret.value()
        builder.put((*spec, "imagePullSecrets", index, "name"), name)
    if entry.service_account_name:
        account = (place / "serviceAccountName").value()
        builder.put((*spec, "serviceAccountName"), account, "string", "omit")
    if entry.node_selector:
        builder.texts((*spec, "nodeSelector"), place / "nodeSelector")
