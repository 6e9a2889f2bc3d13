"""The API server without its transport: operations in, answers or watches out.

Authorization, faults, dispatch, the request log, and the controllers' work after each write.
Deterministic and synchronous; whoever calls it owns the thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from katalog_runtime.objects import GroupResource
from katalogc.localcluster import deletion, patching, reads, reviews, subresources, writes
from katalogc.localcluster.authorization import Authorizer
from katalogc.localcluster.faults import Fault, FaultScript, Unanswered
from katalogc.localcluster.operations import Answer, Operation, RequestRecord
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.statuses import (
    Refusal,
    method_not_allowed,
    no_such_path,
    not_found,
)
from katalogc.localcluster.storage import Change
from katalogc.localcluster.watches import Watch

REQUEST_LOG_SIZE = 200_000
MAX_CONTROLLER_STEPS = 1_000_000
"""A bound on what one write may set off, so that two quarrelling controllers are a bug and no
hang."""


class ControllerLike(Protocol):
    """A part of the control plane that reacts to changes."""

    def observe(self, resource: GroupResource, change: Change) -> None:
        """Takes note of a change."""

    def work(self) -> bool:
        """Does one step; False when there is nothing to do."""

    def rebuild(self) -> None:
        """Looks at everything anew."""


_HANDLERS: dict[str, Callable[[ClusterState, Operation], Answer]] = {
    "get": reads.get,
    "list": reads.list_,
    "create": writes.create,
    "update": writes.update,
    "patch": patching.patch,
    "delete": deletion.delete,
    "deletecollection": deletion.delete_collection,
}


@dataclass
class ApiServer:
    """One cluster's front door."""

    state: ClusterState
    controllers: tuple[ControllerLike, ...] = ()
    faults: FaultScript = field(default_factory=FaultScript)

    def __post_init__(self) -> None:
        self.authorizer = Authorizer(self.state)
        self.requests: deque[RequestRecord] = deque(maxlen=REQUEST_LOG_SIZE)
        self.watches: set[Watch] = set()
        """Watches that are open now."""
        for controller in self.controllers:
            self.state.store.observers.append(controller.observe)

    # -- requests --------------------------------------------------------------------------------

    def handle(self, operation: Operation) -> Answer:
        """Answers a request other than a watch.

        Raises:
            Refusal: the API says no.
            Unanswered: a scripted fault swallows the answer.
        """
        with self.state.lock:
            fault = self.faults.take(operation) if len(self.faults) else None
            try:
                answer = self._handle(operation, fault)
            except Refusal as refusal:
                self._record(operation, refusal.status)
                raise
            except Unanswered:
                self._record(operation, 0)
                raise
            self._record(operation, answer.status)
            return answer

    def handle_quietly(self, operation: Operation) -> Answer:
        """Answers past the fault script and the request log.

        Raises:
            Refusal: the API says no.
        """
        with self.state.lock:
            return self._handle(operation, None)

    def _handle(self, operation: Operation, fault: Fault | None) -> Answer:
        if fault is not None:
            if fault.kind == "error":
                raise fault.refusal()
            if fault.kind == "unreachable":
                raise Unanswered
            if fault.kind == "stale-list" and operation.verb == "list":
                revision = max(1, self.state.store.revision - fault.revisions)
                operation = replace(
                    operation, resource_version=str(revision), resource_version_match="Exact"
                )
        self.authorizer.check(operation)
        custom = operation.type.custom
        warning = custom.deprecation_warning if custom is not None else ""
        try:
            answer = self._dispatch(operation)
        except Refusal as refusal:
            if warning:
                refusal.warnings = (*refusal.warnings, warning)
            raise
        if operation.verb not in ("get", "list"):
            self.settle()
        if fault is not None and fault.kind == "ambiguous":
            if fault.status:
                raise fault.refusal()
            raise Unanswered
        if warning:
            answer = replace(answer, warnings=(*answer.warnings, warning))
        return answer

    def _dispatch(self, operation: Operation) -> Answer:
        if operation.subresource:
            declared = operation.type.subresources.get(operation.subresource)
            if declared is None:
                if operation.type.custom is not None:
                    raise not_found(operation.type.resource, operation.name)
                raise no_such_path()
            if operation.verb not in declared.verbs:
                raise method_not_allowed()
            special = subresources.HANDLERS.get(operation.subresource)
            if special is not None:
                return special(self.state, operation)
            if operation.subresource not in subresources.PLAIN:
                raise subresources.not_offered(operation)
        elif operation.verb not in operation.type.verbs:
            raise method_not_allowed()
        review = reviews.HANDLERS.get(operation.type.kind)
        if review is not None and operation.type.group in reviews.GROUPS:
            return review(self.state, self.authorizer, operation)
        return _HANDLERS[operation.verb](self.state, operation)

    def watch(self, operation: Operation) -> Watch:
        """Opens a watch; give it back with `close_watch`.

        Raises:
            Refusal: the API says no.
            Unanswered: a scripted fault.
        """
        with self.state.lock:
            fault = self.faults.take(operation) if len(self.faults) else None
            try:
                watch = self._open_watch(operation, fault)
            except Refusal as refusal:
                self._record(operation, refusal.status)
                raise
            except Unanswered:
                self._record(operation, 0)
                raise
            self._record(operation, 200)
            self.watches.add(watch)
            return watch

    def _open_watch(self, operation: Operation, fault: Fault | None) -> Watch:
        if fault is not None and fault.kind == "error":
            raise fault.refusal()
        if fault is not None and fault.kind == "unreachable":
            raise Unanswered
        self.authorizer.check(operation)
        if "watch" not in operation.type.verbs:
            raise method_not_allowed()
        watch = Watch(self.state, operation)
        if fault is not None and fault.kind in ("drop-watch", "ambiguous"):
            watch.poll()
            watch.abort()
        elif fault is not None and fault.kind == "watch-error":
            watch.poll()
            watch.abort({"type": "ERROR", "object": fault.refusal().body})
        elif fault is not None and fault.kind == "garbage":
            watch.poll()
            watch.abort({"type": "GARBAGE", "object": {}})
        return watch

    def close_watch(self, watch: Watch) -> None:
        """Forgets a watch whose client has gone."""
        self.watches.discard(watch)

    def drop_watches(self) -> None:
        """Ends all open watches, as a restarting API server does."""
        with self.state.lock:
            for watch in tuple(self.watches):
                watch.abort()
            for resource in tuple(self.state.store.collections):
                self.state.store.wake(resource)

    # -- afterwards ------------------------------------------------------------------------------

    def settle(self) -> None:
        """Lets the controllers work until nothing is left to do."""
        for _ in range(MAX_CONTROLLER_STEPS):
            if sum(controller.work() for controller in self.controllers) == 0:
                return
        raise RuntimeError("the embedded cluster's controllers do not come to rest")

    def rebuild(self) -> None:
        """Makes the controllers look at everything anew, after a snapshot was loaded."""
        for controller in self.controllers:
            controller.rebuild()
        self.settle()

    def _record(self, operation: Operation, code: int) -> None:
        type_ = operation.type
        self.requests.append(
            RequestRecord(
                verb=operation.verb,
                group=type_.group,
                version=type_.version,
                resource="/".join(part for part in (type_.plural, operation.subresource) if part),
                namespace=operation.namespace,
                name=operation.name,
                user=operation.user.name,
                user_agent=operation.user_agent,
                field_manager=operation.field_manager,
                patch=operation.patch,
                dry_run=operation.dry_run,
                code=code,
            )
        )
