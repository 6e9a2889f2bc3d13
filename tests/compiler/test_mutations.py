"""A good Katalog with one thing broken: the diagnostic stands on the line that was broken.

Every mutation knows its line. Two at once are both found, where the file can still be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from katalogc.compiler import Checked, check_file
from katalogc.diagnostics import Severity
from tests.compiler.katalogs import TextFiles

KATALOG = """\
apiVersion: orkestra.orkspace.io/v1
kind: Katalog
metadata:
  name: shop
  version: "1.0"
notes:
  functions:
    - name: image
      expression: '{{ default "nginx:1.29" .spec.image }}'
spec:
  crds:
    order:
      crdFile: crd.yaml
      namespaced: true
      dependsOn: [customer]
      imports:
        - motif: motif.yaml
          with:
            size: "{{ .spec.size }}"
      operatorBox:
        reconciler:
          workers: 5
          resync: "30s"
        onCreate:
          secrets:
            - name: "{{ .metadata.name }}-key"
              once: true
              rotateAfter: "90d"
              data:
                KEY: "{{ randomHex 16 }}"
        onReconcile:
          deployments:
            - name: "{{ .metadata.name }}-web"
              image: "{{ image }}"
              replicas: "{{ .spec.size }}"
              port: 8080
              serviceAccountName: "{{ .metadata.name }}"
              labels:
                team: shop
        status:
          fields:
            - path: size
              value: "{{ .spec.size }}"
              type: int
    customer:
      apiTypes:
        group: shop.example.com
        version: v1
        kind: Customer
        plural: customers
"""
MOTIF = """\
apiVersion: orkestra.orkspace.io/v1
kind: Motif
metadata:
  name: settings
inputs:
  - name: size
    required: true
resources:
  configMaps:
    - name: "{{ .metadata.name }}-settings"
      data:
        SIZE: '{{ index .inputs "size" }}'
"""
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: orders.shop.example.com
spec:
  group: shop.example.com
  scope: Namespaced
  names: {kind: Order, plural: orders}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                image: {type: string}
                size: {type: integer}
"""
LINES = KATALOG.splitlines()
KEY = re.compile(r"( *(?:- )?)(\w+):(.*)")
FREE = frozenset({"order", "customer", "KEY", "team"})
"""Keys that the user chooses."""
Mutation = Callable[[str, str, str], str | None]
"""(what stands before a key, the key, what stands after its colon) to the broken line."""


def _expression(replacement: str) -> Mutation:
    def mutate(before: str, key: str, rest: str) -> str | None:
        if rest[:2] != ' "' or "{{" not in rest:
            return None
        return before + key + ":" + re.sub(r"\{\{.*?\}\}", lambda _: replacement, rest)

    return mutate


def _value(replacement: str, *wanted: str) -> Mutation:
    def mutate(before: str, key: str, rest: str) -> str | None:
        return f"{before}{key}: {replacement}" if rest and key in wanted else None

    return mutate


def _unquoted(before: str, key: str, rest: str) -> str | None:
    return f"{before}{key}: {rest[2:-1]}" if rest.startswith(' "{{') else None


def _open_quote(before: str, key: str, rest: str) -> str | None:
    return f"{before}{key}:{rest[:-1]}" if rest.startswith(' "') else None


def _named(change: Callable[[str], str]) -> Mutation:
    def mutate(before: str, key: str, rest: str) -> str | None:
        return None if key in FREE else f"{before}{change(key)}:{rest}"

    return mutate


