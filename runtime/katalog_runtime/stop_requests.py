"""What asks the process to end: SIGTERM, SIGINT, and on request the end of standard input.

Standard input is a lifeline to whoever started the process: the parent holds the write end of a
pipe and writes nothing. However the parent ends, SIGKILL included, the kernel closes that end, and
a read here comes back empty. That works on every system; a signal on the parent's death exists on
Linux alone and follows the thread that started the child.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_CHUNK_BYTES = 4096


@contextmanager
def signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set `stop`; a second one does its usual work, which ends the process."""
    loop = asyncio.get_running_loop()
    caught = (signal.SIGTERM, signal.SIGINT)

    def ask() -> None:
        stop.set()
        for number in caught:
            loop.remove_signal_handler(number)

    for number in caught:
        loop.add_signal_handler(number, ask)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


def standard_input(stop: asyncio.Event) -> None:
    """The end of standard input sets `stop`."""
    loop = asyncio.get_running_loop()

    def ask() -> None:
        with suppress(RuntimeError):  # the loop is closed: the process is ending already
            loop.call_soon_threadsafe(stop.set)

    on_hangup(sys.stdin.fileno(), ask)


def on_hangup(stream: int, call: Callable[[], None]) -> threading.Thread:
    """Call once nobody holds the other end of `stream` any more; what is written there is ignored.

    A thread of its own, as event loops refuse to watch files and `/dev/null`, which end at once.

    Args:
        stream: a file descriptor that can be read.
        call: called in the thread that is returned.
    """

    def read_to_the_end() -> None:
        while os.read(stream, _CHUNK_BYTES):
            pass
        call()

    thread = threading.Thread(target=read_to_the_end, name="standard-input", daemon=True)
    thread.start()
    return thread
