import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from katalogc.codegen.yaml_emitter import Commented, Inline, emit, emit_stream

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
TRICKY = [
    "yes", "no", "on", "y", "N", "~", "null", "=", "<<", "?", ":", "-", "-1", "0123", "0x1f", "1e3",
    "1:30", ".5", "0.1.0", "1_000", "+.inf", "---", "...", "2026-01-01", "*x", "&x", "!x", "%x",
    "@x", "`x`", "\u2028", "\x85", "- a", "a: b", "a #b", " a", "a ", "? x", "{{ .spec.image }}",
    "a 'b'", 'a "b"', "a \"b' c", "a\nb", "a\nb\n", "\na", "a\n\n", "a\u2028b\nc", "a\n---\nb",
    "a\n b\n", "a\n\tb", "a \nb",
]  # fmt: skip
tricky = st.sampled_from(TRICKY)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    text,
    tricky,
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(text, tricky), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(values)
def test_whatever_is_emitted_reads_back_as_the_same_value(value):
    assert yaml.safe_load(emit(value)) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"b": 1, "a": 2}, "b: 1\na: 2\n", id="keys-keep-their-order"),
        pytest.param(
            {"a": ["x", {"k": 1, "l": 2}]}, "a:\n- x\n- k: 1\n  l: 2\n", id="kubectl-lists"
        ),
        pytest.param({"a": {}, "b": []}, "a: {}\nb: []\n", id="empty-collections"),
        pytest.param({"a": "x\ny\n"}, "a: |\n  x\n  y\n", id="literal-block"),
        pytest.param({"a": "x\ny"}, "a: |-\n  x\n  y\n", id="literal-block-without-last-newline"),
        pytest.param({"v": "0.1.0"}, "v: 0.1.0\n", id="plain-where-it-is-safe"),
        pytest.param({"v": "1.0"}, 'v: "1.0"\n', id="number-like-text-is-quoted"),
        pytest.param({"v": "yes"}, 'v: "yes"\n', id="yaml-1.1-boolean-is-quoted"),
        pytest.param({"v": "1e3"}, 'v: "1e3"\n', id="go-float-is-quoted"),
        pytest.param([[1, 2], [3]], "- - 1\n  - 2\n- - 3\n", id="nested-lists"),
    ],
)
def test_form(value, expected):
    assert emit(value) == expected


def test_comments_stand_above_list_items_and_keys_and_do_not_change_the_value():
    rules = {"rules": [Commented("why this\nand that", {"verbs": ["get"]}), {"verbs": ["list"]}]}
    emitted = emit({"kind": "Role", **rules, "x": Commented("about x", 1)}, comment="top")
    assert emitted == (
        "# top\nkind: Role\nrules:\n# why this\n# and that\n- verbs:\n  - get\n"
        "- verbs:\n  - list\n# about x\nx: 1\n"
    )
    assert yaml.safe_load(emitted)["rules"] == [{"verbs": ["get"]}, {"verbs": ["list"]}]


def test_a_comment_inside_a_list_item_keeps_the_item_whole():
    emitted = emit([{"a": Commented("why", 1), "b": 2}])
    assert yaml.safe_load(emitted) == [{"a": 1, "b": 2}]
    assert "# why" in emitted


def test_inline_lists_read_back_as_lists():
    words = ["", "get", "a,b", "[x]", "yes"]
    emitted = emit({"verbs": Inline(words)})
    assert emitted == 'verbs: ["", get, "a,b", "[x]", "yes"]\n'
    assert yaml.safe_load(emitted) == {"verbs": words}


def test_documents_of_a_stream_are_separated():
    assert emit_stream([{"a": 1}, {"b": 2}], comment="head") == "# head\na: 1\n---\nb: 2\n"
    assert list(yaml.safe_load_all(emit_stream([{"a": 1}, {"b": 2}]))) == [{"a": 1}, {"b": 2}]


def test_a_value_that_is_not_json_is_refused():
    with pytest.raises(TypeError, match="set is no JSON value"):
        emit({"a": {1, 2}})
