"""Server-side apply and managed fields as pure functions: `apply`, `update`, `settle`.

In: objects, schemas, names of managers, time as text. Out: new objects with
`metadata.managedFields`; `FieldConflict` (409) and `ApplyError` (its own status) for what the API
server refuses. No I/O, no clock.
"""

from katalogc.localcluster.structured_merge.conflicts import FieldConflict
from katalogc.localcluster.structured_merge.field_manager import ApplyError, apply, settle, update
from katalogc.localcluster.structured_merge.field_paths import FieldsError

__all__ = ["ApplyError", "FieldConflict", "FieldsError", "apply", "settle", "update"]
