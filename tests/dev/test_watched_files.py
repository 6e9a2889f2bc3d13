"""What `dev` looks at: a change counts from the moment before a file was read, not after."""

from __future__ import annotations

from pathlib import Path

import pytest

from katalogc.files import WatchedFiles


def test_a_file_saved_after_it_was_read_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "katalog.yaml"
    file.write_text("a: 1\n")
    files = WatchedFiles()
    assert files.read(str(file)) == b"a: 1\n"
    assert not files.has_changed()
    file.write_text("a: 1\nb: 2\n")
    assert files.has_changed()


def test_a_file_that_could_not_be_read_is_awaited(tmp_path: Path) -> None:
    file = tmp_path / "motif.yaml"
    files = WatchedFiles()
    with pytest.raises(FileNotFoundError):
        files.read(str(file))
    assert not files.has_changed()
    file.write_text("kind: Motif\n")
    assert files.has_changed()


def test_a_file_that_is_gone_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "katalog.yaml"
    file.write_text("a: 1\n")
    files = WatchedFiles()
    files.watch(str(file))
    file.unlink()
    assert files.has_changed()
