"""Where the cluster is and who we are: a pod's account or a kubeconfig. Alone sees `kubernetes`.

A `Connection` holds the address and an immutable `Access` (authorization header, TLS context) that
the client reads before each request without any I/O. When `due_at` has passed, or after a 401, the
client awaits `renew`, which asks the source again: files are re-read, exec plugins run anew.

In a pod nothing but a few files is needed, so the official package is not loaded: measured on
version 37.0.2, it would bring 409 modules, 21 MiB and half a second (its generated models stay out
in either case). Nor is it for a plain kubeconfig (see `kubeconfig`). Every other kubeconfig is read
by the official `kubernetes.aio.config`, because merged files, OIDC and exec plugins have their
rules there.
"""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, TypedDict

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
RENEW_SECONDS = 60.0
"""How often token and CA files are read again; client-go's period. The kubelet rotates at 80 %."""
_EXPIRY_MARGIN_SECONDS = 60.0


class ConnectionSetupError(Exception):
    """No cluster can be addressed; the text is one line for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a request carries to be let in."""

    authorization: str
    """The value of the header; empty where a client certificate (or nothing) identifies us."""
    ssl: ssl.SSLContext | bool
    good_for_seconds: float = math.inf
    """When to ask the source again."""


Source = Callable[[], Awaitable[Access]]


class Connection:
    """The address of an API server and the current means to be let in."""

    def __init__(
        self,
        *,
        server: str,
        access: Access,
        source: Source,
        namespace: str = "default",
        proxy: str | None = None,
        server_hostname: str | None = None,
    ) -> None:
        self.server = server.rstrip("/")
        self.namespace = namespace
        """Where the pod runs, or the kubeconfig context's namespace."""
        self.proxy = proxy
        self.server_hostname = server_hostname
        """The name that the server's certificate must bear, where it differs from the address."""
        self.access = access
        self.due_at = math.inf if math.isinf(access.good_for_seconds) else 0.0
        """The loop's time from which the access must be renewed before it is used."""
        self._source = source
        self._renewing = asyncio.Lock()

    async def renew(self, *, refused: Access | None = None) -> None:
        """Ask the source again, once for all who wait.

        Args:
            refused: the access that the server answered with 401; None where it is merely due.

        Raises:
            ConnectionSetupError: the source fails; the old access stays.
        """
        async with self._renewing:
            now = asyncio.get_running_loop().time()
            someone_else_did = now < self.due_at if refused is None else refused is not self.access
            if someone_else_did:
                return
            # Should the source fail, it is asked again soon, and the old access serves meanwhile.
            self.due_at = now + 1.0
            self.access = await self._source()
            self.due_at = now + self.access.good_for_seconds


def tls_context(
    *,
    ca_file: str | None = None,
    ca_data: str | None = None,
    cert_file: str | None = None,
    key_file: str | None = None,
    verify: bool = True,
) -> ssl.SSLContext:
    """A client context: the cluster's CA if given, the system's otherwise."""
    context = ssl.create_default_context(cafile=ca_file, cadata=ca_data)
    # Python 3.13 turned this on; many clusters' CAs lack the extension that it insists on.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert_file:
        context.load_cert_chain(cert_file, key_file)
    return context


