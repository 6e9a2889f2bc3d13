"""The operator process's settings: flags and environment in, one frozen `Config` out. Flags win.

Pure: what the environment holds, whether this is a pod and whether a person reads the terminal are
arguments. A wrong value raises `ConfigError` with one line that names the flag or the variable as
the user wrote it, what it held and what it takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

LogFormat = Literal["json", "text"]
LOG_LEVELS = ("debug", "info", "warning", "error")

_DURATION_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
# RFC 1123 label: what a namespace may be called.
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class ConfigError(ValueError):
    """A setting cannot be used; the text is one line for the user."""


_EVERY_INTERFACE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  what is asked for, not listened on


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the HTTP server listens; port 0 takes any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """What a browser on this machine opens; `localhost` stands for every interface."""
        shown = replace(self, host="localhost") if self.host in _EVERY_INTERFACE else self
        return f"http://{shown}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """The share of all objects that this process reconciles: share `index` of `count`."""

    index: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that may differ between two processes that execute the same bundle."""

    workers: int = 3
    """Reconciles at a time per CRD, where the Katalog does not say."""
    resync_seconds: float = 15.0
    queue_depth: int = 100
    """Keys that may wait per CRD; 0 means unlimited."""
    address: Address = Address(host="127.0.0.1", port=8080)
    leader_elect: bool = False
    namespaces: tuple[str, ...] = ()
    """Namespaces to watch; empty means what the Katalog says."""
    shard: Shard = Shard(index=0, count=1)
    log_format: LogFormat = "text"
    log_level: str = "info"
    kubeconfig: str = ""
    """A file; empty means `$KUBECONFIG`, the pod's own account or `~/.kube/config`."""
    context: str = ""
    pod_name: str = ""
    """The pod's name, or empty outside a cluster."""
    pod_namespace: str = ""
    """Where the Lease lives; empty means the namespace of the connection."""
    end_with_stdin: bool = False
    """End, as on SIGTERM, when standard input closes: with the process that holds its other end."""


def duration_seconds(text: str) -> float:
    """Seconds of `15s`, `1m30s`, `500ms`, `2h`, `1d` or a bare number of seconds.

    Raises:
        ValueError: anything else.
    """
    word = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", word):
        return float(word)
    if not _DURATION.fullmatch(word):
        raise ValueError("takes a duration such as 15s or 1m30s")
    parts = _DURATION_PART.findall(word)
    return sum(float(number) * _DURATION_UNITS[unit] for number, unit in parts)


def _workers(text: str) -> int:
    if not text.strip().isascii() or not text.strip().isdigit() or not 1 <= int(text) <= 1000:
        raise ValueError("takes a whole number from 1 to 1000")
    return int(text)


def _queue_depth(text: str) -> int:
    if not text.strip().isascii() or not text.strip().isdigit():
        raise ValueError("takes a whole number, 0 for unlimited")
    return int(text)


def _resync(text: str) -> float:
    seconds = duration_seconds(text)
    if seconds <= 0:
        raise ValueError("takes a duration above zero")
    return seconds


def _address(text: str) -> Address:
    host, colon, port = text.strip().rpartition(":")
    host = host.strip("[]")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError("takes HOST:PORT such as 127.0.0.1:8080, or :8080 for every interface")
    return Address(host=host or "0.0.0.0", port=int(port))  # noqa: S104 - `:8080` asks for it


def _boolean(text: str) -> bool:
    word = text.strip().lower()
    if word in ("true", "1", "yes", "on"):
        return True
    if word in ("false", "0", "no", "off"):
        return False
    raise ValueError("takes true or false")


def _namespaces(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if any(not _NAMESPACE.fullmatch(name) for name in names):
        raise ValueError("takes namespace names, separated by commas")
    return names


def _shard(text: str) -> Shard:
    found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text.strip(), re.ASCII)
    if not found or int(found[1]) >= int(found[2]):
        raise ValueError("takes I/N with I from 0 to N-1, such as 0/3")
    return Shard(index=int(found[1]), count=int(found[2]))


