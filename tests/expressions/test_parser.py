"""Text in, tree out: places of mistakes, the Katalog's additions to Go's grammar, bounds."""

from __future__ import annotations

import pytest

from katalog_runtime.expressions.tree import Action, Field, Variable
from katalogc.expressions import Template, TemplateSyntaxError, parse
from tests.expressions.data import render


def lone(template: Template) -> object:
    """The one operand of a template that holds one action."""
    (action,) = template.body
    assert isinstance(action, Action)
    return action.pipe.commands[0].operands[0]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{{ .a | toUper }}", "toUper"),
        ("one\n{{ .a == 2 }}", "="),
        ("{{ if .a }}x", "if"),
        ('{{ "\\z" }}', '"\\z"'),
        ("{{ $x }}", "$x"),
        ("{{ .a }}{{ 0b2 }}", "0b2"),
        ("{{ .a ", "{{"),
        ("{{ (.a }}", "}}"),
        ("{{ range .l }}{{ end }}{{ break }}", "break"),
    ],
)
def test_a_syntax_error_points_at_the_offending_piece(text: str, wrong: str) -> None:
    with pytest.raises(TemplateSyntaxError) as error:
        parse(text, {"toUpper"})
    assert text[error.value.start : error.value.end].strip() == wrong


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ toUper .a }}", "function `toUper` not defined; did you mean `toUpper`?"),
        ("{{ Index .a 1 }}", "function `Index` not defined; did you mean `index`?"),
        ("{{ .a == 2 }}", "unexpected `=` in operand; to compare, write `eq a b`"),
        ("{{ .a.b[0] }}", "bad character U+005B '['; write `index list 0`"),
        ("{{ .a }", "unexpected `}` in operand; an expression ends with `}}`"),
        (
            "{{ toUpper(.a) }}",
            "unexpected `(` in operand; arguments follow after a space: `default 3 .spec.size`",
        ),
        ("{{ elif .a }}", "function `elif` not defined; did you mean `else if`?"),
        ("{{ if .a }}x", "unexpected end of the text: `if` has no `{{end}}`"),
        ("{{ else }}", "unexpected {{else}}"),
        ("{{ $x }}", "undefined variable `$x`"),
    ],
)
def test_a_syntax_error_says_what_is_wrong_and_what_may_have_been_meant(
    text: str, message: str
) -> None:
    with pytest.raises(TemplateSyntaxError) as error:
        parse(text, {"toUpper"})
    assert error.value.message == message


def test_unknown_functions_are_left_to_the_call_check_where_no_table_is_given() -> None:
    assert parse("{{ nosuch .a }}").called_names() == {"nosuch"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ .children.deployments.my-service }}", ("children", "deployments", "my-service")),
        ("{{ .a-b--c.d-1 }}", ("a-b--c", "d-1")),
        ("{{ .x-}}", None),
        ("{{ .x -}}", ("x",)),
    ],
)
def test_hyphens_belong_to_a_key_outside_strict_mode(
    text: str, names: tuple[str, ...] | None
) -> None:
    if names is None:
        with pytest.raises(TemplateSyntaxError):
            parse(text)
        return
    operand = lone(parse(text))
    assert isinstance(operand, Field)
    assert operand.names == names


def test_hyphens_in_a_path_are_refused_in_strict_mode() -> None:
    with pytest.raises(TemplateSyntaxError, match=r"bad character U\+002D"):
        parse("{{ .a.my-service }}", strict=True)


def test_a_variables_hyphenated_field_is_read() -> None:
    operand = lone(parse("{{ $.metadata.labels.my-team }}"))
    assert operand == Variable(3, "$", ("metadata", "labels", "my-team"))


def test_motif_inputs_may_be_written_without_the_dot() -> None:
    assert (
        render("{{ inputs.image }}:{{ .inputs.tag }}", {"inputs": {"image": "a", "tag": 1}})
        == "a:1"
    )


@pytest.mark.parametrize("depth", [199, 150])
def test_deep_nesting_within_the_bound_works(depth: int) -> None:
    assert render("{{" + "(" * depth + "1" + ")" * depth + "}}") == "1"
    assert render("{{if 1}}" * depth + "x" + "{{end}}" * depth) == "x"


@pytest.mark.parametrize(
    "text",
    [
        "{{" + "(" * 300 + "1" + ")" * 300 + "}}",
        "{{" + "(len (print " * 300 + "1" + "))" * 300 + "}}",
        "{{if 1}}" * 300 + "{{end}}" * 300,
        "{{if 1}}" + "{{else if 1}}" * 5000 + "{{end}}",
        "{{block `a` .}}" * 5000 + "{{end}}" * 5000,
        "{{" + "(" * 100_000,
    ],
    ids=["parentheses", "calls", "blocks", "else-if", "definitions", "unclosed"],
)
def test_deeper_nesting_is_a_syntax_error(text: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="nested more than 200 deep"):
        parse(text)


def test_calls_within_calls_work_as_deep_as_the_parser_allows() -> None:
    assert render("{{" + "(print " * 99 + "1" + ")" * 99 + "}}") == "1"


def test_a_template_without_actions_is_its_own_constant() -> None:
    template = parse("just } text { with %d")
    assert render("just } text { with %d") == "just } text { with %d"
    assert template.called_names() == set()


def test_lines_and_columns_count_from_one() -> None:
    template = parse("ab\n  {{ .x }}")
    (_, action) = template.body
    assert isinstance(action, Action)
    assert template.position(action.pipe.at) == (2, 6)
