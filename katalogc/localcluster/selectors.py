"""Label and field selectors: text in, predicates on manifests out. No I/O.

Label selectors follow `k8s.io/apimachinery/pkg/labels`, field selectors `pkg/fields`; a field
selector may only name the fields that the type offers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from katalog_runtime.objects import Manifest
from katalogc.localcluster.label_selectors import label_tests
from katalogc.localcluster.statuses import Refusal, bad_request

Predicate = Callable[[Manifest], bool]

SELECTABLE_FIELDS: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("", "events"): {
        f"{holder}.{field}": (holder, field)
        for holder in ("involvedObject",)
        for field in (
            "kind",
            "namespace",
            "name",
            "uid",
            "apiVersion",
            "resourceVersion",
            "fieldPath",
        )
    }
    | {"reason": ("reason",), "type": ("type",), "source": ("source", "component")}
    | {"reportingComponent": ("reportingComponent",)},
    ("events.k8s.io", "events"): {
        f"regarding.{field}": ("regarding", field)
        for field in ("kind", "namespace", "name", "uid", "apiVersion", "fieldPath")
    }
    | {"reason": ("reason",), "type": ("type",), "reportingController": ("reportingController",)},
    ("", "pods"): {
        "spec.nodeName": ("spec", "nodeName"),
        "spec.restartPolicy": ("spec", "restartPolicy"),
        "spec.schedulerName": ("spec", "schedulerName"),
        "spec.serviceAccountName": ("spec", "serviceAccountName"),
        "spec.hostNetwork": ("spec", "hostNetwork"),
        "status.phase": ("status", "phase"),
        "status.podIP": ("status", "podIP"),
        "status.nominatedNodeName": ("status", "nominatedNodeName"),
    },
    ("", "namespaces"): {"status.phase": ("status", "phase"), "name": ("metadata", "name")},
    ("", "secrets"): {"type": ("type",)},
    ("", "services"): {
        "spec.clusterIP": ("spec", "clusterIP"),
        "spec.type": ("spec", "type"),
    },
    ("", "nodes"): {"spec.unschedulable": ("spec", "unschedulable")},
    ("", "replicationcontrollers"): {"status.replicas": ("status", "replicas")},
    ("batch", "jobs"): {"status.successful": ("status", "succeeded")},
    ("certificates.k8s.io", "certificatesigningrequests"): {
        "spec.signerName": ("spec", "signerName")
    },
}
"""What each built-in type offers besides `metadata.name` and `metadata.namespace` (upstream's
strategies)."""


class UnknownFieldError(Refusal):
    """400: a field selector names a field that the type does not offer."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "BadRequest", message)


def label_predicate(text: str) -> Predicate | None:
    """A predicate for a label selector; None selects everything.

    Raises:
        Refusal: 400, the selector cannot be parsed.
    """
    if not text.strip():
        return None
    tests = label_tests(text)
    if len(tests) == 1:
        only = tests[0]
        return lambda manifest: only(manifest["metadata"].get("labels") or {})

    def matches(manifest: Manifest) -> bool:
        labels = manifest["metadata"].get("labels") or {}
        return all(test(labels) for test in tests)

    return matches


def selector_matches(selector: Manifest | None, labels: Mapping[str, str]) -> bool:
    """Whether a `LabelSelector` object (matchLabels, matchExpressions) selects `labels`."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for each in selector.get("matchExpressions") or ():
        key, values = each["key"], each.get("values") or ()
        match each["operator"]:
            case "In":
                fits = labels.get(key) in values
            case "NotIn":
                fits = labels.get(key) not in values
            case "Exists":
                fits = key in labels
            case _:
                fits = key not in labels
        if not fits:
            return False
    return True


def _text_at(manifest: Manifest, path: tuple[str, ...]) -> str:
    value: Any = manifest
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return str(value)


def field_predicate(
    text: str, group: str, plural: str, extra: Mapping[str, tuple[str, ...]] | None = None
) -> Predicate | None:
    """A predicate for a field selector of one type; None selects everything.

    Args:
        extra: further fields that the type offers (`selectableFields` of a
        CustomResourceDefinition).

    Raises:
        Refusal: 400, the selector cannot be parsed or names a field that the type does not offer.
    """
    if not text.strip():
        return None
    offered = SELECTABLE_FIELDS.get((group, plural), {})
    tests: list[tuple[tuple[str, ...], bool, str]] = []
    for part in text.split(","):
        match = re.match(r"^\s*([^=!\s]+)\s*(==|!=|=)(.*)$", part)
        if match is None:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        field, operator, value = match[1], match[2], match[3].strip()
        if field in ("metadata.name", "metadata.namespace"):
            path: tuple[str, ...] | None = tuple(field.split("."))
        else:
            path = offered.get(field) or (extra or {}).get(field)
        if path is None:
            if (group, plural) in SELECTABLE_FIELDS or extra is not None:
                raise UnknownFieldError(f"field label not supported: {field}")
            raise UnknownFieldError(
                f'"{field}" is not a known field selector: only "metadata.name", '
                '"metadata.namespace"'
            )
        tests.append((path, operator != "!=", value))

    def matches(manifest: Manifest) -> bool:
        return all((_text_at(manifest, path) == value) is want for path, want, value in tests)

    return matches


def exact_name(text: str) -> str | None:
    """The name that a field selector pins (`metadata.name=x`), if it pins one."""
    for part in text.split(","):
        match = re.match(r"^\s*metadata\.name\s*==?\s*(\S+)\s*$", part)
        if match:
            return match[1]
    return None


def both(first: Predicate | None, second: Predicate | None) -> Predicate | None:
    """The conjunction of two predicates, None standing for everything."""
    if first is None or second is None:
        return first or second
    left, right = first, second
    return lambda manifest: left(manifest) and right(manifest)
