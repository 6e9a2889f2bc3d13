"""Writes katalogc/function_signatures.json from the table of functions."""

from __future__ import annotations

import json

from katalog_runtime.functions import TABLE
from katalogc.known_functions import DATA


def content() -> str:
    """One line for each function: least and greatest number of arguments, purity, and so on."""
    rows = {
        name: [each.least, each.most, each.purity, each.can_fail, each.signature]
        for name, each in sorted(TABLE.items())
    }
    lines = [
        f"{json.dumps(name)}: {json.dumps(row, ensure_ascii=False)}" for name, row in rows.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    DATA.write_text(content(), encoding="utf-8")
