"""Writes docs/diagnostics.md: every diagnostic code with its explanation and an example."""

from __future__ import annotations

from pathlib import Path

from katalogc.codes import Code

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "diagnostics.md"
EXAMPLES = ROOT / "tests" / "corpus" / "bad"
_FAMILIES = {
    "KAT0": "YAML",
    "KAT1": "The shape of documents",
    "KAT2": "Names, and what the API server would refuse",
    "KAT3": "References and expressions",
    "KAT4": "Permissions",
}


def page() -> str:
    """The page as Markdown."""
    lines = [
        "# Diagnostics",
        "",
        "Every mistake that `katalogc` finds has a code. Codes are stable and never reused. Errors",
        "stop a build, warnings and notes do not. This page is written from the code registry and",
        "the corpus of broken Katalogs (`python -m scripts.diagnostics_page`).",
    ]
    family = ""
    for code in sorted(Code, key=lambda each: each.id):
        if code.id[:4] != family:
            family = code.id[:4]
            lines += ["", f"## {_FAMILIES[family]}"]
        lines += ["", f"### {code.id}: {code.title}", "", f"*{code.severity}.* {code.explanation}"]
        example = _example(code)
        if example:
            lines += ["", "```text", *example, "```"]
    return "\n".join(lines) + "\n"


def _example(code: Code) -> list[str]:
    """The first diagnostic of the code in the rendered corpus."""
    for path in sorted(EXAMPLES.glob(f"{code.id}_*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            if f"[{code.id}]" in block:
                return block.strip("\n").splitlines()
    return []


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
