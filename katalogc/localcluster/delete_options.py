"""`DeleteOptions`: how an object is to be deleted, and what becomes of its dependents.

In: an operation, or options and the finalizers of an object. Out: checked options, new finalizers.
Source: `k8s.io/apiserver/pkg/registry/generic/registry/store.go` and the validation of
`apimachinery/pkg/apis/meta/v1`. No I/O; nothing is changed in place.
"""

from __future__ import annotations

from typing import Any

from katalog_runtime.objects import GroupResource
from katalogc.localcluster import go_text
from katalogc.localcluster.operations import Operation
from katalogc.localcluster.statuses import Cause, bad_request, invalid
from katalogc.localcluster.validation import decoding_error
from katalogc.openapi import catalogue

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"
JOBS = GroupResource("batch", "jobs")
EVENTS = GroupResource("", "events")
PRESERVED_PODS = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background "
    "to remove them or set propagationPolicy=Orphan to suppress this warning"
)

_POLICIES = ("Foreground", "Background", "Orphan")
_DEFINITION = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
_ORPHANING = frozenset({JOBS, GroupResource("", "replicationcontrollers")})
"""Types that leave their dependents alone unless a policy says otherwise."""


def delete_options(operation: Operation, minor: str) -> dict[str, Any]:
    """`DeleteOptions` from query and body, checked.

    Raises:
        Refusal: 400, the body is something else; 422, values that are not allowed.
    """
    body = _decoded(operation.body, minor)
    options = {**operation.delete_options, **body}
    policy = options.get("propagationPolicy")
    causes = []
    if policy is not None and policy not in _POLICIES:
        text = f'Unsupported value: "{policy}": supported values: ' + ", ".join(
            f'"{each}"' for each in (*_POLICIES, "nil")
        )
        causes.append(Cause("FieldValueNotSupported", text, "propagationPolicy"))
    if policy is not None and options.get("orphanDependents") is not None:
        both = "orphanDependents and deletionPropagation cannot be both set"
        text = f'Invalid value: "{policy}": {both}'
        causes.append(Cause("FieldValueInvalid", text, "propagationPolicy"))
    dry_run = options.get("dryRun")
    if dry_run not in (None, [], ["All"]):
        listed = ", ".join(f'"{each}"' for each in dry_run)
        text = f'Unsupported value: [{listed}]: supported values: "All"'
        causes.append(Cause("FieldValueNotSupported", text, "dryRun"))
    if causes:
        raise invalid("meta.k8s.io", "DeleteOptions", "", causes)
    return options


def _decoded(body: Any, minor: str) -> dict[str, Any]:
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise bad_request(
            "couldn't get version/kind; json parse error: json: cannot unmarshal "
            f"{go_text.json_type(body)} into Go value of type struct {{ APIVersion string "
            '"json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
        )
    kind = body.get("kind") or "DeleteOptions"
    if kind != "DeleteOptions":
        version = body.get("apiVersion") or "meta.k8s.io/v1"
        raise bad_request(
            f'no kind "{kind}" is registered for version "{version}" in scheme '
            '"pkg/runtime/scheme.go:111"'
        )
    problem = decoding_error(body, catalogue(minor).definition(_DEFINITION), "DeleteOptions")
    if problem:
        raise bad_request(problem)
    return body


def propagation_finalizers(
    resource: GroupResource, finalizers: list[str], options: dict[str, Any]
) -> list[str]:
    """The finalizers that a propagation policy asks for
    (`deletionFinalizersForGarbageCollection`)."""
    if resource == EVENTS:  # which never own anything
        return list(finalizers)
    policy = options.get("propagationPolicy")
    if options.get("orphanDependents") is not None:
        policy = "Orphan" if options["orphanDependents"] else "Background"
    if policy is None:
        if resource not in _ORPHANING or {FOREGROUND, ORPHAN} & set(finalizers):
            return list(finalizers)
        policy = "Orphan"
    kept = [each for each in finalizers if each not in (FOREGROUND, ORPHAN)]
    if policy == "Foreground":
        kept.append(FOREGROUND)
    elif policy == "Orphan":
        kept.append(ORPHAN)
    return kept


def deletion_warnings(resource: GroupResource, options: dict[str, Any]) -> tuple[str, ...]:
    """What is said about a deletion that says nothing of dependents."""
    silent = options.get("propagationPolicy") is None and options.get("orphanDependents") is None
    return (PRESERVED_PODS,) if resource == JOBS and silent else ()
