"""The closed enum of diagnostic codes: stable, never reused; the docstring is what `explain` shows."""

from __future__ import annotations

from enum import Enum
from typing import Literal

SeverityName = Literal["error", "warning", "info"]


class Code(Enum):
    """KAT0## YAML · KAT1## schema · KAT2## names and API-server rules · KAT3## references and expressions · KAT4## permissions."""

    @property
    def severity(self) -> SeverityName:
        """Severity belongs to the code."""
        return self.value[0]  # type: ignore[no-any-return]  # filled by its owner
