"""What Go's text/template really printed, case by case (kept compressed beside this file)."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("oracle.jsonl.gz")


@cache
def lines() -> tuple[str, ...]:
    """The cases as JSON lines."""
    return tuple(gzip.decompress(FILE.read_bytes()).decode().splitlines())


@cache
def cases() -> dict[str, tuple[tuple[str, dict[str, Any]], ...]]:
    """Line and parsed case, by group."""
    groups = defaultdict(list)
    for line in lines():
        case = json.loads(line)
        groups[case["group"]].append((line, case))
    return {group: tuple(found) for group, found in groups.items()}
