import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.golden.rewrite import FOLDER, ROOT, sample_artifacts

EXPECTED = sorted(
    str(each.relative_to(FOLDER).as_posix()) for each in FOLDER.rglob("*") if each.is_file()
)


@pytest.fixture(scope="module")
def built():
    return {each.path: each.content for each in sample_artifacts()}


def test_the_sample_builds_the_golden_files_and_no_others(built):
    assert sorted(built) == EXPECTED


@pytest.mark.parametrize("path", EXPECTED)
def test_the_sample_builds_byte_for_byte(built, path):
    """A difference here is a change for users: read it, then `make golden`."""
    assert built[path] == (FOLDER / path).read_text(encoding="utf-8")


DIGEST = """
import hashlib, sys
from katalogc.compiler import compile_path
result = compile_path(sys.argv[1])
text = "".join(f"{each.path}\\n{each.content}" for each in result.artifacts)
print(len(result.artifacts), hashlib.sha256(text.encode()).hexdigest())
"""


def digest(seed: str, folder: Path, path: str) -> str:
    environment = {
        **os.environ,
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": os.pathsep.join(str(Path(each).resolve()) for each in sys.path if each),
    }
    found = subprocess.run(
        [sys.executable, "-c", DIGEST, path],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return found.stdout


def test_a_build_depends_on_neither_hash_seed_nor_working_directory():
    relative = digest("1", ROOT / "samples" / "data-platform", "../datajob-katalog.yaml")
    absolute = digest("2", ROOT.parent, str(ROOT / "samples" / "datajob-katalog.yaml"))
    assert relative.startswith("8 ")
    assert relative == absolute


def test_nothing_in_a_build_names_a_place_of_this_machine(built):
    for content in built.values():
        assert str(ROOT) not in content
        assert str(Path.home()) + "/" not in content


def test_the_sample_keeps_the_words_of_its_own_crd(built):
    own = yaml.safe_load((ROOT / "samples/data-platform/crd.yaml").read_text())
    assert yaml.safe_load(built["crds/datajobs.data.katalogc.dev.yaml"]) == own
