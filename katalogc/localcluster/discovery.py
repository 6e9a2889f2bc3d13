"""Discovery: which groups, versions and resources there are, in the old form and in the aggregated
one.

In: the registry. Out: APIVersions, APIGroupList, APIGroup, APIResourceList, APIGroupDiscoveryList
(v2), version information. Order: built-in groups as upstream ranks them, then custom groups by
name; newest version first.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster.resources import Registry, ResourceType, Subresource

_GROUP_ORDER = (
    "apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling", "batch", "certificates.k8s.io", "networking.k8s.io", "policy",
    "rbac.authorization.k8s.io", "storage.k8s.io", "admissionregistration.k8s.io",
    "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io", "node.k8s.io",
    "discovery.k8s.io", "resource.k8s.io", "flowcontrol.apiserver.k8s.io",
)  # fmt: skip
_VERSION = re.compile(r"^v(\d+)(?:(alpha|beta)(\d+))?$")
_STABILITY = {None: 2, "beta": 1, "alpha": 0}


_ADMISSION = "admissionregistration.k8s.io"
_OLDER_STORED_VERSIONS = {
    GroupResource("apiextensions.k8s.io", "customresourcedefinitions"): "v1beta1",
    GroupResource(_ADMISSION, "mutatingadmissionpolicies"): "v1beta1",
    GroupResource(_ADMISSION, "mutatingadmissionpolicybindings"): "v1beta1",
}
"""What upstream 1.36 stores these as; its hashes show it, nothing else does."""
_NOT_STORED = GroupResource("", "componentstatuses")


def _storage_version_hash(type_: ResourceType) -> str:
    """`discovery.StorageVersionHash`: tells clients when objects may be stored differently."""
    group_name, _, version = type_.stored_api_version.rpartition("/")
    version = _OLDER_STORED_VERSIONS.get(type_.resource, version)
    text = f"{group_name}/{version}/{type_.kind}"
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()


def version_rank(version: str) -> tuple[int, int, int, str]:
    """Sorts versions as Kubernetes does: GA before beta before alpha, higher first, odd names
    last."""
    match = _VERSION.match(version)
    if match is None:
        return (1, 0, 0, version)
    major, stage, minor = int(match[1]), match[2], int(match[3] or 0)
    return (0, -_STABILITY[stage] * 1_000_000 - major, -minor, version)


def groups(registry: Registry) -> dict[str, list[str]]:
    """Versions by group, in order, the core group aside."""
    found: dict[str, set[str]] = {}
    for type_ in registry:
        if type_.group:
            found.setdefault(type_.group, set()).add(type_.version)
    ranks = {name: position for position, name in enumerate(_GROUP_ORDER)}
    names = sorted(found, key=lambda name: (ranks.get(name, len(ranks)), name))
    return {name: sorted(found[name], key=version_rank) for name in names}


def legacy_versions(address: str) -> Manifest:
    """`/api`."""
    server = {"clientCIDR": "0.0.0.0/0", "serverAddress": address}
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [server]}


def _group(name: str, versions: list[str]) -> Manifest:
    listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def group_list(registry: Registry) -> Manifest:
    """`/apis`."""
    listed = [_group(name, versions) for name, versions in groups(registry).items()]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}


def group(registry: Registry, name: str) -> Manifest | None:
    """`/apis/GROUP`, or None."""
    versions = groups(registry).get(name)
    if versions is None:
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, versions)}


def _sorted_types(registry: Registry, group_name: str, version: str) -> list[ResourceType]:
    types = [each for each in registry if (each.group, each.version) == (group_name, version)]
    return sorted(types, key=lambda each: each.plural)


def _subresources(type_: ResourceType) -> Iterable[Subresource]:
    """In upstream's order: by name, but as declared (status, scale) for custom types."""
    found = type_.subresources.values()
    return sorted(found, key=lambda sub: sub.name) if type_.custom is None else found


