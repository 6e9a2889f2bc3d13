"""What the table of standard types says is what API servers of all supported minors serve."""

from __future__ import annotations

import pytest

from katalog_runtime.bundle import ApiType
from katalog_runtime.standard_types import STANDARD_TYPES, group_kind, is_standard
from katalogc.openapi.catalogue import catalogue, minors
from katalogc.schema.kinds import KINDS


@pytest.mark.parametrize("minor", minors())
def test_every_type_is_served_there(minor: str) -> None:
    served = {
        ApiType(
            group=each.group,
            version=each.version,
            kind=each.kind,
            plural=each.plural,
            namespaced=each.namespaced,
        )
        for each in catalogue(minor).resources
    }
    assert set(STANDARD_TYPES.values()) <= served


def test_every_kind_that_is_compiled_is_standard() -> None:
    assert all(is_standard(each.api) for each in KINDS)


def test_another_version_or_group_is_not_standard() -> None:
    job = STANDARD_TYPES["Job.batch"]
    other = ApiType(group="demo.io", version="v1", kind="Job", plural="jobs")
    old = ApiType(group="batch", version="v1beta1", kind="Job", plural="jobs")
    assert (is_standard(job), is_standard(other), is_standard(old)) == (True, False, False)
    assert group_kind(other) == "Job.demo.io"
