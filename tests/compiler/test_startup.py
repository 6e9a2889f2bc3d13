"""What a command loads before it answers: counted in modules, for seconds depend on the machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.compiler.katalogs import katalog

GOOD = katalog("operatorBox: {onCreate: {configMaps: [{data: {A: '{{ .spec.a }}'}}]}}\n")
PROGRAM = """
import sys
from katalogc.__main__ import main
sys.argv = ["katalogc", *{arguments!r}]
try:
    main()
except SystemExit as error:
    assert not error.code, error.code
sys.stderr.write("\\n".join(["modules:", *sorted(sys.modules)]))
"""


def modules_of(*arguments: str) -> set[str]:
    """The modules that are loaded when `katalogc` with these arguments ends."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(arguments=arguments)],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    return set(ended.stderr.rpartition("modules:")[2].split())


@pytest.fixture(scope="module")
def of_validate(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    file = tmp_path_factory.mktemp("katalog") / "katalog.yaml"
    file.write_text(GOOD, encoding="utf-8")
    return modules_of("validate", str(file), "--format", "concise")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("katalog_runtime.bundle", id="bundle"),
        pytest.param("katalogc.ir", id="representation"),
        pytest.param("katalogc.lower", id="lowering"),
        pytest.param("katalog_runtime.functions", id="functions"),
        pytest.param("katalog_runtime.expressions.compiled", id="evaluator"),
        pytest.param("katalog_runtime.expressions.predefined", id="predefined-functions"),
    ],
)
def test_checking_does_not_load(name: str, of_validate: set[str]) -> None:
    assert "katalogc.checks" in of_validate
    assert not [each for each in of_validate if each == name or each.startswith(f"{name}.")]


def test_help_loads_the_command_line_alone() -> None:
    roots = {name.split(".")[0] for name in modules_of("--help")}
    assert not roots & {"pydantic", "yaml", "rich", "kubernetes", "aiohttp"}


@pytest.mark.parametrize(("command", "searched"), [("validate", False), ("run", True)])
def test_cycles_are_searched_for_in_commands_that_stay(command: str, searched: bool) -> None:
    program = (
        "import gc, sys\n"
        "default = gc.get_threshold()\n"
        f"sys.argv = ['katalogc', {command!r}]\n"
        "import katalogc.__main__\n"
        "print(gc.get_threshold() == default)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    assert ended.stdout.strip() == str(searched)
