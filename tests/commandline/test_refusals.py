"""What a command says before it starts anything: exit code 2, one sentence, nothing on stdout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
SAMPLE = str(Path(__file__).parents[2] / "samples" / "datajob-katalog.yaml")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        pytest.param(["cluster", "--port", "99999"], "less than or equal to 65535", id="api-port"),
        pytest.param(["dev", SAMPLE, "--port", "-1"], "greater than or equal to 0", id="dev-port"),
        pytest.param(["dev", SAMPLE, "--address", "x"], "takes HOST:PORT", id="no-address"),
        pytest.param(
            ["dev", SAMPLE, "--address", "127.0.0.1:99999"], "takes HOST:PORT", id="high-port"
        ),
        pytest.param(["dev", "/nowhere"], "/nowhere: no such file or folder", id="no-katalog"),
        pytest.param(
            ["run", SAMPLE, "--kubeconfig", "/nowhere"],
            "no kubeconfig at /nowhere; give one with --kubeconfig FILE"
            " (katalogc run --local needs none)",
            id="no-kubeconfig",
        ),
    ],
)
def test_a_command_that_cannot_start_says_why(command: list[str], told: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "katalogc", *command], capture_output=True, text=True,
        env=ENVIRONMENT, stdin=subprocess.DEVNULL, timeout=60, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (2, "")
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_example_that_is_there_to_be_copied_stands_on_one_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "katalogc", "render", "--help"], capture_output=True, text=True,
        env={**ENVIRONMENT, "COLUMNS": "60"}, check=True,
    )  # fmt: skip
    example = "katalogc render samples/datajob-katalog.yaml --cr samples/data-platform/cr.yaml"
    assert f"  Example: {example}\n" in ended.stdout
