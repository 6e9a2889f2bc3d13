"""Write `docs/functions.md` from the table of functions. Run it after changing a declaration."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "runtime")]

from katalogc.function_reference import markdown  # noqa: E402  # the path comes first

(ROOT / "docs" / "functions.md").write_text(markdown(), encoding="utf-8")
