"""`LocalCluster`: a Kubernetes API in memory, as one object to hold on to.

    with LocalCluster() as cluster:
        cluster.apply_manifests(manifests)
        operator = cluster.direct(user="system:serviceaccount:default:operator")

In: options. Out: ways to talk to the cluster (`direct`, `start_http`), to look at it (`get`,
`list`, `requests`) and to trouble it (`fail_next`, `inject`, `drop_watches`, `compact`). It may be
used from any thread; it starts a thread of its own only for HTTP.
"""

from __future__ import annotations

import builtins
import random
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from katalog_runtime.errors import ApiError
from katalogc.localcluster import persistence
from katalogc.localcluster.api_server import ApiServer, ControllerLike
from katalogc.localcluster.authentication import Tokens
from katalogc.localcluster.bootstrap import bootstrap
from katalogc.localcluster.custom_resources import CustomResourceController
from katalogc.localcluster.faults import Fault
from katalogc.localcluster.garbage_collection import GarbageCollector
from katalogc.localcluster.namespaces import NamespaceController
from katalogc.localcluster.object_access import ObjectAccess, as_user
from katalogc.localcluster.operations import ADMIN, RequestRecord, User
from katalogc.localcluster.resources import Registry, built_in_types
from katalogc.localcluster.state import ClusterState, wall_clock
from katalogc.localcluster.storage import Store
from katalogc.localcluster.storage_protection import StorageProtection
from katalogc.localcluster.workloads import WorkloadController

if TYPE_CHECKING:
    from types import TracebackType

    from katalogc.localcluster.certificates import Certificates
    from katalogc.localcluster.direct import DirectCluster
    from katalogc.localcluster.http_thread import HttpThread

DEFAULT_MINOR = "1.36"


