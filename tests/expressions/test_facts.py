"""What is known of an expression before it runs: paths, clock, chance, failure, calls."""

from __future__ import annotations

import pytest

from katalog_runtime.functions import TABLE
from katalogc.expressions import attach_notes, check_calls, facts, note_cycles, parse


def reads(text: str) -> set[str]:
    """The paths that `text` reads, with dots."""
    return {".".join(str(each) for each in path) for path in facts(parse(text), TABLE).reads}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("constant", set()),
        ("{{ .spec.image }}:{{ .spec.tag }}", {"spec.image", "spec.tag"}),
        ("{{ range .spec.ports }}{{ .name }}{{ end }}", {"spec.ports", "spec.ports.*.name"}),
        (
            "{{ range $i, $p := .spec.ports }}{{ $i }}{{ $p.name }}{{ $.kind }}{{ end }}",
            {"spec.ports", "spec.ports.*.name", "kind"},
        ),
        (
            "{{ with .spec.tls }}{{ .secretName }}{{ else }}{{ .kind }}{{ end }}",
            {"spec.tls", "spec.tls.secretName", "kind"},
        ),
        ("{{ $s := .spec }}{{ $s.image }}", {"spec.image"}),
        ("{{ (.spec).image }}", {"spec.image"}),
        ('{{ index .metadata.annotations "a/b" }}', {"metadata.annotations.a/b"}),
        ('{{ (index .spec.users 0).name }}', {"spec.users.0.name"}),
        ("{{ index .spec.users .n }}", {"spec.users.*", "n"}),
        ('{{ .spec.x | default "1" | printf "%s" }}', {"spec.x"}),
        ("{{ (or .a .b).c }}", {"a.c", "b.c"}),
        ("{{ if eq .a .b }}{{ end }}", {"a", "b"}),
        (
            '{{ define "t" }}{{ .x }}{{ $.y }}{{ end }}{{ template "t" .spec }}',
            {"spec.x", "spec.y"},
        ),
        ("{{ $x := .a }}{{ if .b }}{{ $x = .c }}{{ end }}{{ $x.d }}", {"b", "a.d", "c.d"}),
        ("{{ . }}", {""}),
    ],
)  # fmt: skip
def test_paths_are_resolved_through_scopes(text: str, expected: set[str]) -> None:
    assert reads(text) == expected


def test_a_recursive_definition_ends() -> None:
    body = '{{ .v }}{{ range .kids }}{{ template "n" . }}{{ end }}'
    text = f'{{{{ define "n" }}}}{body}{{{{ end }}}}{{{{ template "n" .t }}}}'
    assert {"t.v", "t.kids", "t.kids.*.v"} <= reads(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{{ .spec.image }}", ("spec", "image")),
        ("  {{- $.spec.image -}} \n", ("spec", "image")),
        ("{{ .spec.image }}-x", None),
        ("{{ .a }}{{ .b }}", None),
        ("{{ .a | toUpper }}", None),
        ("{{ $x := .a }}", None),
        ("plain", None),
    ],
)
def test_a_lone_path_is_recognised(text: str, path: tuple[str, ...] | None) -> None:
    assert facts(parse(text), TABLE).is_lone_path == path


@pytest.mark.parametrize(
    ("text", "clock", "random"),
    [
        ("{{ .a }}", False, False),
        ("{{ timeSince .status.since }}", True, False),
        ("{{ if .x }}{{ uuidv4 }}{{ end }}", False, True),
        ("{{ .a | print (randomHex 4) }}", False, True),
    ],
)
def test_clock_and_chance_are_found_wherever_they_are_called(
    text: str, clock: bool, random: bool
) -> None:
    found = facts(parse(text), TABLE)
    assert (found.clock, found.random) == (clock, random)


@pytest.mark.parametrize(
    ("text", "can_fail"),
    [
        ("plain", False),
        ("{{ .kind }}", False),
        ("{{ .spec.image }}", True),
        ("{{ if .kind }}a{{ end }}", False),
        ("{{ index .l 3 }}", True),
        ("{{ range .l }}{{ end }}", True),
        ("{{ print .kind }}", False),
        ('{{ semverMajor "x" }}', True),
    ],
)
def test_what_cannot_fail_is_known(text: str, can_fail: bool) -> None:
    assert facts(parse(text), TABLE).can_fail is can_fail


def test_notes_count_as_part_of_the_expression_that_calls_them() -> None:
    notes = {"ready": parse("{{ .status.ready }}{{ since }}"), "since": parse("{{ timeSince .t }}")}
    found = facts(attach_notes(parse("{{ if ready }}x{{ end }}"), notes), TABLE)
    assert found.clock
    assert found.reads == {("status", "ready"), ("t",)}
    assert found.functions == {"timeSince"}


def test_notes_that_call_themselves_are_found_once() -> None:
    notes = {name: parse(f"{{{{ {called} }}}}") for name, called in ("ab", "bc", "ca", "db")}
    assert note_cycles(notes) == [("a", "b", "c", "a")]
    assert note_cycles({"a": parse("{{ b }}"), "b": parse("x")}) == []


@pytest.mark.parametrize(
    ("text", "message", "word", "suggestion"),
    [
        ("{{ toUper .a }}", "function `toUper` not defined", "toUper", "toUpper"),
        ("{{ .a | toUpper .b }}", "`toUpper` wants 1 argument, got 2", "toUpper", None),
        ("{{ printf }}", "`printf` wants at least 1 argument, got 0", "printf", None),
        ("{{ print (not) }}", "`not` wants 1 argument, got 0", "not", None),
        ("{{ print len }}", "`len` wants 1 argument, got 0", "len", None),
    ],
)
def test_wrong_calls_are_told_with_their_place(
    text: str, message: str, word: str, suggestion: str | None
) -> None:
    (mistake,) = check_calls(parse(text), TABLE)
    assert mistake.message == message
    assert text[mistake.start : mistake.end] == word
    assert suggestion is None or mistake.suggestion == suggestion


def test_right_calls_are_no_mistakes() -> None:
    text = '{{ .a | default "x" | toUpper | printf "%s" }}{{ note }}{{ eq 1 2 3 }}'
    assert list(check_calls(parse(text), TABLE, {"note": parse("x")})) == []


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("{{ spec.size }}", ".spec.size"),
        ("{{ toUpper metadata.labels.my-app }}", ".metadata.labels.my-app"),
        ("{{ endif }}", "end"),
        ("{{ spec }}", "spec obj → map"),
    ],
)
def test_a_path_without_its_dot_is_recognised(text: str, suggestion: str) -> None:
    (mistake,) = check_calls(parse(text), TABLE)
    assert mistake.suggestion == suggestion
    marked = text[mistake.start : mistake.end]
    assert not suggestion.startswith(".") or "." + marked == suggestion
