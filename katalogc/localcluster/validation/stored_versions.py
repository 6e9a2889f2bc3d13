"""The versions that objects of a definition are stored in, and the definition's version list.

In: a CRD with its status. Out: `FieldError`s. Source: `ValidateCustomResourceDefinitionStoredVersions`
of `apiextensions-apiserver/pkg/apis/apiextensions/validation`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import FieldError, invalid
from katalogc.localcluster.validation.rules.names import dns1035_label

_PATH = "status.storedVersions"


def stored_version_errors(crd: dict[str, Any]) -> Iterator[FieldError]:
    """The storage version must be noted; the first version must also do as the former only one."""
    stored = (crd.get("status") or {}).get("storedVersions") or []
    versions = (crd.get("spec") or {}).get("versions") or ()
    first = versions[0].get("name", "") if versions else ""
    yield from (invalid("spec.version", first, each) for each in dns1035_label(first) if first)
    if not stored:
        yield invalid(_PATH, None, "must have at least one stored version")
        return
    for each in versions:
        if each.get("storage") and each.get("name") not in stored:
            yield invalid(_PATH, stored, f"must have the storage version {each.get('name')}")
