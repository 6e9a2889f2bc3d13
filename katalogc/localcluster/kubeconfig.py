"""Kubeconfigs for the embedded cluster: one cluster, one user, one context.

In: address, authority and token. Out: the kubeconfig as data, and as a file that only its owner may
read.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import orjson

from katalogc.errors import SurroundingsError


def kubeconfig(
    *, server: str, authority: str, token: str, user: str, namespace: str = "default"
) -> dict[str, Any]:
    """A kubeconfig; `authority` is the CA's PEM text, empty for plain HTTP."""
    cluster: dict[str, Any] = {"server": server}
    if authority:
        cluster["certificate-authority-data"] = base64.b64encode(authority.encode()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "katalogc", "cluster": cluster}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [
            {
                "name": "katalogc",
                "context": {"cluster": "katalogc", "user": user, "namespace": namespace},
            }
        ],
        "current-context": "katalogc",
    }


def write(path: Path, content: dict[str, Any]) -> None:
    """Writes a kubeconfig that holds a token: readable by its owner alone.

    Raises:
        SurroundingsError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise SurroundingsError(f"cannot write {path}: {error.strerror}") from error
