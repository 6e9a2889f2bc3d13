"""The three kinds of patch that the API server takes besides server-side apply.

In: documents as decoded JSON, patches, and for the strategic one a `Schema`. Out: new documents;
`PatchError` with the HTTP status of the refusal.
"""

from katalogc.localcluster.json_patches import PatchError, json_patch, merge_patch
from katalogc.localcluster.strategic_patches import strategic_merge_patch

__all__ = ["PatchError", "json_patch", "merge_patch", "strategic_merge_patch"]
