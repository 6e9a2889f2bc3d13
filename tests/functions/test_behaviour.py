"""What examples alone do not show: quirks that are kept, the clock, chance, and bounds."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from katalog_runtime.functions import TABLE
from katalog_runtime.functions.declaration import CallContext, FunctionError
from tests.functions.context import NOW, call, context, render


def test_default_takes_the_fallback_first_in_both_forms() -> None:
    data = {"spec": {"replicas": 5}}
    assert render("{{ default 1 .spec.replicas }} {{ .spec.replicas | default 1 }}", data) == "5 5"
    assert render("{{ default .spec.replicas 1 }}", data) == "1"


@pytest.mark.parametrize(
    ("value", "output"),
    [
        (0, "yes"),
        (0.0, "no"),
        ("", "no"),
        ("<no value>", "yes"),
        ([], "no"),
        ({}, "no"),
        (False, "no"),
    ],
)
def test_ternary_keeps_the_reference_s_truth(value: Any, output: str) -> None:
    assert render('{{ ternary .v "yes" "no" }}', {"v": value}) == output


def test_integers_are_computed_exactly() -> None:
    assert call("add", (1 << 62) + 1, 1) == (1 << 62) + 2
    assert call("sub", (1 << 53) + 1, 1) == 1 << 53
    assert call("mul", 1 << 40, 1 << 40) == float(1 << 80)
    assert call("div", 7, 2) == 3.5
    assert call("mod", -7, 3) == -1


@pytest.mark.parametrize("name", ["div", "mod"])
def test_dividing_by_zero_is_an_error(name: str) -> None:
    with pytest.raises(FunctionError, match="division by zero"):
        call(name, 1, 0)


def test_a_number_of_the_data_equals_a_literal_in_a_list() -> None:
    assert (
        render("{{ listHas .ports 8080 }} {{ has 1.0 .ports }}", {"ports": [8080, 1]})
        == "true false"
    )


def test_time_format_keeps_the_zone_of_the_timestamp() -> None:
    assert call("timeFormat", "2026-03-22T08:15:30+02:00", "15:04 -07") == "08:15 +02"


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=59.9), "59s ago"),
        (timedelta(minutes=59), "59m ago"),
        (timedelta(hours=23), "23h ago"),
        (timedelta(days=40), "40d ago"),
        (timedelta(seconds=-5), "-5s ago"),
    ],
)
def test_time_ago_counts_in_one_unit(age: timedelta, text: str) -> None:
    assert call("timeAgo", "2026-01-01T00:00:00Z", now=NOW + age) == text


def test_a_duration_may_pass_before_something_is_expired() -> None:
    stamp = "2025-12-01T00:00:00Z"
    assert call("isExpired", stamp, "31d") is False
    assert call("isExpired", stamp, "31d", now=NOW + timedelta(seconds=1)) is True
    assert call("isExpired", "nonsense", "1s") is False
    assert call("isExpired", stamp, "nonsense") is False


@pytest.mark.parametrize(
    ("hour", "inside"), [((8, 59), False), ((9, 0), True), ((17, 59), True), ((18, 0), False)]
)
def test_a_window_includes_its_beginning_and_not_its_end(
    hour: tuple[int, int], inside: bool
) -> None:
    now = datetime(2026, 1, 1, *hour, tzinfo=UTC)
    assert call("timeInWindow", "09:00", "18:00", now=now) is inside
    assert call("timeNotInWindow", "09:00", "18:00", now=now) is not inside


def test_a_window_is_read_in_utc_whatever_the_clock_s_zone() -> None:
    from datetime import timezone

    now = datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=3)))  # 22:00 UTC
    assert call("timeInWindow", "21:00", "23:00", now=now) is True


def test_the_weekend_is_saturday_and_sunday() -> None:
    days = [call("weekend", now=NOW + timedelta(days=number)) for number in range(7)]
    assert days == [False, False, True, True, False, False, False]


def test_chance_comes_from_the_context_alone() -> None:
    for name in ("randomAlphanumeric", "randomHex", "randomBase64", "randAscii"):
        draw = TABLE[name].call
        assert draw(context(seed=1), 24) == draw(context(seed=1), 24)
        assert draw(context(seed=1), 24) != draw(context(seed=2), 24)
    assert call("randomAlphanumeric", 500).isalnum()
    assert call("uuidv4")[14] == "4"


def test_two_drawings_from_one_context_differ() -> None:
    here = CallContext(now=lambda: NOW, chance=random.Random(3))
    draw = TABLE["randomHex"].call
    assert draw(here, 16) != draw(here, 16)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("repeat", ["ab", 1 << 40]),
        ("until", [1 << 40]),
        ("untilStep", [0, 1 << 60, 1]),
        ("seq", [1 << 40]),
        ("indent", [1 << 40, "a"]),
        ("randomHex", [1 << 40]),
        ("randAlpha", [1 << 40]),
        ("replace", ["a" * 5000, "a", "b" * 5000]),
        ("regexReplaceAll", ["a", "a" * 5000, "b" * 5000]),
        ("split", ["," * 20_000, ","]),
        ("regexFindAll", ["", "a" * 20_000, -1]),
        ("join", [["a" * 1000] * 2000, ""]),
    ],
)
def test_no_result_grows_beyond_its_bound(name: str, arguments: list[Any]) -> None:
    with pytest.raises(FunctionError, match=r"would (be longer|have more)"):
        call(name, *arguments)


def test_a_cut_leaves_no_half_character() -> None:
    assert call("truncate", "aé日本語", 7) == "aé..."
    assert call("truncateName", "日本", 4) == "日"
    assert call("trunc", -4, "日本") == "本"


@pytest.mark.parametrize(
    ("name", "text", "output"),
    [
        ("camelToKebab", "HTTPRequest", "http-request"),
        ("camelToKebab", "myAppName", "my-app-name"),
        ("snakecase", "HTTPServer", "http_server"),
        ("snakecase", "GO_PATH", "go_path"),
        ("kebabcase", "first name", "first-name"),
        ("camelcase", "no_https", "NoHttps"),
        ("title", "o'neill x_y", "O'Neill X_y"),
        ("toUpper", "straße", "STRAßE"),
        ("toLower", "ΑΣ", "ας".replace("ς", "σ")),
        ("slugify", "--Ünï_code--", "n-code"),
        ("repoSlug", "https://example.com/org/App.git/", "app"),
    ],
)
def test_words_and_case(name: str, text: str, output: str) -> None:
    assert call(name, text) == output


@pytest.mark.parametrize(
    ("pattern", "text", "most", "parts"),
    [
        ("a", "banana", -1, ["b", "n", "n", ""]),
        ("a", "banana", 2, ["b", "nana"]),
        ("", "abc", -1, ["a", "b", "c"]),
        ("z", "abc", -1, ["abc"]),
        ("a", "", -1, [""]),
        ("a", "banana", 0, []),
    ],
)
def test_a_split_by_pattern_is_go_s(pattern: str, text: str, most: int, parts: list[str]) -> None:
    assert call("regexSplit", pattern, text, most) == parts


@pytest.mark.parametrize(
    ("pattern", "text", "replacement", "output"),
    [
        ("a*", "baac", "x", "xbxcx"),
        ("(?P<n>a)(b)?", "ab a", "<${n}$2$$>", "<ab$> <a$>"),
        ("(a)", "a", "$1x", ""),
        ("é", "aéa", "$0$0", "aééa"),
    ],
)
def test_a_replacement_by_pattern_is_go_s(
    pattern: str, text: str, replacement: str, output: str
) -> None:
    assert call("regexReplaceAll", pattern, text, replacement) == output


def test_merging_keeps_the_arguments_as_they_were() -> None:
    left = {"a": {"x": 1}, "e": ""}
    right = {"a": {"x": 2, "y": 3}, "e": "set"}
    assert call("merge", left, right) == {"a": {"x": 1, "y": 3}, "e": "set"}
    assert call("mergeOverwrite", left, right) == {"a": {"x": 2, "y": 3}, "e": "set"}
    assert left == {"a": {"x": 1}, "e": ""}
    assert right == {"a": {"x": 2, "y": 3}, "e": "set"}


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("team@example.com", True),
        ("User <team@example.com>", False),
        ("a@b@c", False),
        ('"a b"@example.com', True),
        ("a..b@example.com", False),
    ],
)
def test_an_email_address(text: str, valid: bool) -> None:
    assert call("isValidEmail", text) is valid


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("https://example.com", True),
        ("HTTP://user:p@example.com:8080/x?y=1", True),
        ("https://[::1]:443/", True),
        ("ftp://example.com", False),
        ("https://", False),
        ("https://exa mple.com", False),
        ("https://example.com/%zz", False),
        ("/path", False),
    ],
)
def test_a_url(text: str, valid: bool) -> None:
    assert call("isValidURL", text) is valid


def test_old_replica_sets_wait_for_the_status() -> None:
    sets = [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}, "broken"]
    assert call("oldDeploymentReplicaSets", {"_replicaSets": sets}) == ""
    current = {"_replicaSets": sets, "status": {"currentReplicaSet": "b"}}
    assert call("oldDeploymentReplicaSets", current) == "a"


def test_an_error_ends_the_template_with_its_reason() -> None:
    from katalog_runtime.expressions import ExpressionError

    with pytest.raises(ExpressionError, match=r"spec\.image is missing"):
        render('{{ required "spec.image is missing" .spec.image }}')
    with pytest.raises(ExpressionError, match="wrong type for value; expected string; got int"):
        render("{{ semverMajor .v }}", {"v": 5})
