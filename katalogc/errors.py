"""When the surroundings refuse: no file, no cluster, no disk. Exit code 2, one line, no traceback."""

from __future__ import annotations


class SurroundingsError(Exception):
    """Something outside the user's documents stands in the way; the message is the one line shown."""
