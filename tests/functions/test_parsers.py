"""Versions, quantities, addresses, patterns, YAML and JSON: what the Go libraries answer, and our bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalog_runtime.functions import go_net, kubernetes_names, quantity, semver
from katalog_runtime.functions.declaration import FunctionError
from katalog_runtime.functions.json_values import from_json, to_json
from katalog_runtime.functions.quantity import QuantityError
from katalog_runtime.functions.regular_expressions import PatternError, compile_pattern
from katalog_runtime.functions.yaml_text import from_yaml, to_yaml


@pytest.mark.parametrize(
    ("version", "constraint", "holds"),
    [
        ("1.2.3", "1.x || >=3", True),
        ("1.2.3", "!=1.2.x", False),
        ("2.0.0", ">1", True),
        ("1.9.0", ">1", False),
        ("0.0.4", "^0.0.3", False),
        ("0.1.9", "^0.1", True),
        ("1.2.3-beta", "~1.2.3-alpha", True),
        ("11.1.1", "<=11", True),
        ("5.0.0", "~0.0.0", True),
        ("1.4.0", "1.2 - 1.4", True),
        ("1.2.3", "^1.2.0 !=1.2.3", False),
    ],
)
def test_a_constraint(version: str, constraint: str, holds: bool) -> None:
    parsed = semver.parse_constraints(constraint)
    assert semver.satisfies(semver.parse(version), parsed) is holds


@pytest.mark.parametrize(
    "text", ["1.2.3-01", "1.2.3\n", "18446744073709551616", "1.2.3-" + "a" * 300]
)
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(semver.VersionError):
        semver.parse(text)


def test_a_hostile_constraint_is_answered_at_once() -> None:
    with pytest.raises(semver.VersionError):
        semver.parse_constraints(">=1.0.0 " * 500 + "!")


@pytest.mark.parametrize(
    ("text", "canonical", "value"),
    [
        ("0.1Gi", "107374182400m", Fraction(1 << 30, 10)),
        ("1.23456789012", "1234567891n", Fraction(1_234_567_891, 10**9)),
        ("9.5Ei", "9223372036854775807", Fraction((1 << 63) - 1)),
        ("1000E", "1", Fraction(10) ** 21),
        ("123e4", "1230e3", Fraction(1_230_000)),
        ("-0.5", "-500m", Fraction(-1, 2)),
        ("1024Ki", "1Mi", Fraction(1 << 20)),
    ],
)
def test_a_quantity(text: str, canonical: str, value: Fraction) -> None:
    parsed = quantity.parse(text)
    assert (str(parsed), parsed.value) == (canonical, value)


def test_quantities_are_added_and_compared_exactly() -> None:
    tenth = quantity.parse("0.1")
    total = quantity.add(quantity.add(tenth, tenth), tenth)
    assert str(total) == "300m"
    assert quantity.compare(total, quantity.parse("300m")) == 0
    assert quantity.compare(quantity.parse("1Gi"), quantity.parse("1G")) == 1
    assert str(quantity.add(quantity.parse("0"), quantity.parse("1Gi"))) == "1Gi"


@pytest.mark.parametrize("text", ["9" * 19 + "e99999999", "1" * 3000, "1e99999999999999999999"])
def test_a_quantity_beyond_all_reason_is_refused(text: str) -> None:
    with pytest.raises(QuantityError):
        quantity.parse(text)


def test_a_tiny_quantity_is_rounded_up_without_effort() -> None:
    assert str(quantity.parse("1e-99999999")) == "1e-9"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.from_regex(
        r"[+-]?[0-9]{0,22}(\.[0-9]{0,12})?(|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ei|e-?[0-9]{1,2})",
        fullmatch=True,
    )
)
def test_a_canonical_quantity_stays_as_it_is(text: str) -> None:
    try:
        once = quantity.parse(text)
    except QuantityError:
        return
    again = quantity.parse(str(quantity.Quantity(once.unscaled, once.scale, once.format)))
    plain = str(quantity.Quantity(again.unscaled, again.scale, again.format))
    if abs(once.value) < Fraction(10) ** 21:
        assert quantity.compare(once, again) == 0
        assert str(quantity.parse(plain)) == plain


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("1.2.3.4", True),
        ("::", True),
        ("1::2:3:4:5:6:7", True),
        ("1:2:3:4:5:6:7::", True),
        ("::ffff:1.2.3.4", True),
        ("1:2:3:4:5:6:1.2.3.4", True),
        ("1.2.3.04", False),
        ("1:2:3:4:5:6:7::8", False),
        ("1:2:3:4:5:6:7:1.2.3.4", False),
        ("::1.2.3.4:5", False),
        ("fe80::1%eth0", False),
        ("1:::2", False),
        (":1", False),
    ],
)
def test_an_address(text: str, valid: bool) -> None:
    assert (go_net.parse_ip(text) is not None) is valid


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("a" * 63, True),
        ("a" * 64, False),
        ("a/b/c", False),
        ("A.b-c_d", True),
        ("x.y/", False),
        ("é", False),
    ],
)
def test_a_label_key(name: str, valid: bool) -> None:
    assert kubernetes_names.is_qualified_name(name) is valid


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\p{Letter}", "é", True),
        (r"\p{greek}", "α", True),
        (r"^\p{Any}$", "\n", True),
        (r"^[\p{ASCII}]+$", "aé", False),
        (r"^\P{ASCII}$", "é", True),
        (r"[[:alpha:]\]()]", ")", True),
        (r"\Q(((\E", "(((", True),
        (r"(?P<n>a)(?P<n>b)", "ab", True),
        ("(?:" * 1001 + "a" + ")" * 1001, "a", True),
    ],
)
def test_a_pattern_in_go_s_dialect(pattern: str, text: str, found: bool) -> None:
    assert (compile_pattern(pattern).search(text) is not None) is found


@pytest.mark.parametrize(
    "pattern", ["(", r"\C", r"\p{Foo}", "(?=a)", "a{1001}", "(" * 1001 + ")" * 1001, "a" * 20_000]
)
def test_a_pattern_that_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_a_catastrophic_pattern_is_linear() -> None:
    assert compile_pattern("^(a+)+$").search("a" * 50_000 + "b") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": [1, 2.5, {"x": None}], "a": "t"}, "a: t\nb:\n- 1\n- 2.5\n- x: null"),
        ({"yes": "no", "n": "1"}, '"n": "1"\n"yes": "no"'),
        ({"text": "a\nb\n"}, "text: |\n  a\n  b"),
        ({"text": "a\nb"}, "text: |-\n  a\n  b"),
        ({"e": {}, "l": []}, "e: {}\nl: []"),
        ([["a"], []], "- - a\n- []"),
        ("2026-01-01", '"2026-01-01"'),
        ("a: b", "'a: b'"),
    ],
)
def test_yaml_is_written_as_kubernetes_tools_write_it(value: Any, text: str) -> None:
    assert to_yaml(value) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: yes", {"a": "yes"}),
        ("a: 1\nb: 1.0\nc: 0x10", {"a": 1, "b": 1.0, "c": 16}),
        ("[a, 'b', \"c\"]", ["a", "b", "c"]),
        ("a: 2026-01-01", {"a": "2026-01-01"}),
        ("1: {true: x}", {"1": {"true": "x"}}),
        ("", None),
        ("9223372036854775808", 9223372036854775808.0),
    ],
)
def test_yaml_is_read_with_the_types_of_json(text: str, value: Any) -> None:
    read = from_yaml(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("text", ["a: &x [1]\nb: *x", "a: [", "{a: 1}: b", "[" * 300])
def test_yaml_that_is_refused(text: str) -> None:
    with pytest.raises(FunctionError):
        from_yaml(text)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


def numbers_as_floats(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int() | float():
            return float(value)
        case list():
            return [numbers_as_floats(item) for item in value]
        case dict():
            return {key: numbers_as_floats(item) for key, item in value.items()}
        case _:
            return value


@settings(max_examples=150, deadline=None, derandomize=True)
@given(JSON)
def test_json_and_yaml_are_read_again_as_they_were_written(value: Any) -> None:
    assert numbers_as_floats(from_json(to_json(value))) == numbers_as_floats(value)
    assert numbers_as_floats(from_yaml(to_yaml(value))) == numbers_as_floats(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("<a>&\u2028", '"\\u003ca\\u003e\\u0026\\u2028"'),
        (1e21, "1e+21"),
        (1e-7, "1e-7"),
        (1e20, "100000000000000000000"),
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ('\x01\n"\\', '"\\u0001\\n\\"\\\\"'),
    ],
)
def test_json_is_written_as_go_writes_it(value: Any, text: str) -> None:
    assert to_json(value) == text


def test_a_value_nested_in_itself_many_times_over_is_refused() -> None:
    value: Any = "x"
    for _ in range(60):
        value = [value, value]
    with pytest.raises(FunctionError, match="longer than"):
        to_json(value)


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "[1,]", "NaN", "01", "'a'", ""])
def test_json_that_is_refused(text: str) -> None:
    with pytest.raises(FunctionError):
        from_json(text)
