"""What every child entry has, whatever its kind."""

from typing import ClassVar

from pydantic import Field

from katalogc.schema.base import KatalogModel


class Entry(KatalogModel):
    """One child object of every custom resource of the type."""

    not_yet: ClassVar[frozenset[str]] = frozenset(
        {"when", "or", "anyOf", "forEach", "sleep", "external"}
    )

    name: str = ""
    """Empty means the kind's default name, such as `<cr>-config`."""
    namespace: str = ""
    """Empty means the custom resource's own namespace."""
    labels: dict[str, str] = Field(default_factory=dict)
    reconcile: bool = False
    """Under `onCreate`: keep the child in sync as `onReconcile` does."""
    force_conflict: bool | None = None
