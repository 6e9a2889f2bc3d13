"""All checks, in one explicit order: root causes first. Nothing registers itself.

A check takes the Subject and yields diagnostics; it is named after the mistake that it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from katalogc.checks.api_rules import (
    bad_api_names,
    bad_child_names,
    bad_data_keys,
    bad_finalizers,
    bad_labels,
    reserved_status_path,
)
from katalogc.checks.braces import stray_brace
from katalogc.checks.expressions import (
    randomness_in_sync,
    unknown_root,
)
from katalogc.checks.namespaces import child_elsewhere, missing_namespace
from katalogc.checks.note_names import bad_note_name
from katalogc.checks.pod_rules import (
    bad_amounts,
    bad_environment,
    bad_image,
    bad_probe,
    bad_references,
    bad_rolling_update,
    bad_target_port,
)
from katalogc.checks.references import (
    dependency_cycle,
    no_types,
    schema_inferred,
    unknown_dependency,
)
from katalogc.checks.results import text_in_number, unfit_result
from katalogc.checks.same_child import duplicate_child
from katalogc.checks.schema_fields import misfit, unknown_spec_field
from katalogc.checks.unique_names import (
    duplicate_env,
    duplicate_kind,
    duplicate_plural,
    duplicate_status_path,
    status_path_below_a_value,
)
from katalogc.checks.values import (
    bad_rotation,
    empty_image,
    misplaced_expression,
    number_out_of_range,
    unknown_resource,
    word_not_allowed,
)
from katalogc.diagnostics import Diagnostic
from katalogc.subject import Subject

Check = Callable[[Subject], Iterable[Diagnostic]]

CHECKS: tuple[Check, ...] = (
    no_types,
    bad_api_names,
    bad_finalizers,
    bad_note_name,
    duplicate_plural,
    duplicate_kind,
    unknown_dependency,
    dependency_cycle,
    misplaced_expression,
    stray_brace,
    unknown_root,
    unknown_spec_field,
    misfit,
    text_in_number,
    unfit_result,
    bad_child_names,
    duplicate_child,
    missing_namespace,
    child_elsewhere,
    bad_labels,
    bad_data_keys,
    empty_image,
    number_out_of_range,
    word_not_allowed,
    unknown_resource,
    bad_image,
    bad_amounts,
    bad_probe,
    bad_target_port,
    bad_rolling_update,
    bad_environment,
    bad_references,
    bad_rotation,
    duplicate_env,
    reserved_status_path,
    duplicate_status_path,
    status_path_below_a_value,
    randomness_in_sync,
    schema_inferred,
)