class LocalCluster(ObjectAccess):
    """A Kubernetes API server, its controllers and its store, in this process."""

    def __init__(
        self,
        *,
        minor: str = DEFAULT_MINOR,
        clock: Callable[[], datetime] = wall_clock,
        seed: int | None = 0,
        history: int = 1000,
        data: Path | None = None,
        controllers: bool = True,
        workloads: bool = True,
    ) -> None:
        """A new cluster, or the one that `data` holds.

        Args:
            minor: the Kubernetes minor whose built-in types it serves.
            clock: the current moment, aware; for time stamps and token lifetimes.
            seed: makes UIDs and generated names repeatable; None draws them from the system.
            history: how many changes of a resource its watches may lag behind before they get 410.
            data: a file that keeps the state; read now, written by `save` and at the end.
            controllers: whether garbage is collected and namespaces are filled and emptied; without
                them nothing but requests changes anything (definitions are still established).
            workloads: whether Deployments, Jobs, Pods … are made to look ready.

        Raises:
            SurroundingsError: `data` cannot be read, or not be written.
            KeyError: no schemas for this minor.
        """
        saved = persistence.read(data) if data is not None else None
        if data is not None:
            persistence.check_writable(data)
        generator = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - names and UIDs, no secrets
        self.state = ClusterState(
            store=Store(history=history),
            registry=Registry(built_in_types(minor)),
            clock=clock,
            random=generator,
            minor=minor,
        )
        key = bytes.fromhex(saved["secrets"]["key"]) if saved else secrets.token_bytes(32)
        self._key = key
        self.tokens = self.state.tokens = Tokens(self.state.store, clock, key)
        self._namespaces = NamespaceController(self.state)
        parts: list[ControllerLike] = [CustomResourceController(self.state)]
        if controllers:
            protection = StorageProtection(self.state)
            parts += [GarbageCollector(self.state), self._namespaces, protection]
        if controllers and workloads:
            parts.append(WorkloadController(self.state))
        self.server = ApiServer(self.state, tuple(parts))
        self._data = data
        self._http: HttpThread | None = None
        self._tls: Certificates | None = None
        self._saved_tls: dict[str, str] = (saved or {}).get("secrets", {}).get("tls") or {}
        if saved is None:
            bootstrap(self.state)
            self.server.settle()
        else:
            if isinstance(generator, random.Random) and seed is not None:
                generator.seed(f"{seed}/{saved['revision']}")
            persistence.restore(self.state, saved)
            for token, user in saved["secrets"].get("tokens", {}).items():
                self.tokens.add(token, User(name=user["name"], groups=tuple(user["groups"])))
            self.server.rebuild()

    # -- talking to it ---------------------------------------------------------------------------

    def direct(
        self,
        *,
        user: str | User = ADMIN,
        field_manager: str = "katalogc",
        latency_seconds: float = 0.0,
    ) -> DirectCluster:
        """The cluster in the runtime's own protocol, as this user (default: may do everything).

        Args:
            user: a `User`, or a name such as `system:serviceaccount:NAMESPACE:NAME`.
            latency_seconds: how long every request takes, in the event loop's time.
        """
        from katalogc.localcluster.direct import DirectCluster

        return DirectCluster(
            self.server,
            user=as_user(user),
            field_manager=field_manager,
            latency_seconds=latency_seconds,
        )

    # -- looking at it and troubling it ----------------------------------------------------------

    @property
    def requests(self) -> builtins.list[RequestRecord]:
        """The requests so far, oldest first."""
        with self.state.lock:
            return list(self.server.requests)

    def forget_requests(self) -> None:
        """Empties the request log."""
        with self.state.lock:
            self.server.requests.clear()

    def inject(self, fault: Fault) -> None:
        """Appends a fault to the script."""
        with self.state.lock:
            self.server.faults.add(fault)

    def fail_next(self, error: int | ApiError = 500, *, times: int = 1, **conditions: Any) -> None:
        """The next `times` requests that meet the conditions (fields of `Fault`) are refused.

        Args:
            error: an HTTP status, or an `ApiError` whose status, reason and message are answered.
        """
        if isinstance(error, ApiError):
            facts: dict[str, Any] = {"status": error.status, "reason": error.reason}
            facts["message"] = error.message
            facts["retry_after_seconds"] = int(error.retry_after_seconds or 0)
        else:
            facts = {"status": error}
        kind = "unreachable" if facts["status"] == 0 else "error"
        self.inject(Fault(**{"kind": kind, "times": times, **facts, **conditions}))

    def drop_watches(self) -> None:
        """Ends all open watches, as a restarting API server does."""
        self.server.drop_watches()

    def compact(self) -> None:
        """Forgets all history: watches and continue tokens from before are answered 410."""
        with self.state.lock:
            self.state.store.compact()

    # -- users -----------------------------------------------------------------------------------

    def token(self, user: str | User) -> str:
        """A bearer token: of an existing service account, or a new static one for any other
        user."""
        who = as_user(user)
        with self.state.lock:
            parts = who.name.split(":")
            if parts[:2] == ["system", "serviceaccount"] and len(parts) == 4:
                account = self.get("ServiceAccount", parts[3], namespace=parts[2])
                return self.tokens.issue(account, lifetime_seconds=10 * 365 * 86400)[0]
            token = f"embedded-{secrets.token_hex(16)}"
            self.tokens.add(token, who)
            return token

    # -- HTTP ------------------------------------------------------------------------------------

    def start_http(self, port: int = 0, *, tls: bool = True) -> str:
        """Serves the API on a loopback port, in a thread of its own; returns the address.

        Args:
            port: 0 takes a free one.
            tls: with a certificate of the cluster's own authority. kubectl sends no token over
            plain HTTP.

        Raises:
            SurroundingsError: the port cannot be had.
        """
        if self._http is None:
            from katalogc.localcluster.http_thread import HttpThread

            certificates = self._certify() if tls else None
            self._http = HttpThread(self.server, port=port, certificates=certificates)
        return self._http.url

    @property
    def url(self) -> str:
        """The address of the API; starts serving if nobody did."""
        return self.start_http()

    def _certify(self) -> Certificates:
        from katalogc.localcluster.certificates import Certificates, issue

        if self._tls is None:
            known = self._saved_tls
            self._tls = Certificates(**known) if known else issue(wall_clock())
            with self.state.lock:
                self._namespaces.publish(self._tls.authority)
                self.server.settle()
        return self._tls

    def kubeconfig(self, user: str | User = ADMIN, *, namespace: str = "default") -> dict[str, Any]:
        """A kubeconfig for a user (default: one who may do everything); starts serving if nobody
        did.

        Raises:
            ApiError: the user is a service account that does not exist.
        """
        from katalogc.localcluster.kubeconfig import kubeconfig

        url = self.start_http()
        who = as_user(user)
        return kubeconfig(
            server=url,
            authority=self._tls.authority if self._tls is not None else "",
            token=self.token(who),
            user=who.name,
            namespace=namespace,
        )

    # -- its life --------------------------------------------------------------------------------

    def save(self) -> None:
        """Writes the state to the data file, if there is one.

        Raises:
            SurroundingsError: the disk refuses.
        """
        if self._data is None:
            return
        with self.state.lock:
            tokens = {
                token: {"name": user.name, "groups": list(user.groups)}
                for token, user in self.tokens.static_tokens().items()
            }
            tls = self._saved_tls
            if self._tls is not None:
                names = ("authority", "certificate", "key")
                tls = {name: getattr(self._tls, name) for name in names}
            saved = {"key": self._key.hex(), "tokens": tokens, "tls": tls}
            content = persistence.dump(self.state, saved)
        persistence.save(self._data, content)

    def stop(self) -> None:
        """Stops serving and saves; idempotent."""
        if self._http is not None:
            self._http.stop()
            self._http = None
        self.save()

    def __enter__(self) -> LocalCluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> LocalCluster:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
