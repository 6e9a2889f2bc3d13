"""Random templates and data for property tests: grammatical ones, and plain noise."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "spec", "my-key", "__class__", "items"])
LITERALS = st.sampled_from(
    [
        "1",
        "-3",
        "0x1F",
        "1.5",
        "1e6",
        "2i",
        "'x'",
        '"s"',
        '"\\xff\\n"',
        "`r`",
        "true",
        "nil",
        "0.1e-3",
    ]
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "." + ".".join(names))
VARIABLES = st.sampled_from(["$", "$.spec.a", "$v", "$v.a"])
FUNCTIONS = st.sampled_from(
    [
        *("len", "index", "slice", "print", "printf", "println", "html", "js", "urlquery"),
        *("eq", "lt", "and", "or", "not", "default", "toUpper", "toJson"),
    ]
)
FORMATS = st.text(alphabet="%#+- 0123456789.*[]dvsqxXtTcUbeEfgG!", max_size=12).map(
    lambda text: f'"{text}"'
)


def _operands(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    chains = st.tuples(inner, PATHS).map(lambda pair: f"({pair[0]}){pair[1]}")
    return st.one_of(LITERALS, PATHS, VARIABLES, st.just("."), inner.map("({})".format), chains)


def _pipelines(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operands = _operands(inner)
    calls = st.tuples(FUNCTIONS, st.lists(operands, max_size=3)).map(
        lambda call: " ".join((call[0], *call[1]))
    )
    formats = st.tuples(FORMATS, st.lists(operands, max_size=3)).map(
        lambda call: " ".join(("printf", call[0], *call[1]))
    )
    first = st.one_of(operands, calls, formats)
    return st.lists(st.one_of(calls, formats), max_size=2).flatmap(
        lambda rest: first.map(lambda head: " | ".join((head, *rest)))
    )


PIPELINES = st.recursive(st.one_of(LITERALS, PATHS, VARIABLES), _pipelines, max_leaves=6)
TEXTS = st.text(alphabet="ab{}\n \t%<>é", max_size=5).filter(
    lambda text: "{{" not in text and not text.endswith("{")
)


def _nodes(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def block(word: str) -> st.SearchStrategy[str]:
        return st.tuples(PIPELINES, inner, inner).map(
            lambda parts: f"{{{{{word} {parts[0]}}}}}{parts[1]}{{{{else}}}}{parts[2]}{{{{end}}}}"
        )

    loop = st.tuples(PIPELINES, inner).map(
        lambda parts: f"{{{{range $k, $v := {parts[0]}}}}}{parts[1]}{{{{break}}}}{{{{end}}}}"
    )
    return st.one_of(
        st.lists(inner, max_size=3).map("".join), block("if"), block("with"), block("range"), loop
    )


ACTIONS = PIPELINES.map("{{{{{}}}}}".format) | PIPELINES.map("{{{{- $v = {} -}}}}".format)
TEMPLATES = st.recursive(TEXTS | ACTIONS, _nodes, max_leaves=5).map("{{{{$v := 1}}}}{}".format)
NOISE = st.lists(
    st.sampled_from(
        [
            *"().|$`'1- \n%\x00é",
            *("{{", "}}", "{{- ", " -}}", "/*", "*/", "$x", ":=", ".a", '"a"'),
            *("if ", "else", "end", "range ", "define ", "template "),
        ]
    ),
    max_size=25,
).map("".join)

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
DATA = st.dictionaries(NAMES, VALUES, max_size=4)
