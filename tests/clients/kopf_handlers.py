"""A kopf operator for the test: a ConfigMap per object, and a status."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import kopf


@kopf.on.login()
def login(**_: Any) -> kopf.ConnectionInfo:
    return kopf.ConnectionInfo(
        server=os.environ["SERVER"],
        ca_path=os.environ["CA"],
        token=Path(os.environ["TOKEN_FILE"]).read_text(),
    )


@kopf.on.create("kopf.clients.katalogc.dev", "v1", "cups")
def create(spec: kopf.Spec, name: str, **_: Any) -> dict[str, Any]:
    return {"greeting": f"{name} holds {spec['size']}"}


@kopf.on.delete("kopf.clients.katalogc.dev", "v1", "cups")
def delete(**_: Any) -> None:
    """A handler for deletion makes kopf add its finalizer."""
