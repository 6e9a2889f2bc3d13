import os
from pathlib import Path

import pytest

from katalogc.codegen.artifact import Artifact
from katalogc.errors import SurroundingsError
from katalogc.writer import RECORD, compare, write

BUILD = (Artifact("crds/a.yaml", "kind: A\n"), Artifact("rbac.yaml", "kind: Role\n"))


def files(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}


def test_a_first_build_writes_every_file_and_nothing_else(tmp_path):
    folder = tmp_path / "out" / "operator"
    write(BUILD, folder)
    assert files(folder) == {"crds/a.yaml", "rbac.yaml", RECORD}
    assert (folder / "crds/a.yaml").read_text() == "kind: A\n"


def test_after_a_build_nothing_differs(tmp_path):
    write(BUILD, tmp_path)
    assert not compare(BUILD, tmp_path)


def test_a_difference_is_told_file_by_file_and_writes_nothing(tmp_path):
    write(BUILD, tmp_path)
    (tmp_path / "rbac.yaml").write_text("edited\n")
    (tmp_path / "crds/a.yaml").unlink()
    difference = compare((*BUILD[:1], BUILD[1], Artifact("b", "b\n")), tmp_path)
    assert difference.missing == ("crds/a.yaml", "b")
    assert difference.changed == ("rbac.yaml",)
    assert (tmp_path / "rbac.yaml").read_text() == "edited\n"


def test_a_generated_file_that_was_edited_is_written_again(tmp_path):
    write(BUILD, tmp_path)
    (tmp_path / "rbac.yaml").write_text("edited\n")
    write(BUILD, tmp_path)
    assert (tmp_path / "rbac.yaml").read_text() == "kind: Role\n"


def test_a_file_that_is_no_longer_made_is_removed_with_its_empty_folder(tmp_path):
    write(BUILD, tmp_path)
    assert compare(BUILD[1:], tmp_path).stale == ("crds/a.yaml",)
    assert write(BUILD[1:], tmp_path).stale == ("crds/a.yaml",)
    assert files(tmp_path) == {"rbac.yaml", RECORD}
    assert not (tmp_path / "crds").exists()


def test_a_file_that_is_no_longer_made_but_was_edited_stays(tmp_path):
    write(BUILD, tmp_path)
    (tmp_path / "crds/a.yaml").write_text("mine now\n")
    assert write(BUILD[1:], tmp_path).stale == ()
    assert (tmp_path / "crds/a.yaml").read_text() == "mine now\n"


def test_files_of_others_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine\n")
    write(BUILD, tmp_path)
    write(BUILD[:1], tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine\n"


def test_a_file_of_somebody_else_in_the_way_is_not_overwritten(tmp_path):
    (tmp_path / "rbac.yaml").write_text("mine\n")
    with pytest.raises(
        SurroundingsError, match=r"rbac\.yaml exists and was not written by katalogc"
    ):
        write(BUILD, tmp_path)
    assert files(tmp_path) == {"rbac.yaml"}


def test_a_record_that_points_outside_the_folder_removes_nothing_there(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("x")
    folder = tmp_path / "out"
    write(BUILD, folder)
    (folder / RECORD).write_text('{"files": {"../outside": "sha256:0"}}')
    write(BUILD, folder)
    assert outside.exists()


def test_a_folder_that_is_a_file_is_one_line_for_the_user(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(SurroundingsError, match=r"not a directory|file exists"):
        write(BUILD, tmp_path / "out")


def test_a_write_that_fails_half_way_leaves_the_folder_as_it_was(tmp_path):
    write(BUILD, tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}
    too_long = Artifact("x" * (os.pathconf(tmp_path, "PC_NAME_MAX") + 1), "never\n")
    with pytest.raises(SurroundingsError):
        write((Artifact("crds/a.yaml", "changed\n"), too_long), tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in files(tmp_path)} == before
