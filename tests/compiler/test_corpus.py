"""Every broken Katalog gets its diagnostics at the right place; every good one gets none."""

from __future__ import annotations

from pathlib import Path

import pytest

from katalogc.codes import Code
from katalogc.compiler import compile_file
from katalogc.diagnostics import Severity
from tests.compiler.corpus import (
    BAD,
    GOOD,
    CorpusFiles,
    expected,
    found,
    name_of,
    relevant,
    rendered,
    run,
)


def _ids(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", BAD, ids=_ids)
def test_bad_katalog_is_found_out_at_line_and_column(path: Path) -> None:
    assert found(path) == sorted(expected(path), key=lambda each: each[1:])
    assert expected(path)[0][0] in {each[0] for each in found(path)}


@pytest.mark.parametrize("path", BAD, ids=_ids)
def test_bad_katalog_has_the_code_of_its_name(path: Path) -> None:
    assert path.name[:6] in {each[0] for each in expected(path)}


@pytest.mark.parametrize("path", BAD, ids=_ids)
def test_rendering_is_the_reviewed_one(path: Path) -> None:
    assert rendered(path) == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", GOOD, ids=_ids)
def test_good_katalog_has_no_mistakes(path: Path) -> None:
    assert relevant(path, run(path).diagnostics) == []


def test_good_katalog_compiles_to_artifacts_and_bundle() -> None:
    result = compile_file("good/every_supported_field.yaml", CorpusFiles())
    assert result.ir is not None
    assert result.bundle is not None
    assert [each.name for each in result.bundle.controllers] == ["order", "customer"]
    assert "bundle.json" in {each.path for each in result.artifacts}


@pytest.mark.parametrize("path", BAD, ids=_ids)
def test_nothing_is_built_from_a_katalog_with_errors(path: Path) -> None:
    severities = {each.severity for each in run(path).diagnostics}
    if Severity.ERROR in severities:
        result = compile_file(name_of(path), CorpusFiles())
        assert result.artifacts == ()
        assert result.bundle is None


@pytest.mark.parametrize("code", list(Code), ids=lambda code: code.name)
def test_every_code_has_an_explanation_and_a_bad_katalog(code: Code) -> None:
    assert len(code.title) > 10
    assert len(code.explanation) > 40
    assert code.explanation.endswith(".")
    assert any(path.name.startswith(code.id) for path in BAD)


def test_codes_are_unique() -> None:
    ids = [code.id for code in Code]
    assert len(ids) == len(set(ids)) == len({code.title for code in Code})
