"""Where standard output cannot take what a command prints: exit codes and words, no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

KATALOGC = [sys.executable, "-m", "katalogc"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

PRINTING = pytest.mark.parametrize(
    "command",
    [
        pytest.param(["version"], id="short"),
        pytest.param(["functions"], id="long"),
        pytest.param(["--help"], id="help"),
    ],
)


@PRINTING
def test_a_full_disk_is_told_in_one_line(command: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*KATALOGC, *command], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, text=True,
            check=False,
        )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr == (
        "katalogc: standard output cannot be written: no space left on device\n"
    )


@PRINTING
def test_a_reader_that_went_away_ends_the_command_quietly(command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [*KATALOGC, *command], stdout=writing, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (-signal.SIGPIPE, b"")


@PRINTING
def test_a_closed_standard_output_is_no_bug(command: list[str]) -> None:
    closed = f"exec {sys.executable} -m katalogc {' '.join(command)} >&-"
    ended = subprocess.run(["sh", "-c", closed], capture_output=True, env=ENVIRONMENT, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
