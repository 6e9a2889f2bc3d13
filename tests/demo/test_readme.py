"""What the README shows is what happens: the demo's lines, and a mistake's diagnostic."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from katalogc import report
from katalogc.compiler import compile_path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(first: str) -> str:
    """The README's text block that begins with a line."""
    blocks = re.findall(r"```text\n(.*?)\n```", README, re.DOTALL)
    (found,) = [each for each in blocks if each.startswith(first)]
    return str(found)


def without_measures(text: str) -> str:
    """Sizes, times, counts of requests and ports differ from run to run; the words do not."""
    text = re.sub(r" +[\d,]+ bytes", " N bytes", text)
    text = re.sub(r"[\d.]+ (ms|s)$", r"N \1", text, flags=re.MULTILINE)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:N", text)
    return re.sub(r"\d+ requests, \d+ of", "N requests, N of", text)


def test_the_demo_prints_what_the_readme_shows():
    environment = {name: value for name, value in os.environ.items() if name != "DEMO_KEEP"}
    done = subprocess.run(
        [sys.executable, "scripts/demo.py"], cwd=ROOT, env=environment, capture_output=True,
        text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    shown = block("katalogc build samples/datajob-katalog.yaml")
    assert without_measures(done.stdout.strip()) == without_measures(shown)


def test_the_mistake_of_the_tour_is_told_as_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    katalog = tmp_path / "samples" / "datajob-katalog.yaml"
    katalog.write_text(katalog.read_text().replace(".spec.timeout }}", ".spec.timeou }}"))
    monkeypatch.chdir(tmp_path)
    result = compile_path("samples/datajob-katalog.yaml")
    told = "".join(text for _, text in report.text(result.diagnostics, result.sources))
    assert told == block("$ katalogc validate").partition("\n")[2] + "\n"
