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
        pytest.param(
            ["render", SAMPLE],
            "katalogc: render needs a custom resource: give a file with --cr FILE\n",
            id="no-custom-resource",
        ),
        pytest.param(
            ["cluster", "--data", "/proc/nowhere/state.json"],
            "katalogc: the cluster's state cannot be written to /proc/nowhere/state.json: ",
            id="no-folder-for-the-state",
        ),
        pytest.param(["eval"], "katalogc: give an expression", id="no-expression"),
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


def test_render_on_a_terminal_asks_for_a_file_and_does_not_wait() -> None:
    keyboard, terminal = os.openpty()
    ended = subprocess.run(
        [sys.executable, "-m", "katalogc", "render", SAMPLE], capture_output=True, text=True,
        env=ENVIRONMENT, stdin=terminal, timeout=60, check=False,
    )  # fmt: skip
    os.close(terminal)
    os.close(keyboard)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "give a file with --cr FILE, or `--cr -` to type one" in ended.stderr


def test_render_reads_a_pipe_and_shows_an_object_of_both_blocks_once() -> None:
    katalog = Path(__file__).parents[1] / "corpus" / "good" / "created_once_and_kept_in_sync.yaml"
    order = '{apiVersion: shop.example.com/v1, kind: Order, metadata: {name: one}, spec: {a: "3"}}'
    ended = subprocess.run(
        [sys.executable, "-m", "katalogc", "render", str(katalog)], capture_output=True, text=True,
        env=ENVIRONMENT, input=order, timeout=60, check=True,
    )  # fmt: skip
    about = [line.split(", ")[:2] for line in ended.stdout.splitlines() if line.startswith("# ")]
    assert about == [
        ["# ServiceAccount", "created while absent"],
        ["# ConfigMap", "kept in sync"],
        ["# Deployment", "kept in sync"],
    ]


def test_the_version_is_told_as_users_ask_for_it() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "katalogc", "--version"], capture_output=True, text=True,
        env=ENVIRONMENT, check=True,
    )  # fmt: skip
    assert ended.stdout.removeprefix("katalogc ").strip().replace(".", "").isdigit()