TEXTS = ("name", "version", "path", "value", "image", "crdFile", "motif", "group", "kind", "plural")
MUTATIONS: dict[str, Mutation] = {
    "letter-twice": _named(lambda key: key[:2] + key[1:]),
    "letter-missing": _named(lambda key: key[:-2] + key[-1:]),
    "letters-swapped": _named(lambda key: key[0] + key[2:3] + key[1] + key[3:]),
    "upper-case": _named(lambda key: key[0].upper() + key[1:]),
    "no-colon": lambda before, key, rest: f"{before}{key}{rest}",
    "equals": lambda before, key, rest: f"{before}{key} ={rest}",
    "list-for-text": _value("[word]", *TEXTS),
    "mapping-for-text": _value("{word: x}", *TEXTS),
    "text-for-list": _value("word", "dependsOn"),
    "text-for-truth": _value("maybe", "namespaced", "once"),
    "word-for-number": _value("many", "workers", "port"),
    "out-of-range": _value("70000", "workers", "port"),
    "no-duration": _value("15x", "resync", "rotateAfter"),
    "no-type": _value("decimal", "type"),
    "unknown-alias": _value("*nope", *TEXTS),
    "unquoted": _unquoted,
    "quote-not-closed": _open_quote,
    "brace-missing": _expression("{{ .spec.size }"),
    "unknown-function": _expression("{{ toUper .spec.size }}"),
    "too-few-arguments": _expression("{{ toUpper }}"),
    "if-without-end": _expression("{{ if .spec.size }}a"),
    "undefined-variable": _expression("{{ $size }}"),
    "unknown-root": _expression("{{ .Spec.size }}"),
    "unknown-field": _expression("{{ .spec.sise }}"),
    "input-outside-motif": _expression("{{ .inputs.size }}"),
    "tab": lambda before, key, rest: f"\t{before[1:]}{key}:{rest}" if before else None,
}


def mutated(lines: list[str], number: int, name: str) -> list[str] | None:
    matched = KEY.fullmatch(lines[number])
    assert matched is not None
    if name.startswith("letter") and len(matched[2]) < 4:
        return None
    line = MUTATIONS[name](matched[1], matched[2], matched[3])
    if line is None or line == lines[number]:
        return None
    return [*lines[:number], line, *lines[number + 1 :]]


def check(lines: list[str]) -> Checked:
    text = "\n".join(lines) + "\n"
    files = TextFiles({"katalog.yaml": text, "motif.yaml": MOTIF, "crd.yaml": CRD})
    return check_file("katalog.yaml", files)


def broken_lines(lines: list[str]) -> set[int]:
    """Lines of the Katalog, counted from 0, on which an error begins."""
    return {
        each.span.line - 1
        for each in check(lines).diagnostics
        if each.severity is Severity.ERROR and each.span.file == "katalog.yaml"
    }


def test_the_katalog_itself_has_no_mistakes() -> None:
    found = [each for each in check(LINES).diagnostics if each.severity is not Severity.INFO]
    assert found == []


def test_every_mutation_of_every_line_is_found_on_that_line() -> None:
    missed = [
        (name, LINES[number].strip(), sorted(broken_lines(lines)))
        for number in range(len(LINES))
        for name in MUTATIONS
        if (lines := mutated(LINES, number, name)) is not None and number not in broken_lines(lines)
    ]
    assert missed == []


ALL = [
    (number, name)
    for number in range(len(LINES))
    for name in MUTATIONS
    if mutated(LINES, number, name) is not None
]
READABLE = [
    (number, name)
    for number, name in ALL
    if name.startswith(("list-", "mapping-", "text-", "word-", "out-", "no-d", "no-t", "unknown-f"))
    and LINES[number].startswith("        ")
]
"""Wrong values inside of entries: what stands elsewhere can still be judged."""


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sampled_from(READABLE), st.sampled_from(READABLE))
def test_two_mistakes_are_both_found(first: tuple[int, str], second: tuple[int, str]) -> None:
    assume(first[0] < second[0])
    lines = mutated(LINES, *first)
    both = mutated(lines, *second) if lines is not None else None
    assert both is not None
    assert {first[0], second[0]} <= broken_lines(both)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sampled_from(ALL))
def test_one_mistake_is_not_a_heap_of_diagnostics(mutation: tuple[int, str]) -> None:
    lines = mutated(LINES, *mutation)
    assert lines is not None
    errors = [each for each in check(lines).diagnostics if each.severity is Severity.ERROR]
    assert 1 <= len(errors) <= 3