def resource_list(registry: Registry, group_name: str, version: str) -> Manifest | None:
    """`/apis/GROUP/VERSION` or `/api/v1`, or None."""
    types = _sorted_types(registry, group_name, version)
    if not types:
        return None
    resources: list[Manifest] = []
    for type_ in types:
        main: Manifest = {
            "name": type_.plural,
            "singularName": type_.singular,
            "namespaced": type_.namespaced,
            "kind": type_.kind,
            "verbs": list(type_.verbs),
        }
        if type_.short_names:
            main["shortNames"] = list(type_.short_names)
        if type_.categories:
            main["categories"] = list(type_.categories)
        if "list" in type_.verbs and type_.resource != _NOT_STORED:
            main["storageVersionHash"] = _storage_version_hash(type_)
        resources.append(main)
        for each in _subresources(type_):
            entry: Manifest = {
                "name": f"{type_.plural}/{each.name}",
                "singularName": "",
                "namespaced": type_.namespaced,
                "kind": each.kind,
                "verbs": list(each.verbs),
            }
            if (each.group, each.version) != (type_.group, type_.version):
                entry |= {"group": each.group, "version": each.version}
            resources.append(entry)
    group_version = f"{group_name}/{version}" if group_name else version
    return {
        "kind": "APIResourceList",
        # Upstream's oldest list has no version.
        **({"apiVersion": "v1"} if group_name else {}),
        "groupVersion": group_version,
        "resources": resources,
    }


def aggregated(registry: Registry, *, core: bool, version: str = "v2") -> Manifest:
    """`/api` or `/apis` as an APIGroupDiscoveryList: everything in one answer."""
    listed = {"": ["v1"]} if core else groups(registry)
    items = []
    for name, versions in listed.items():
        metadata: Manifest = {"name": name} if name else {}
        items.append(
            {
                "metadata": metadata,
                "versions": [
                    {
                        "version": each,
                        "resources": [
                            _aggregated_resource(type_)
                            for type_ in _sorted_types(registry, name, each)
                        ],
                        "freshness": "Current",
                    }
                    for each in versions
                ],
            }
        )
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{version}",
        "metadata": {},
        "items": items,
    }


def _aggregated_resource(type_: ResourceType) -> Manifest:
    def kind(group_name: str, version: str, name: str) -> Manifest:
        # Built-in types leave group and version empty: they are those of the list.
        if type_.custom is None and (group_name, version) == (type_.group, type_.version):
            return {"group": "", "version": "", "kind": name}
        return {"group": group_name, "version": version, "kind": name}

    entry: Manifest = {
        "resource": type_.plural,
        "responseKind": kind(type_.group, type_.version, type_.kind),
        "scope": "Namespaced" if type_.namespaced else "Cluster",
        "singularResource": type_.singular,
        "verbs": list(type_.verbs),
    }
    if type_.short_names:
        entry["shortNames"] = list(type_.short_names)
    if type_.categories:
        entry["categories"] = list(type_.categories)
    if type_.subresources:
        entry["subresources"] = [
            {
                "subresource": each.name,
                "responseKind": kind(each.group, each.version, each.kind),
                "verbs": list(each.verbs),
            }
            for each in _subresources(type_)
        ]
    return entry


def version_info(git_version: str) -> Manifest:
    """`/version`."""
    major, minor, _ = git_version.removeprefix("v").split(".", 2)
    return {
        "major": major,
        "minor": minor,
        "emulationMajor": major,
        "emulationMinor": minor,
        "minCompatibilityMajor": major,
        "minCompatibilityMinor": str(int(minor) - 1),
        "gitVersion": git_version,
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "",
        "platform": "linux/amd64",
    }


def paths(registry: Registry) -> list[str]:
    """`/`: what can be asked for."""
    found = ["/api", "/api/v1", "/apis", "/apis/"]
    for name, versions in groups(registry).items():
        found.append(f"/apis/{name}")
        found += [f"/apis/{name}/{version}" for version in versions]
    return sorted(
        [*found, "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"]
    )
