"""The names of a CustomResourceDefinition: its group, the words for its kind.

In: the definition. Out: `FieldError`s. Source:
`apiextensions-apiserver/pkg/apis/apiextensions/validation`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import FieldError, invalid, required
from katalogc.localcluster.validation.rules.names import (
    MIXED_CASE,
    dns1035_label,
    dns_subdomain,
)

_APPROVAL = "api-approved.kubernetes.io"
_APPROVAL_PAGE = "https://github.com/kubernetes/enhancements/pull/1111"


def group_errors(crd: dict[str, Any]) -> Iterator[FieldError]:
    """`spec.group`, and the approval that the groups of Kubernetes itself need."""
    group = (crd.get("spec") or {}).get("group", "")
    if not group:
        yield required("spec.group")
        return
    yield from (invalid("spec.group", group, each) for each in dns_subdomain(group))
    if "." not in group:
        yield invalid("spec.group", group, "should be a domain with at least one dot")
    if not f".{group}".endswith((".k8s.io", ".kubernetes.io")):
        return
    place = f"metadata.annotations[{_APPROVAL}]"
    given = ((crd.get("metadata") or {}).get("annotations") or {}).get(_APPROVAL, "")
    needed = f'protected groups must have approval annotation "{_APPROVAL}"'
    if not given:
        yield required(place, f"{needed}, see {_APPROVAL_PAGE}")
    elif not given.startswith("unapproved") and "://" not in given:
        either = 'with either a URL or a reason starting with "unapproved"'
        yield invalid(place, given, f"{needed} {either}, see {_APPROVAL_PAGE}")


def names_errors(names: dict[str, Any]) -> Iterator[FieldError]:
    """`spec.names`: what they look like."""
    for field in ("plural", "singular", "kind", "listKind"):
        value = names.get(field, "")
        if not value:
            yield required(f"spec.names.{field}")
            continue
        text = value if field in ("plural", "singular") else value.lower()
        mixed = "" if text == value and field in ("plural", "singular") else MIXED_CASE
        for complaint in dns1035_label(text):
            yield invalid(f"spec.names.{field}", value, mixed + complaint)
    for field in ("shortNames", "categories"):
        for index, value in enumerate(names.get(field) or ()):
            place = f"spec.names.{field}[{index}]"
            yield from (invalid(place, value, each) for each in dns1035_label(value))
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        yield invalid(
            "spec.names.listKind", names["listKind"], "kind and listKind may not be the same"
        )
