"""Children that are no workloads: ConfigMaps, Secrets, ServiceAccounts, Services.

In: one entry of a block and the place it stands at. Out: its manifest with holes, in the order
`apiVersion`, `kind`, `metadata`, the rest. Default names are the language's.
"""

from __future__ import annotations

from katalog_runtime.bundle import ApiType
from katalog_runtime.objects import OWNER_LABEL
from katalogc.lower.manifest import ManifestBuilder, Place
from katalogc.schema.resources import ConfigMap, Secret, Service, ServiceAccount


def start(
    api: ApiType, place: Place, default_suffix: str, owner_is_namespaced: bool
) -> ManifestBuilder:
    """`apiVersion`, `kind` and `metadata` of a child."""
    builder = ManifestBuilder({"apiVersion": api.api_version, "kind": api.kind, "metadata": {}})
    builder.put(("metadata", "name"), place.name(default_suffix))
    if api.namespaced:
        builder.put(("metadata", "namespace"), place.namespace(owner_is_namespaced))
    builder.texts(("metadata", "labels"), place / "labels")
    builder.texts(("metadata", "annotations"), place / "annotations")
    return builder


def config_map(entry: ConfigMap, place: Place, builder: ManifestBuilder, _suffix: str) -> None:
    """`data`, all text."""
    if entry.data:
        builder.texts(("data",), place / "data")


def secret(entry: Secret, place: Place, builder: ManifestBuilder, _suffix: str) -> None:
    """`type` and `data`; what the user writes as text is stored base64-encoded."""
    builder.put(("type",), (place / "type").value(entry.type))
    builder.texts(("data",), place / "data", "bytes")


def service_account(
    _entry: ServiceAccount, _place: Place, _builder: ManifestBuilder, _suffix: str
) -> None:
    """Nothing but metadata."""


def service(entry: Service, place: Place, builder: ManifestBuilder, _suffix: str) -> None:
    """One port; by default the pods of the owner's workloads are selected."""
    builder.put(("spec", "type"), (place / "type").value(entry.type))
    if entry.headless:
        builder.constant(("spec", "clusterIP"), "None")
    if entry.selector:
        builder.texts(("spec", "selector"), place / "selector")
    else:
        builder.put(("spec", "selector", OWNER_LABEL), place.owner("{{ .metadata.name }}"))
    if entry.port:
        port: tuple[str | int, ...] = ("spec", "ports", 0)
        builder.put((*port, "name"), "main")
        builder.put((*port, "protocol"), (place / "protocol").value(entry.protocol))
        builder.put((*port, "port"), (place / "port").value(), "integer")
        target = (place / "targetPort").value()
        builder.put((*port, "targetPort"), target, "intOrString", "omit")
