"""Types of which an owner still has children, though nothing makes them any more.

In: an owner whose record names such types. Out: their children are gone, and the record with them.
"""

from __future__ import annotations

from katalog_runtime.errors import ApiError, NotFoundError
from katalog_runtime.execute import Executor
from katalog_runtime.inventory import recorded_types, recording
from katalog_runtime.objects import Manifest
from katalog_runtime.outcome import Work

RETIRE_AGAIN_SECONDS = 3600.0
"""Between tries to clear out types that may not be listed."""


async def retire(executor: Executor, work: Work, manifest: Manifest) -> Manifest:
    """Clear out types that nothing makes any more, and strike them off the owner's record.

    Permissions follow the Katalog: the right to list such a type may be gone with it. Then the
    record stays, and the next try is a long time off.
    """
    cleared = []
    for api in work.plan.retired:
        try:
            await executor.clear_out(api, work.owner)
        except ApiError as error:
            if not isinstance(error, NotFoundError):
                work.memory.retire_after = work.moment + RETIRE_AGAIN_SECONDS
                work.acted.append(f"could not clear out {api.group_resource}: {error.message}")
                continue
        cleared.append(api.group_resource)
        work.acted.append(f"cleared out {api.group_resource}")
    left = [each for each in recorded_types(manifest) if each.group_resource not in cleared]
    if not cleared:
        return manifest
    try:
        return await executor.put_owner(recording(manifest, left))
    except ApiError:
        # Recorded a while longer: the next look finds nothing and strikes it off.
        return manifest
