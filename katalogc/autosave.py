"""The state of an embedded cluster goes to its file while it runs, so that a crash loses little.

In: a cluster that has a data file. Out: the file, written anew whenever something changed; the
cluster itself writes it once more when it stops. Without a data file nothing is done.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from katalogc.errors import SurroundingsError
from katalogc.terminal import say

if TYPE_CHECKING:
    from katalogc.localcluster import LocalCluster

SAVE_SECONDS = 1.0
"""How often changes are looked for; a crash loses no more than this."""


@contextmanager
def autosaved(cluster: LocalCluster, seconds: float = SAVE_SECONDS) -> Iterator[None]:
    """Save in a thread of its own while the block runs; a disk that refuses is told once.

    The save is tried again until it succeeds, which is told as well.
    """
    ended = threading.Event()
    saver = threading.Thread(
        target=_save_changes, args=(cluster, ended, seconds), name="autosave", daemon=True
    )
    saver.start()
    try:
        yield
    finally:
        ended.set()
        saver.join()


def _save_changes(cluster: LocalCluster, ended: threading.Event, seconds: float) -> None:
    saved = -1
    refused = ""
    while not ended.wait(seconds):
        revision = cluster.state.store.revision
        if revision == saved:
            continue
        try:
            cluster.save()
        except SurroundingsError as error:
            if str(error) != refused:
                say(f"katalogc: {error}; trying again")
            refused = str(error)
            continue
        if refused:
            say("katalogc: the cluster's state is saved again")
        refused = ""
        saved = revision
