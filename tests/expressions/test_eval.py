"""`katalogc eval`: by hand and by the thousand."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from katalogc.commands import eval as command
from katalogc.errors import SurroundingsError


def run(capsys: pytest.CaptureFixture[str], text: str, **options: object) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    code = command.run(text=text, **options)  # type: ignore[arg-type]  # the options of the command line
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "cr.yaml"
    path.write_text("spec:\n  image: nginx\n  count: 1\n  ratio: 1.0\n")
    return str(path)


def test_yaml_data_keep_integers_and_floats_apart(
    capsys: pytest.CaptureFixture[str], data: str
) -> None:
    text = '{{ printf "%T %T" .spec.count .spec.ratio }}'
    assert run(capsys, text, data=data) == (0, "int64 float64\n", "")


def test_json_data_are_read_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text('{"a": 1.0, "b": 9223372036854775808}')
    text = '{{ printf "%T %T" .a .b }}'
    assert run(capsys, text, data=str(path)) == (0, "float64 float64\n", "")


def test_the_braces_may_be_left_out(capsys: pytest.CaptureFixture[str], data: str) -> None:
    assert run(capsys, ".spec.image | toUpper", data=data) == (0, "NGINX\n", "")


def test_a_syntax_error_has_a_caret(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "a\n{{ .b | toUper }}") == (
        1,
        "",
        "error: function `toUper` not defined; did you mean `toUpper`?\n"
        "  |\n"
        "  | {{ .b | toUper }}\n"
        "  |         ^^^^^^\n",
    )


def test_a_failing_evaluation_has_a_caret(capsys: pytest.CaptureFixture[str], data: str) -> None:
    code, out, err = run(capsys, "x\n\t{{ .spec.image.tag }}", data=data)
    assert (code, out) == (1, "")
    assert err == (
        'error: cannot read field `tag`: `.spec.image` is a string "nginx", expected a map\n'
        "  |\n"
        "  |  {{ .spec.image.tag }}\n"
        "  |     ^^^^^^^^^^^^^^^\n"
    )


def test_wrong_calls_are_found_without_reaching_them(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "{{ if .never }}{{ toUpper }}{{ end }}")
    assert code == 1
    assert err.startswith("error: `toUpper` wants 1 argument, got 0")


def test_a_field_that_is_not_there_is_hinted_at(
    capsys: pytest.CaptureFixture[str], data: str
) -> None:
    code, out, err = run(capsys, "[{{ .spec.imgae }}{{ .spec.imgae }}{{ .x }}]", data=data)
    assert (code, out) == (0, "[]\n")
    assert err == (
        "note: `.spec.imgae` is not in the data; did you mean `.spec.image`?\n"
        "note: `.x` is not in the data\n"
    )


def test_strict_mode_prints_what_go_prints(capsys: pytest.CaptureFixture[str], data: str) -> None:
    assert run(capsys, " {{ .x }} ", data=data, strict=True) == (0, " <no value> \n", "")
    assert run(capsys, "{{ .x.y }}", data=data, strict=True)[0] == 1
    assert run(capsys, "{{ .a-b }}", data=data, strict=True)[0] == 1
    assert run(capsys, "{{ .a-b }}", data=data)[0] == 0


def test_data_that_are_no_mapping_are_the_users_mistake(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("- 1\n")
    assert run(capsys, "{{ . }}", data=str(path))[0] == 1
    path.write_text("a: [1\n")
    assert run(capsys, "{{ . }}", data=str(path))[0] == 1
    path.write_text("")
    assert run(capsys, "{{ . }}", data=str(path))[:2] == (0, "map[]\n")


def test_a_file_that_is_not_there_is_the_surroundings(tmp_path: Path) -> None:
    with pytest.raises(SurroundingsError, match="cannot read"):
        command.run(text="{{ . }}", data=str(tmp_path / "none.yaml"))


def test_no_expression_is_a_usage_error() -> None:
    with pytest.raises(SurroundingsError, match="give an expression"):
        command.run(text="")


def test_a_batch_answers_line_by_line_in_order() -> None:
    requests = [
        {"template": "{{ .a }}", "data": {"a": "é "}},
        {"template": "{{ .a"},
        {"template": "{{ .a.b }}", "data": {"a": 1}},
        {"template": "{{ .a.b }}", "data": {}},
        {"template": '{{ "\\xff" }}'},
    ]
    lines = [json.dumps(each) for each in requests]
    lenient = [json.loads(each) for each in command.answers([*lines, "not json"], strict=False)]
    assert lenient[0] == {"output": "é"}
    assert [each.get("error") for each in lenient] == [None, "parse", "exec", None, None, "parse"]
    assert lenient[3] == {"output": ""}
    assert lenient[4] == {"output": "\ufffd"}
    strict = [json.loads(each) for each in command.answers(lines, strict=True)]
    assert strict[3]["error"] == "exec"


def test_the_batch_command_reads_and_writes_streams(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = json.dumps({"template": "{{ .a }}", "data": {"a": "日"}}, ensure_ascii=False)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(request.encode())))
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", output)
    assert command.run(text="", batch=True) == 0
    output.seek(0)
    assert json.loads(output.buffer.read()) == {"output": "日"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("1.0", 1.0),
        ("1e3", 1000.0),
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775808", 9.223372036854775808e18),
        ("123456789012345678901234567890", 1.2345678901234568e29),
        ('"\\ud800x"', "\ufffdx"),
        ('"\\ud83d\\ude00"', "😀"),
    ],
)
def test_numbers_are_decoded_as_kubernetes_decodes_them(text: str, value: object) -> None:
    found = command.decode(text)
    assert found == value
    assert type(found) is type(value)
