"""Do what a plan says: one request after another for one owner, siblings side by side.

Every action is idempotent, so that it may be repeated after an answer that never came. Answers go
into the cache at once. What an error means is decided in `problems`, what to do next in `perform`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal, NamedTuple, TypeVar

from katalog_runtime.bundle import ApiType
from katalog_runtime.cache import Cache
from katalog_runtime.children import refusal
from katalog_runtime.cluster import Cluster
from katalog_runtime.conditions import Reason
from katalog_runtime.drift import matches
from katalog_runtime.errors import AlreadyExistsError, ApiError, ConflictError, InvalidError
from katalog_runtime.handover import (
    Handover,
    handover_of,
    handover_patch,
    retirement_patch,
    short_patch,
)
from katalog_runtime.inventory import Ownership, ownership, restoration
from katalog_runtime.objects import (
    MANAGED_SELECTOR,
    PART_OF_LABEL,
    Manifest,
    is_deleting,
    key_of,
    without_managed_fields,
)
from katalog_runtime.observe import Metrics
from katalog_runtime.plan import Apply, Create, Delete, Problem, Seen, Write
from katalog_runtime.problems import describe, problem_of
from katalog_runtime.projection import trim_child
from katalog_runtime.render import ChildRef, OwnerFacts, Program

_T = TypeVar("_T")


class LeadershipLostError(Exception):
    """This process may not write any more; whatever is left undone is its successor's work."""


class ChildOutcome(NamedTuple):
    """How one write went."""

    write: Write
    effect: Literal["created", "applied", "found", "refused"]
    seen: Seen | None = None
    problem: Problem | None = None


