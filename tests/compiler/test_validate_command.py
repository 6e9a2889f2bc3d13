"""`katalogc validate`: exit codes, where output goes, which files are read, what is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from katalogc.commands import validate
from katalogc.errors import SurroundingsError
from tests.compiler.katalogs import katalog

GOOD = katalog("operatorBox: {onCreate: {configMaps: [{data: {A: '{{ .spec.a }}'}}]}}\n")
BAD = katalog("operatorBox: {onCraete: {}}\n")


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_good_katalog_exits_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "katalog.yaml", GOOD)
    assert validate.run([str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "1 document checked, all is well" in printed.err


def test_a_bad_katalog_exits_1_and_is_shown_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "katalog.yaml", BAD)
    assert validate.run([file], format="concise") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"{file}:8:21: error[KAT104] unknown field `onCraete`" in printed.err


def test_json_goes_to_stdout_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, "katalog.yaml", BAD)
    assert validate.run([file], format="json") == 1
    printed = capsys.readouterr()
    assert printed.err == ""
    data = json.loads(printed.out)
    assert (data["errors"], data["warnings"]) == (1, 0)
    assert data["documents"] == [{"file": file, "kind": "Katalog", "name": "shop"}]


@pytest.mark.parametrize("format", ["sarif", "github"])
def test_other_machine_formats_go_to_stdout(
    format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert validate.run([write(tmp_path, "k.yaml", BAD)], format=format) == 1
    assert "KAT104" in capsys.readouterr().out


def test_what_is_not_there_is_no_diagnostic(tmp_path: Path) -> None:
    with pytest.raises(SurroundingsError, match="no such file"):
        validate.run([str(tmp_path / "nowhere.yaml")])
    with pytest.raises(SurroundingsError, match=r"no katalog\.yaml"):
        validate.run([str(tmp_path)])
    with pytest.raises(SurroundingsError, match="no such format"):
        validate.run([str(tmp_path)], format="xml")


def test_folders_are_searched_for_documents_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "a/katalog.yaml", GOOD)
    write(tmp_path, "b/broken.yaml", "apiVersion: orkestra.orkspace.io/v1\nkind: [")
    write(tmp_path, "b/service.yaml", "apiVersion: v1\nkind: Service\n")
    write(tmp_path, ".git/katalog.yaml", BAD)
    assert validate.run([str(tmp_path)], recursive=True, format="json") == 1
    data = json.loads(capsys.readouterr().out)
    assert [each["code"] for each in data["diagnostics"] if each["severity"] == "error"] == [
        "KAT001"
    ]
    assert len(data["documents"]) == 1


def test_a_named_file_is_checked_whatever_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "service.yaml", "apiVersion: v1\nkind: Service\n")
    assert validate.run([file], format="concise") == 1
    assert "kind `Service` is not known" in capsys.readouterr().err


def test_validate_imports_neither_clients_nor_generators(tmp_path: Path) -> None:
    file = write(tmp_path, "katalog.yaml", GOOD)
    program = (
        "import sys\n"
        "from katalogc.cli import prepared\n"
        "try:\n"
        f"    prepared(['validate'])(['validate', {file!r}, '--format', 'concise'])\n"
        "except SystemExit as error:\n"
        "    assert error.code == 0, error.code\n"
        "print('\\n'.join(sorted(sys.modules)))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    ).stdout
    modules = printed.split()
    roots = {name.split(".")[0] for name in modules}
    assert not roots & {"kubernetes", "aiohttp", "rich", "jinja2", "asyncio", "uvloop", "orjson"}
    assert not [name for name in modules if name.startswith("katalogc.codegen")]
    assert not [name for name in modules if name.startswith("katalogc.localcluster")]


def test_a_folder_without_documents_is_a_usage_error(tmp_path: Path) -> None:
    write(tmp_path, "values.yaml", "a: 1\n")
    with pytest.raises(SurroundingsError, match="no documents of the language"):
        validate.run([str(tmp_path)], recursive=True)
