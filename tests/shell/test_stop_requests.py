"""A pipe from the parent: its end is noticed, however it comes; what is written there is not."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from katalog_runtime.stop_requests import on_hangup


def test_the_end_of_the_pipe_is_told_once_and_not_before() -> None:
    reading, writing = os.pipe()
    told = threading.Event()
    thread = on_hangup(reading, told.set)
    os.write(writing, b"nobody reads this\n")
    assert thread.is_alive()
    assert not told.is_set()
    os.close(writing)
    thread.join(timeout=30)
    assert told.is_set()
    os.close(reading)


def test_a_file_without_another_end_is_at_its_end() -> None:
    with Path(os.devnull).open("rb") as nothing:
        told = threading.Event()
        on_hangup(nothing.fileno(), told.set).join(timeout=30)
    assert told.is_set()
