"""RBAC: may this user do this, by the Roles and bindings that the cluster stores.

In: a user, the attributes of a request and the store. Out: yes or no. The rules are those of
`k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac`; `system:masters` may do everything. Bindings
are resolved once for each revision of the four RBAC collections.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster.operations import Operation, User
from katalogc.localcluster.selectors import selector_matches
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.statuses import Refusal, forbidden, path_forbidden

GROUP = "rbac.authorization.k8s.io"
ROLES = GroupResource(GROUP, "roles")
CLUSTER_ROLES = GroupResource(GROUP, "clusterroles")
ROLE_BINDINGS = GroupResource(GROUP, "rolebindings")
CLUSTER_ROLE_BINDINGS = GroupResource(GROUP, "clusterrolebindings")
_NAMESPACES = GroupResource("", "namespaces")
_COLLECTIONS = (ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What is to be allowed: a resource request, or a path if `path` is set."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


class Grant(NamedTuple):
    """A rule, and the binding that gives it to a subject."""

    rule: Manifest
    binding: Manifest
    subject: Manifest

    def __str__(self) -> str:
        """The grant in the words of access reviews."""
        home = self.binding["metadata"].get("namespace", "")
        name = self.binding["metadata"]["name"]
        place = f'RoleBinding "{name}/{home}"' if home else f'ClusterRoleBinding "{name}"'
        who = self.subject.get("name", "")
        if self.subject["kind"] == "ServiceAccount":
            who = f"{who}/{self.subject.get('namespace') or home}"
        role = self.binding["roleRef"]
        return f'{place} of {role["kind"]} "{role["name"]}" to {self.subject["kind"]} "{who}"'


class Authorizer:
    """Answers from the RBAC objects in the store."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self._seen: tuple[int, ...] = ()
        self._grants_by_user: dict[tuple[str, tuple[str, ...], str], list[Grant]] = {}

    def allows(self, user: User, attributes: Attributes) -> bool:
        """Whether the user may do it."""
        if "system:masters" in user.groups:
            return True
        return any(
            rule_covers(each.rule, attributes) for each in self._grants(user, attributes.namespace)
        )

    def verdict(self, user: User, attributes: Attributes) -> Manifest:
        """The status of an access review: `allowed`, and by which binding."""
        if "system:masters" in user.groups:
            return {"allowed": True}
        for each in self._grants(user, attributes.namespace):
            if rule_covers(each.rule, attributes):
                return {"allowed": True, "reason": f"RBAC: allowed by {each}"}
        return {"allowed": False}

    def rules(self, user: User, namespace: str) -> list[Manifest]:
        """The rules that apply to a user in a namespace (empty: cluster-wide ones only)."""
        return [each.rule for each in self._grants(user, namespace)]

    def _grants(self, user: User, namespace: str) -> list[Grant]:
        collections = [self._state.store.collection(each) for each in _COLLECTIONS]
        seen = tuple(each.end for each in collections)
        if seen != self._seen:
            self._seen = seen
            self._grants_by_user.clear()
        key = (user.name, user.groups, namespace)
        if key not in self._grants_by_user:
            self._grants_by_user[key] = list(self._resolve(user, namespace))
        return self._grants_by_user[key]

    def _resolve(self, user: User, namespace: str) -> Iterator[Grant]:
        store = self._state.store
        bindings: list[Manifest] = [
            each for _, each in store.collection(CLUSTER_ROLE_BINDINGS).select()
        ]
        if namespace:
            bindings += [each for _, each in store.collection(ROLE_BINDINGS).select(namespace)]
        for binding in bindings:
            home = binding["metadata"].get("namespace", "")
            subjects = binding.get("subjects") or ()
            subject = next((each for each in subjects if _is_subject(user, each, home)), None)
            if subject is None:
                continue
            reference = binding["roleRef"]
            if reference["kind"] == "ClusterRole":
                rules = self.cluster_role_rules(reference["name"])
            else:
                rules = (store.get(ROLES, home, reference["name"]) or {}).get("rules") or []
            for rule in rules:
                yield Grant(rule, binding, subject)

    def cluster_role_rules(self, name: str) -> list[Manifest]:
        """The rules of a ClusterRole, those that it aggregates included."""
        role = self._state.store.get(CLUSTER_ROLES, "", name)
        if role is None:
            return []
        selectors = (role.get("aggregationRule") or {}).get("clusterRoleSelectors")
        rules = list(role.get("rules") or ())
        for selector in selectors or ():
            for _, other in self._state.store.collection(CLUSTER_ROLES).select():
                labels = other["metadata"].get("labels") or {}
                if other is not role and selector_matches(selector, labels):
                    rules += self.cluster_role_rules(other["metadata"]["name"])
        return rules

    def check(self, operation: Operation) -> None:
        """Raises a Refusal (403) in the API server's words if the operation is not allowed."""
        user = operation.user
        if "system:masters" in user.groups:
            return
        type_ = operation.type
        attributes = Attributes(
            verb=operation.verb,
            group=type_.group,
            resource=type_.plural,
            subresource=operation.subresource,
            # A namespace counts as inside itself, so that a Role there may cover it.
            namespace=operation.name if type_.resource == _NAMESPACES else operation.namespace,
            name=operation.name,
        )
        if not self.allows(user, attributes):
            raise denial(user, attributes)

    def check_path(self, user: User, verb: str, path: str) -> None:
        """Raises a Refusal (403) if the user may not ask for a path that is no resource."""
        if not self.allows(user, Attributes(verb=verb, path=path)):
            raise path_forbidden(user.name, verb, path)


def denial(user: User, attributes: Attributes) -> Refusal:
    """The 403 of a denied resource request."""
    resource = attributes.resource
    if attributes.subresource:
        resource = f"{resource}/{attributes.subresource}"
    where = (
        f'in the namespace "{attributes.namespace}"'
        if attributes.namespace
        else "at the cluster scope"
    )
    why = (
        f'User "{user.name}" cannot {attributes.verb} resource "{resource}" in API group '
        f'"{attributes.group}" {where}'
    )
    return forbidden(GroupResource(attributes.group, attributes.resource), attributes.name, why)


def _is_subject(user: User, subject: Mapping[str, Any], home: str) -> bool:
    match subject.get("kind"):
        case "User":
            return subject.get("name") == user.name
        case "Group":
            return subject.get("name") in user.groups
        case "ServiceAccount":
            namespace = subject.get("namespace") or home
            return user.name == f"system:serviceaccount:{namespace}:{subject.get('name')}"
        case _:
            return False


def rule_covers(rule: Mapping[str, Any], attributes: Attributes) -> bool:
    """Whether one policy rule allows the attributes."""
    if not _contains(rule.get("verbs"), attributes.verb):
        return False
    if attributes.path:
        return any(
            _path_matches(each, attributes.path) for each in rule.get("nonResourceURLs") or ()
        )
    resource = attributes.resource
    if attributes.subresource:
        resource = f"{resource}/{attributes.subresource}"
    resources = rule.get("resources") or ()
    names = rule.get("resourceNames") or ()
    return (
        _contains(rule.get("apiGroups"), attributes.group)
        and (_contains(resources, resource) or f"*/{attributes.subresource}" in resources)
        and (not names or attributes.name in names)
    )


def _contains(wanted: Iterable[str] | None, found: str) -> bool:
    return wanted is not None and ("*" in wanted or found in wanted)


def _path_matches(pattern: str, path: str) -> bool:
    if pattern.endswith("*"):
        return path.startswith(pattern[:-1])
    return pattern == path
