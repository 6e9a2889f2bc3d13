"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (ROOT / "katalogc", ROOT / "runtime")
MODULES = sorted(path for package in PACKAGES for path in package.rglob("*.py"))
MOST_LINES = 350
EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|misc|stuff)$")


def test_there_are_modules_to_check() -> None:
    assert len(MODULES) > 50


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_holds_one_idea(path: Path) -> None:
    text = path.read_text()
    lines = text.count("\n")
    assert lines <= MOST_LINES, f"{lines} lines; split along the data flow"
    for part in (path.stem, path.parent.name):
        assert not EMPTY_NAMES.search(part), f"`{part}` says nothing"
    assert ast.get_docstring(ast.parse(text)), "a module opens by saying what it is"


def test_no_type_ignore_or_noqa_without_code_and_reason() -> None:
    silent = re.compile(
        r"#\s*type:\s*ignore(?!\[[\w-]+\]\s+#\s*\S)|#\s*noqa(?!:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*\s+\S)"
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in MODULES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if silent.search(line)
    ]
    assert not found


def test_tracked_files_name_no_machine_path() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    machine = re.compile(rb"/(?:root|work|home/[a-z]+)/(?!\*)")
    found = [
        name
        for name in listed
        if Path(ROOT / name).is_file()
        and not name.endswith((".gz", ".png", "test_house_rules.py"))
        and machine.search((ROOT / name).read_bytes())
    ]
    assert not found