def _log_format(text: str) -> str:
    if text not in ("json", "text"):
        raise ValueError("takes json or text")
    return text


def _log_level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise ValueError(f"takes one of {', '.join(LOG_LEVELS)}")
    return text.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One setting as the user meets it."""

    field: str
    """Its name in `Config`, and in the mapping of flags."""
    flag: str
    environment: str
    """The variable; empty where there is only a flag."""
    metavar: str
    help: str
    parse: Callable[[str], Any]
    """Text to value; raises ValueError with words that follow the option's name."""


OPTIONS: tuple[Option, ...] = (
    Option(field="workers", flag="--workers", environment="DEFAULT_WORKERS", metavar="N",
           help="reconciles at a time per CRD; a Katalog's own value wins (3)", parse=_workers),
    Option(field="resync_seconds", flag="--resync", environment="DEFAULT_RESYNC",
           metavar="DURATION", help="how often every object is looked at again (15s)",
           parse=_resync),
    Option(field="queue_depth", flag="--queue-depth", environment="QUEUE_DEPTH", metavar="N",
           help="keys that may wait per CRD, 0 for unlimited (100)", parse=_queue_depth),
    Option(field="address", flag="--address", environment="KATALOG_ADDRESS", metavar="HOST:PORT",
           help="where health, metrics and the control panel are served", parse=_address),
    Option(field="leader_elect", flag="--leader-elect", environment="LEADER_ELECT", metavar="",
           help="only the holder of the Lease reconciles (on in a cluster)", parse=_boolean),
    Option(field="namespaces", flag="--namespace", environment="WATCH_NAMESPACE", metavar="NAME",
           help="watch only this namespace (all)", parse=_namespaces),
    Option(field="shard", flag="--shard", environment="SHARD", metavar="I/N",
           help="reconcile one share of all objects (0/1)", parse=_shard),
    Option(field="log_format", flag="--log-format", environment="LOG_FORMAT", metavar="json|text",
           help="json in a cluster, text on a terminal", parse=_log_format),
    Option(field="log_level", flag="--log-level", environment="LOG_LEVEL", metavar="LEVEL",
           help="debug, info, warning or error (info)", parse=_log_level),
    Option(field="kubeconfig", flag="--kubeconfig", environment="", metavar="FILE",
           help="how to reach the cluster, as for kubectl", parse=str),
    Option(field="context", flag="--context", environment="", metavar="NAME",
           help="the kubeconfig's context to use", parse=str),
    Option(field="end_with_stdin", flag="--end-with-stdin", environment="", metavar="",
           help="end when standard input closes, so with the process that started this one",
           parse=_boolean),
    Option(field="pod_name", flag="", environment="POD_NAME", metavar="", help="", parse=str),
    Option(field="pod_namespace", flag="", environment="POD_NAMESPACE", metavar="", help="",
           parse=str),
)  # fmt: skip


def load(
    flags: Mapping[str, str | bool | None],
    environment: Mapping[str, str],
    *,
    in_cluster: bool,
    terminal: bool,
) -> Config:
    """Settle every option: the flag, else the variable, else the default of the surroundings.

    Args:
        flags: by `Option.field`; None or absent where the user gave no flag.
        environment: variables; an empty one counts as not set.
        in_cluster: whether this process runs in a pod.
        terminal: whether a person reads standard error.

    Raises:
        ConfigError: the first option that cannot be used.
    """
    values: dict[str, Any] = {
        "address": Address(host="0.0.0.0" if in_cluster else "127.0.0.1", port=8080),  # noqa: S104 - probes come from the node
        "leader_elect": in_cluster,
        "log_format": "text" if terminal and not in_cluster else "json",
    }
    for option in OPTIONS:
        given = flags.get(option.field)
        if isinstance(given, bool):
            values[option.field] = given
            continue
        name = option.flag
        if given is None and option.environment:
            given, name = environment.get(option.environment) or None, option.environment
        if given is None:
            continue
        try:
            values[option.field] = option.parse(given)
        except ValueError as error:
            raise ConfigError(f"{name} {error}, not {given!r}") from error
    return Config(**values)
