"""`katalogc version`: what this installation is."""

from __future__ import annotations

import json
import platform
import sys

from katalog_runtime.version import __version__


def run(*, format: str) -> int:
    """Print version, Python, supported Kubernetes minors and bundle format."""
    from katalog_runtime.bundle import FORMAT
    from katalogc.openapi import minors

    facts = {
        "version": __version__,
        "python": platform.python_version(),
        "kubernetes": list(minors()),
        "bundleFormat": FORMAT,
    }
    if format == "json":
        sys.stdout.write(json.dumps(facts) + "\n")
    else:
        sys.stdout.write(
            f"katalogc {__version__}\nPython {facts['python']}\n"
            f"Kubernetes {', '.join(minors())}\nbundle {FORMAT}\n"
        )
    return 0