class Executor:
    """Sends one controller's writes and tells its cache of the answers."""

    def __init__(
        self,
        program: Program,
        cache: Cache,
        *,
        cluster: Cluster,
        metrics: Metrics,
        everywhere: bool,
        may_write: Callable[[], bool],
    ) -> None:
        """Args:
        everywhere: Whether it may list children in all namespaces.
        may_write: Asked before every write; once it says no, nothing more is sent.
        """
        self._program = program
        self._cache = cache
        self._cluster = cluster
        self._metrics = metrics
        self._everywhere = everywhere
        self._may_write = may_write
        self._name = program.spec.name

    async def put_owner(self, owner: Manifest, *, subresource: str = "") -> Manifest:
        """Replace the owner, or its status, if it is still as it was observed; raises ApiError.

        The answer is in the cache. PUT, and no patch: measured, that costs the API server a sixth
        less for a custom resource (docs/adr/0012-owners-are-replaced.md).
        """
        api = self._program.spec.api
        request = self._cluster.replace(api, owner, subresource=subresource)
        # The next write may be made of this answer.
        answer = without_managed_fields(await self._send(subresource or "update", api, request))
        self._cache.put_owner(answer)
        return answer

    async def is_gone(self, owner: OwnerFacts) -> bool:
        """Whether the server has no such owner, whatever our view of it says. Raises ApiError.

        A type that is not served (404) tells nothing of its objects: it may be served at another
        version, or again in a moment.
        """
        # A list, for reading it by its name would need a permission that nothing else needs; and by
        # its name, for its label may have been taken away.
        page = await self._cluster.list_page(
            self._program.spec.api,
            namespace=owner.key.namespace,
            label_selector="",
            field_selector=f"metadata.name={owner.key.name}",
            limit=1,
            continue_token="",
            resource_version="",
        )
        # An empty page that has a successor is no answer.
        return not page.items and not page.continue_token

    async def write_all(self, writes: tuple[Write, ...], owner: OwnerFacts) -> list[ChildOutcome]:
        """All writes side by side; a failing one does not stop the others."""
        # The first needs no task of its own.
        siblings = [asyncio.create_task(self._write(each, owner)) for each in writes[1:]]
        try:
            first = await self._write(writes[0], owner)
            return [first, *[await each for each in siblings]]
        except BaseException:
            # Leadership is lost, or time is up: nobody would hear what the others still do.
            for each in siblings:
                each.cancel()
            await asyncio.gather(*siblings, return_exceptions=True)
            raise

    async def delete_all(self, deletes: tuple[Delete, ...]) -> list[Problem]:
        """Delete what is no longer wanted; returns what was refused."""
        answers = await asyncio.gather(*(self._delete(each) for each in deletes))
        return [each for each in answers if each is not None]

    async def clear_out(self, api: ApiType, owner: OwnerFacts) -> None:
        """Delete every child of a type that nothing makes any more. Raises ApiError."""
        # A template that is gone may have put them into another namespace.
        within = "" if self._everywhere or not api.namespaced else owner.key.namespace
        token = ""
        while True:
            page = await self._cluster.list_page(
                api,
                namespace=within,
                label_selector=f"{MANAGED_SELECTOR},{PART_OF_LABEL}={owner.set_identity}",
                limit=500,
                continue_token=token,
                resource_version="",
            )
            for found in page.items:
                ours = ownership(found, owner.manifest, owner.set_identity) is Ownership.OURS
                if ours and not is_deleting(found):
                    uid = found["metadata"]["uid"]
                    request = self._cluster.delete(api, key_of(found), uid=uid)
                    await self._send("delete", api, request)
            token = page.continue_token
            if not token:
                return

    async def _write(self, write: Write, owner: OwnerFacts) -> ChildOutcome:
        api = write.child.template.api
        try:
            match write:
                case Create():
                    return await self._create(write, api, owner)
                case Apply():
                    return await self._apply(write, api, owner)
        except ApiError as error:
            return _refused(write, problem_of(error, api, write.ref))

    async def _create(self, write: Create, api: ApiType, owner: OwnerFacts) -> ChildOutcome:
        try:
            made = await self._send("create", api, self._cluster.create(api, write.manifest))
        except AlreadyExistsError:
            return await self._meet(write, api, owner)
        return self._accepted(write, made, owner, "created")

    async def _meet(self, write: Create, api: ApiType, owner: OwnerFacts) -> ChildOutcome:
        """An object of that name is there, though the watch does not show it: whose is it?

        Ours if an answer of an earlier write was lost, or someone took our label away by hand.
        """
        found = await self._cluster.get(api, write.ref.key)
        problem = _unusable(found, api, write.ref, owner)
        if problem is not None:
            return _refused(write, problem)
        if write.child.template.sync == "apply" and not matches(write.manifest, found):
            apply = Apply(
                child=write.child,
                ref=write.ref,
                manifest=write.manifest,
                intent=write.intent,
                uid=found["metadata"]["uid"],
                handover=handover_of(found),
                cause="change",
            )
            return await self._apply(apply, api, owner)
        restored = restoration(write.manifest, found)
        if restored is not None:
            found = await self._send(
                "patch",
                api,
                self._cluster.patch(
                    api, write.ref.key, restored, patch_type="application/merge-patch+json"
                ),
            )
        return self._accepted(write, found, owner, "found")

    async def _apply(self, write: Apply, api: ApiType, owner: OwnerFacts) -> ChildOutcome:
        # Drift is what somebody waits for, and takes no field away: it is mended first.
        repairs = write.cause == "drift"
        if write.handover is not None and not repairs:
            problem = await self._hand_over(write, write.handover, api, owner)
            if problem is not None:
                return _refused(write, problem)
        # The UID makes the server refuse (409) if the name belongs to another object by now.
        metadata = {**write.manifest["metadata"], "uid": write.uid}
        answer = await self._send(
            "apply",
            api,
            self._cluster.apply(
                api,
                {**write.manifest, "metadata": metadata},
                force=write.child.template.force,
            ),
        )
        if repairs:
            self._metrics.repaired(self._name, str(api.group_resource))
            answer = await self._hand_over_after(answer, api, write.ref)
        return self._accepted(write, answer, owner, "applied")

    async def _hand_over(
        self, write: Apply, handover: Handover, api: ApiType, owner: OwnerFacts
    ) -> Problem | None:
        """Make our first write an Apply; returns why the object must not be written at all."""
        short = short_patch(handover)
        if short is not None:
            try:
                await self._patch_json(api, write.ref, short)
            except (ConflictError, InvalidError):
                pass  # The object moved on since it was observed: look at it.
            else:
                return None
        found = await self._cluster.get(api, write.ref.key)
        problem = _unusable(found, api, write.ref, owner)
        patch = handover_patch(found)
        if problem is None and patch is not None:
            await self._patch_json(api, write.ref, patch)
        return problem

    async def _hand_over_after(self, repaired: Manifest, api: ApiType, ref: ChildRef) -> Manifest:
        """Let the repair take the place of our first write; the object afterwards.

        The repair stands without it, and the next change makes up for it.
        """
        patch = retirement_patch(repaired)
        if patch is None:
            return repaired
        try:
            return await self._patch_json(api, ref, patch)
        except ApiError:
            return repaired

    async def _patch_json(
        self, api: ApiType, ref: ChildRef, patch: list[dict[str, Any]]
    ) -> Manifest:
        request = self._cluster.patch(api, ref.key, patch, patch_type="application/json-patch+json")
        return await self._send("patch", api, request)

    async def _delete(self, delete: Delete) -> Problem | None:
        try:
            await self._send(
                "delete",
                delete.api,
                self._cluster.delete(
                    delete.api, delete.ref.key, uid=delete.uid, resource_version=delete.version
                ),
            )
        except ApiError as error:
            return problem_of(error, delete.api, delete.ref)
        self._cache.forget_child(delete.ref, delete.uid)
        return None

    def _accepted(
        self,
        write: Write,
        answer: Manifest,
        owner: OwnerFacts,
        effect: Literal["created", "applied", "found"],
    ) -> ChildOutcome:
        ref = write.ref
        self._cache.put_child(ref.kind, answer, owner.set_identity)
        metadata = answer["metadata"]
        intent = ""
        accepted: Manifest | None = None
        if write.child.template.sync == "apply":
            kept = self._cache.child(ref)
            mine = kept is not None and kept.version == metadata["resourceVersion"]
            mask = self._program.kinds[ref.kind].mask
            intent = write.intent
            accepted = kept.manifest if kept is not None and mine else trim_child(answer, mask)
        seen = Seen(
            uid=metadata["uid"],
            version=metadata["resourceVersion"],
            intent=intent,
            accepted=accepted,
        )
        return ChildOutcome(write=write, effect=effect, seen=seen)

    async def _send(self, verb: str, api: ApiType, request: Awaitable[_T]) -> _T:
        resource = str(api.group_resource)
        if not self._may_write():
            if asyncio.iscoroutine(request):
                request.close()
            raise LeadershipLostError
        try:
            answer = await request
        except ApiError as error:
            self._metrics.wrote(self._name, verb, resource, error.reason)
            raise
        self._metrics.wrote(self._name, verb, resource, "ok")
        return answer


def _refused(write: Write, problem: Problem) -> ChildOutcome:
    return ChildOutcome(write=write, effect="refused", problem=problem)


def _unusable(found: Manifest, api: ApiType, ref: ChildRef, owner: OwnerFacts) -> Problem | None:
    """Why the object that is there cannot be written, or None."""
    what = describe(api, ref)
    if is_deleting(found):
        message = f"{what} is being deleted; it is made anew when it is gone"
        return Problem(reason=Reason.CHILD_TERMINATING, message=message, ref=ref)
    return refusal(what, ref, found, owner)
