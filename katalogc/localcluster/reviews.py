"""Virtual resources of authentication and authorization: asked by POST, answered, never stored.

In: SelfSubjectAccessReview and its relatives. Out: the same object with its status. Token reviews
need the authenticator and are handed in with the state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from katalog_runtime.objects import Manifest
from katalogc.localcluster import conformance, structured_merge
from katalogc.localcluster.authorization import Attributes, Authorizer
from katalogc.localcluster.operations import Answer, Operation, User
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.statuses import Cause, bad_request, invalid

GROUPS = ("authorization.k8s.io", "authentication.k8s.io")
Review = Callable[[ClusterState, Authorizer, Operation], Answer]


def _spec(operation: Operation) -> tuple[Manifest, Manifest]:
    manifest = conformance.check_type_meta(operation, operation.body)
    spec = manifest.get("spec")
    return manifest, spec if isinstance(spec, dict) else {}


def _answer(operation: Operation, manifest: Manifest, status: Manifest) -> Answer:
    metadata = manifest.get("metadata")
    body = {
        "kind": operation.type.kind,
        "apiVersion": operation.type.api_version,
        "metadata": metadata if isinstance(metadata, dict) else {},
        **({"spec": manifest["spec"]} if "spec" in manifest else {}),
        "status": status,
    }
    return Answer(status=201, body=body)


def _recorded(state: ClusterState, operation: Operation, manifest: Manifest) -> Manifest:
    """The body with the managedFields that any create would give it."""
    return structured_merge.update(
        None,
        {"metadata": {}, **manifest},
        manager=operation.manager,
        schema=operation.type.schema,
        api_version=operation.type.api_version,
        now=state.now(),
    )


def _attributes(spec: Manifest) -> Attributes:
    path = spec.get("nonResourceAttributes")
    if path:
        return Attributes(verb=path.get("verb", ""), path=path.get("path", ""))
    wanted = spec.get("resourceAttributes") or {}
    return Attributes(
        verb=wanted.get("verb", ""),
        group=wanted.get("group", ""),
        resource=wanted.get("resource", ""),
        subresource=wanted.get("subresource", ""),
        namespace=wanted.get("namespace", ""),
        name=wanted.get("name", ""),
    )


def _check_spec(operation: Operation, spec: Manifest, *, other: bool) -> None:
    """The rules of `pkg/apis/authorization/validation`.

    Args:
        other: whether the review asks about somebody else.

    Raises:
        Refusal: 422.
    """
    causes = []
    both = [spec.get(name) for name in ("resourceAttributes", "nonResourceAttributes")]
    if all(both):
        text = "Invalid value: {}: cannot be specified in combination with resourceAttributes"
        causes.append(Cause("FieldValueInvalid", text, "spec.nonResourceAttributes"))
    if not any(both):
        text = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        cause = f"Invalid value: null: {text}"
        causes.append(Cause("FieldValueInvalid", cause, "spec.resourceAttributes"))
    if other and not spec.get("user") and not spec.get("groups"):
        text = 'Invalid value: "": at least one of user or group must be specified'
        causes.append(Cause("FieldValueInvalid", text, "spec.user"))
    if causes:
        raise invalid(operation.type.group, "", "", causes)


def _verdict(authorizer: Authorizer, user: User, spec: Manifest) -> Manifest:
    return authorizer.verdict(user, _attributes(spec))


def _self_access(state: ClusterState, authorizer: Authorizer, operation: Operation) -> Answer:
    manifest, spec = _spec(operation)
    _check_spec(operation, spec, other=False)
    manifest = _recorded(state, operation, manifest)
    return _answer(operation, manifest, _verdict(authorizer, operation.user, spec))


def _access(state: ClusterState, authorizer: Authorizer, operation: Operation) -> Answer:
    manifest, spec = _spec(operation)
    _check_spec(operation, spec, other=True)
    manifest = _recorded(state, operation, manifest)
    if operation.namespace:
        manifest["metadata"] = {**manifest["metadata"], "namespace": operation.namespace}
    user = User(name=spec.get("user", ""), groups=tuple(spec.get("groups") or ()))
    if operation.namespace and isinstance(spec.get("resourceAttributes"), dict):
        spec["resourceAttributes"].setdefault("namespace", operation.namespace)
    return _answer(operation, manifest, _verdict(authorizer, user, spec))


def _rules(_: ClusterState, authorizer: Authorizer, operation: Operation) -> Answer:
    manifest, spec = _spec(operation)
    namespace = spec.get("namespace", "")
    if "system:masters" in operation.user.groups:
        every: Manifest = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
        rules = [every, {"verbs": ["*"], "nonResourceURLs": ["*"]}]
    else:
        rules = authorizer.rules(operation.user, namespace)
    status: Manifest = {
        "resourceRules": [_only(each, "apiGroups") for each in rules if each.get("resources")],
        "nonResourceRules": [each for each in rules if each.get("nonResourceURLs")],
        "incomplete": False,
    }
    manifest["spec"] = {}
    return _answer(operation, manifest, status)


def _only(rule: Manifest, *_: str) -> Manifest:
    names = ("verbs", "apiGroups", "resources", "resourceNames")
    return {key: rule[key] for key in names if rule.get(key)}


def _who_am_i(state: ClusterState, _: Authorizer, operation: Operation) -> Answer:
    status = {"userInfo": user_info(operation.user)}
    return _answer(operation, {"metadata": {"creationTimestamp": state.now()}}, status)


def user_info(user: User) -> Manifest:
    """A `UserInfo`."""
    info: dict[str, Any] = {"username": user.name}
    if user.uid:
        info["uid"] = user.uid
    if user.groups:
        info["groups"] = list(user.groups)
    if user.extra:
        info["extra"] = {key: list(values) for key, values in user.extra.items()}
    return info


def _token(state: ClusterState, _: Authorizer, operation: Operation) -> Answer:
    manifest, spec = _spec(operation)
    if not spec.get("token"):
        raise bad_request("token is required for TokenReview in authentication")
    manifest = _recorded(state, operation, manifest)
    user = state.tokens.authenticate(str(spec.get("token", ""))) if state.tokens else None
    if user is None:
        return _answer(operation, manifest, {"user": {}, "error": "invalid bearer token"})
    status = {"authenticated": True, "user": user_info(user), "audiences": spec.get("audiences")}
    if not status["audiences"]:
        status["audiences"] = ["https://kubernetes.default.svc"]
    return _answer(operation, manifest, status)


HANDLERS: dict[str, Review] = {
    "SelfSubjectAccessReview": _self_access,
    "SubjectAccessReview": _access,
    "LocalSubjectAccessReview": _access,
    "SelfSubjectRulesReview": _rules,
    "SelfSubjectReview": _who_am_i,
    "TokenReview": _token,
}
