"""`katalogc functions`: what expressions may call, with signature and example."""

from __future__ import annotations

import json
import shutil
import sys


def run(*, name: str | None = None, format: str = "text") -> int:
    """Print all functions, or one; a name that is none is answered with those that are like it."""
    from katalogc import function_reference
    from katalogc.suggestions import closest

    shown = function_reference.entries()
    if name is not None:
        chosen = [entry for entry in shown if entry.name == name]
        if not chosen:
            near = closest(name, [entry.name for entry in shown])
            hint = f"; did you mean `{near}`?" if near else ""
            sys.stderr.write(
                f"error: there is no function `{name}`{hint}\n"
                "  = help: `katalogc functions` lists them all\n"
            )
            return 1
        shown = tuple(chosen)
    if format == "json":
        document = [function_reference.as_json(entry) for entry in shown]
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    elif name is None:
        sys.stdout.write(function_reference.listing(shown, _columns()))
    else:
        sys.stdout.write("\n".join(function_reference.detail(entry) for entry in shown))
    return 0


def _columns() -> int | None:
    """The width of the terminal; None where standard output is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
