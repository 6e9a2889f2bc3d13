"""Small pure parts: printer columns' JSONPath and ages."""

from __future__ import annotations

from typing import Any

import pytest

from katalogc.localcluster.json_path import JsonPathError, compile_path, find
from katalogc.localcluster.printer_cells import human_duration

MANIFEST = {
    "metadata": {"labels": {"app.kubernetes.io/name": "web"}},
    "spec": {"ports": [{"name": "a", "port": 1}, {"name": "b", "port": 2}]},
    "status": {"conditions": [{"type": "Ready", "status": "True", "on": True}]},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.ports[0].port", [1]),
        (".spec.ports[-1].name", ["b"]),
        (".spec.ports[*].port", [1, 2]),
        ("{.spec.ports[5].port}", []),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        (".status.conditions[?(@.on==true)].type", ["Ready"]),
        (".status.conditions[?(@.type!='Ready')].status", []),
        (r".metadata.labels.app\.kubernetes\.io/name", ["web"]),
        (".metadata.labels['app.kubernetes.io/name']", ["web"]),
        (".nothing.at.all", []),
    ],
)
def test_paths_of_printer_columns(path: str, found: list[Any]) -> None:
    assert find(path, MANIFEST) == found


def test_a_path_beyond_the_subset_is_refused_and_shows_nothing() -> None:
    with pytest.raises(JsonPathError):
        compile_path(".spec..ports")
    assert find(".spec..ports", MANIFEST) == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (599, "9m59s"),
        (601, "10m"),
        (3 * 3600 + 120, "3h2m"),
        (9 * 3600, "9h"),
        (50 * 3600, "2d2h"),
        (9 * 86400, "9d"),
        (800 * 86400, "2y70d"),
    ],
)
def test_ages_read_like_kubectls(seconds: float, text: str) -> None:
    assert human_duration(seconds) == text