class _ServiceAccount:
    """The files that the kubelet keeps in every pod; they change when tokens and CA are rotated."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ca = ""
        self._context: ssl.SSLContext | None = None

    def read(self) -> Access:
        token = (self._folder / "token").read_text().strip()
        ca = (self._folder / "ca.crt").read_text()
        if self._context is None or ca != self._ca:
            self._context = tls_context(ca_data=ca)
            self._ca = ca
        return Access(
            authorization=f"Bearer {token}", ssl=self._context, good_for_seconds=RENEW_SECONDS
        )

    async def __call__(self) -> Access:
        try:
            return await asyncio.to_thread(self.read)
        except (OSError, ssl.SSLError, ValueError) as error:
            raise ConnectionSetupError(f"the pod's account cannot be read: {error}") from error


def is_in_cluster(environment: Mapping[str, str], folder: Path = SERVICE_ACCOUNT) -> bool:
    """Whether this process runs in a pod that may talk to its API server."""
    return bool(environment.get("KUBERNETES_SERVICE_HOST")) and (folder / "token").is_file()


async def in_cluster(environment: Mapping[str, str], folder: Path = SERVICE_ACCOUNT) -> Connection:
    """The connection of a pod, by the convention of every Kubernetes cluster.

    Raises:
        ConnectionSetupError: the variables or files are missing or unreadable.
    """
    host = environment.get("KUBERNETES_SERVICE_HOST", "")
    port = environment.get("KUBERNETES_SERVICE_PORT", "443")
    if not host:
        raise ConnectionSetupError("KUBERNETES_SERVICE_HOST is not set: this is no pod")
    source = _ServiceAccount(folder)
    access = await source()
    try:
        namespace = (folder / "namespace").read_text().strip()
    except OSError:
        namespace = "default"
    address = f"[{host}]" if ":" in host else host
    return Connection(
        server=f"https://{address}:{port}", access=access, source=source, namespace=namespace
    )


def kubeconfig_paths(environment: Mapping[str, str], given: str = "") -> list[Path]:
    """The files that kubectl would merge: the flag, else `$KUBECONFIG`, else `~/.kube/config`."""
    if given:
        return [Path(given).expanduser()]
    listed = [part for part in environment.get("KUBECONFIG", "").split(":") if part]
    home = environment.get("HOME", "")
    return [Path(part).expanduser() for part in listed] or [Path(home) / ".kube" / "config"]


async def from_kubeconfig(paths: list[Path], context: str = "") -> Connection:
    """The connection that a kubeconfig's context describes.

    Raises:
        ConnectionSetupError: no such file or context, or its credentials cannot be had.
    """
    # Small local files, read before anything else runs.
    if not any(path.is_file() for path in paths):
        names = ", ".join(map(str, paths))
        raise ConnectionSetupError(
            f"no kubeconfig at {names}; give one with --kubeconfig FILE"
            " (katalogc run --local needs none)"
        )

    async def source() -> Access:
        return (await _by_kubeconfig(paths, context))["access"]

    return Connection(source=source, **await _by_kubeconfig(paths, context))


class _Found(TypedDict):
    """What a kubeconfig says, in the words of `Connection`."""

    server: str
    access: Access
    namespace: str
    proxy: str | None
    server_hostname: str | None


async def _by_kubeconfig(paths: list[Path], context: str) -> _Found:
    plain = _plain_kubeconfig(paths, context)
    if plain is not None:
        return plain
    settings, loader = await _load_kubeconfig(paths, context)
    return _Found(
        server=settings.host,
        access=_kubeconfig_access(settings, loader),
        namespace=loader.current_context["context"].get("namespace") or "default",
        proxy=settings.proxy,
        server_hostname=settings.tls_server_name,
    )


def _plain_kubeconfig(paths: list[Path], context: str) -> _Found | None:
    """What the kubeconfig says where it needs no official loader and no program to say it."""
    if len(paths) != 1:
        return None
    from katalog_runtime.kubeconfig import plain

    try:
        found = plain(paths[0].read_text(), paths[0].parent, context)
    except (OSError, UnicodeDecodeError):
        return None
    if found is None:
        return None
    try:
        with _as_files(found.certificate.text, found.key.text) as (cert_file, key_file):
            tls = tls_context(
                ca_file=found.authority.file or None,
                ca_data=found.authority.text or None,
                cert_file=found.certificate.file or cert_file,
                key_file=found.key.file or key_file,
                verify=found.verify,
            )
    except (OSError, ssl.SSLError) as error:
        raise ConnectionSetupError(f"the kubeconfig's certificates: {error}") from error
    return _Found(
        server=found.server,
        access=Access(authorization=f"Bearer {found.token}" if found.token else "", ssl=tls),
        namespace=found.namespace,
        proxy=None,
        server_hostname=found.server_hostname,
    )


@contextmanager
def _as_files(*texts: str) -> Iterator[list[str | None]]:
    """Names of files that hold the texts (None for an empty one) and are gone afterwards.

    Python loads a client certificate from files alone; these are readable by us only.
    """
    if not any(texts):
        yield [None for _ in texts]
        return
    with TemporaryDirectory(prefix="katalogc-") as folder:
        names: list[str | None] = []
        for index, text in enumerate(texts):
            path = Path(folder) / str(index)
            if text:
                path.write_text(text)
            names.append(str(path) if text else None)
        yield names


async def _load_kubeconfig(paths: list[Path], context: str) -> tuple[SimpleNamespace, Any]:
    """The official loader's settings and the loader itself."""
    from kubernetes.aio.config import kube_config

    # The attributes that the loader writes; the package's own `Configuration` holds thirty more.
    settings = SimpleNamespace(
        host="", api_key={}, ssl_ca_cert=None, cert_file=None, key_file=None, verify_ssl=True,
        tls_server_name=None, proxy=None,
    )  # fmt: skip
    files = kube_config.ENV_KUBECONFIG_PATH_SEPARATOR.join(map(str, paths))
    try:
        loader = await kube_config.load_kube_config(
            config_file=files,
            context=context or None,
            client_configuration=settings,
            persist_config=False,
        )
    except Exception as error:  # a foreign loader over a file of any content raises anything
        raise ConnectionSetupError(f"the kubeconfig {files} cannot be used: {error}") from error
    if not settings.host:
        raise ConnectionSetupError(f"the kubeconfig {files} names no server")
    return settings, loader


def _kubeconfig_access(settings: SimpleNamespace, loader: Any) -> Access:
    user: Any = getattr(loader, "_user", None)
    wants_plugin = user is not None and "exec" in user
    authorization = settings.api_key.get("BearerToken", "")
    if wants_plugin and not authorization and not settings.cert_file:
        raise ConnectionSetupError("the kubeconfig's exec plugin gave no credentials")
    try:
        context = tls_context(
            ca_file=settings.ssl_ca_cert,
            cert_file=settings.cert_file,
            key_file=settings.key_file,
            verify=settings.verify_ssl,
        )
    except (OSError, ssl.SSLError) as error:
        raise ConnectionSetupError(f"the kubeconfig's certificates: {error}") from error
    good_for = math.inf
    if user is not None and ("tokenFile" in user or "auth-provider" in user):
        good_for = RENEW_SECONDS
    expiry = getattr(loader, "exec_plugin_expiry", None)
    if wants_plugin and expiry is not None:
        from datetime import UTC, datetime

        left = (expiry - datetime.now(UTC)).total_seconds()  # noqa: TID251 - an expiry is wall time
        good_for = max(RENEW_SECONDS / 2, left - _EXPIRY_MARGIN_SECONDS)
    return Access(authorization=authorization, ssl=context, good_for_seconds=good_for)


async def connect(
    environment: Mapping[str, str], *, kubeconfig: str = "", context: str = ""
) -> Connection:
    """The connection that kubectl would use here; a pod uses its own account unless told otherwise.

    Raises:
        ConnectionSetupError: no cluster can be addressed.
    """
    told = bool(kubeconfig or context or environment.get("KUBECONFIG"))
    if not told and is_in_cluster(environment):
        return await in_cluster(environment)
    return await from_kubeconfig(kubeconfig_paths(environment, kubeconfig), context)
