"""The options of writes: dry run, field validation, field manager.

In: the verb and the query. Out: whether it is a dry run, or a `Refusal` with every mistake at once.
Source: `k8s.io/apimachinery/pkg/apis/meta/v1/validation`. No I/O.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from katalogc.localcluster.operations import Patch, Verb
from katalogc.localcluster.statuses import Cause, invalid
from katalogc.localcluster.validation.field_errors import shown

_KINDS = {"create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions"}
_LONGEST_MANAGER = 128


def check_write_options(verb: Verb, query: Mapping[str, str], patch: Patch) -> bool:
    """Checks the options of a write; returns whether it is a dry run.

    Raises:
        Refusal: 422.
    """
    causes = list(_mistakes(verb, query, patch))
    if causes:
        raise invalid("meta.k8s.io", _KINDS.get(verb, "DeleteOptions"), "", causes)
    return query.get("dryRun") == "All"


def _mistakes(verb: Verb, query: Mapping[str, str], patch: Patch) -> Iterator[Cause]:
    if verb == "patch" and patch != "apply" and "force" in query:
        text = "Forbidden: may not be specified for non-apply patch"
        yield Cause("FieldValueForbidden", text, "force")
    manager = query.get("fieldManager", "")
    if verb == "patch" and patch == "apply" and not manager:
        text = "Required value: is required for apply patch"
        yield Cause("FieldValueRequired", text, "fieldManager")
    yield from _manager_mistakes(manager)
    dry_run = query.get("dryRun", "All")
    if dry_run != "All":
        text = f'Unsupported value: ["{dry_run}"]: supported values: "All"'
        yield Cause("FieldValueNotSupported", text, "dryRun")
    validation = query.get("fieldValidation", "")
    if validation not in ("", "Ignore", "Strict", "Warn"):
        text = (
            f'Unsupported value: "{validation}": supported values: "", "Ignore", "Strict", "Warn"'
        )
        yield Cause("FieldValueNotSupported", text, "fieldValidation")


def _manager_mistakes(manager: str) -> Iterator[Cause]:
    if len(manager.encode()) > _LONGEST_MANAGER:
        text = f"Too long: may not be more than {_LONGEST_MANAGER} bytes"
        yield Cause("FieldValueTooLong", text, "fieldManager")
    for position, letter in enumerate(manager):
        if not letter.isprintable():
            where = f"invalid character U+{ord(letter):04X} (at position {position})"
            yield Cause(
                "FieldValueInvalid", f"Invalid value: {shown(manager)}: {where}", "fieldManager"
            )
