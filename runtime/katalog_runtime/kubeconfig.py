"""Plain kubeconfigs: one file, a token or a client certificate, and nothing that needs a program.

In: a kubeconfig's text and folder. Out: what a connection needs, or None where the file asks for
more (several files, exec plugins, OIDC, token files, passwords, proxies, impersonation) or is
malformed: those are left to the official package, which costs eleven megabytes and half a second of
CPU at each start and has its own words for mistakes. Pure; reads no file.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

_CLUSTER_KEYS = frozenset(
    (
        "server",
        "certificate-authority",
        "certificate-authority-data",
        "insecure-skip-tls-verify",
        "tls-server-name",
        "extensions",
    )
)
_USER_KEYS = frozenset(
    (
        "token",
        "client-certificate",
        "client-certificate-data",
        "client-key",
        "client-key-data",
        "extensions",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """PEM text, or the file that holds it; both empty where there is none."""

    text: str = ""
    file: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainKubeconfig:
    """What one context of a plain kubeconfig says."""

    server: str
    namespace: str
    verify: bool
    server_hostname: str | None
    token: str
    authority: Credential
    certificate: Credential
    key: Credential


def plain(text: str, folder: Path, context: str = "") -> PlainKubeconfig | None:
    """What the context says, if the file is plain; relative paths begin at `folder`."""
    try:
        return _read(_decoded(text), folder, context)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None


def _decoded(text: str) -> Any:
    """The document; programs often write JSON, which needs no YAML parser (40 ms to load)."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        import yaml

        try:
            return yaml.safe_load(text)  # noqa: TID251 - positions do not matter here
        except yaml.YAMLError as error:
            raise ValueError("the kubeconfig is no YAML") from error


def _read(document: Any, folder: Path, context: str) -> PlainKubeconfig | None:
    chosen = _named(document["contexts"], context or document["current-context"])["context"]
    cluster = _named(document["clusters"], chosen["cluster"])["cluster"]
    user = _named(document["users"], chosen["user"])["user"] or {}
    if cluster.keys() - _CLUSTER_KEYS or user.keys() - _USER_KEYS:
        return None
    verify = cluster.get("insecure-skip-tls-verify", False)
    certificate = _credential(user, "client-certificate", folder)
    key = _credential(user, "client-key", folder)
    if not isinstance(verify, bool) or bool(certificate) != bool(key):
        return None
    return PlainKubeconfig(
        server=_text(cluster["server"]),
        namespace=_text(chosen.get("namespace") or "default"),
        verify=not verify,
        server_hostname=_text(cluster.get("tls-server-name") or "") or None,
        token=_text(user.get("token") or ""),
        authority=_credential(cluster, "certificate-authority", folder),
        certificate=certificate,
        key=key,
    )


def _named(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The entry of that name; KeyError if there is none or more than one."""
    found = [each for each in entries if each["name"] == name]
    if len(found) != 1:
        raise KeyError(name)
    return found[0]


def _credential(holder: Mapping[str, Any], name: str, folder: Path) -> Credential:
    """Inline data goes before a file, as in kubectl."""
    data = _text(holder.get(f"{name}-data") or "")
    if data:
        return Credential(text=base64.b64decode(data, validate=True).decode())
    file = _text(holder.get(name) or "")
    return Credential(file=str(folder / file) if file else "")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is needed, not {value!r}")
    return value
