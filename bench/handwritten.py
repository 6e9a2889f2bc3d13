"""The measure of the design: the workload's operator written by hand, with nothing to spare.

asyncio, aiohttp, orjson and uvloop; lists, watches, a cache, a queue of keys, 16 workers, a resync
of 15 s that walks the cache. It makes the four writes an owner that our operator makes, and repairs
drift with a merge patch. What it leaves out is what an operator for production is made of: watches
that survive their server, backoff, prune, Events, conditions, metrics, health, election.
Environment: `BENCH_URL`, `BENCH_TOKEN`, `BENCH_CA`.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from typing import Any

import aiohttp
import orjson
import uvloop

from bench import workload
from bench.writer import FINALIZER, MERGE

WORKERS = 16
RESYNC_SECONDS = 15.0
SELECTOR = {"labelSelector": "managed=true"}


class Operator:
    """The cache, the queue, and the session that all share."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        """Nothing is asked yet."""
        self.session = session
        self.caches: dict[str, dict[str, dict[str, Any]]] = {
            workload.OWNERS: {},
            workload.CONFIG_MAPS: {},
            workload.REPLICA_SETS: {},
        }
        self.queue: asyncio.Queue[str] = asyncio.Queue()
        self.queued: set[str] = set()
        self.busy: set[str] = set()

    def add(self, key: str) -> None:
        """Queue a key, once."""
        if key not in self.queued:
            self.queued.add(key)
            self.queue.put_nowait(key)

    async def list(self, path: str) -> str:
        """Fill the cache of one type; the version to watch from."""
        query = {} if path == workload.OWNERS else SELECTOR
        async with self.session.get(path, params=query) as answer:
            listed = orjson.loads(await answer.read())
        for item in listed["items"]:
            self.take(path, "ADDED", item)
        version: str = listed["metadata"]["resourceVersion"]
        return version

    async def watch(self, path: str, version: str) -> None:
        """Follow one type from `version` on."""
        query = {} if path == workload.OWNERS else SELECTOR
        query = {**query, "watch": "1", "resourceVersion": version, "timeoutSeconds": "3000"}
        whole = aiohttp.ClientTimeout(total=None)
        async with self.session.get(path, params=query, timeout=whole) as answer:
            rest = b""
            async for chunk in answer.content.iter_any():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    event = orjson.loads(line)
                    self.take(path, event["type"], event["object"])

    def take(self, path: str, kind: str, item: dict[str, Any]) -> None:
        """Keep what was observed and queue the owner, if it is news."""
        cache, metadata = self.caches[path], item["metadata"]
        metadata.pop("managedFields", None)
        name = metadata["name"]
        known = cache.get(name)
        if kind == "DELETED":
            cache.pop(name, None)
        elif known and int(known["metadata"]["resourceVersion"]) >= int(
            metadata["resourceVersion"]
        ):
            return
        else:
            cache[name] = item
        owner = next((each["name"] for each in metadata.get("ownerReferences", ())), name)
        self.add(owner)

    async def send(
        self, method: str, path: str, body: Any, into: str, kind: str = "application/json"
    ) -> None:
        """One write; its answer goes into the cache."""
        async with self.session.request(
            method, path, data=orjson.dumps(body), headers={"Content-Type": kind}
        ) as answer:
            text = await answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        made = orjson.loads(text)
        made["metadata"].pop("managedFields", None)
        self.caches[into][made["metadata"]["name"]] = made

    async def work(self) -> None:
        """One worker: keys off the queue, one at a time."""
        while True:
            key = await self.queue.get()
            self.queued.discard(key)
            if key in self.busy:
                self.add(key)
                await asyncio.sleep(0)
                continue
            self.busy.add(key)
            try:
                if observed := self.caches[workload.OWNERS].get(key):
                    await self.reconcile(observed)
            finally:
                self.busy.discard(key)

    async def reconcile(self, observed: dict[str, Any]) -> None:
        """Send what is missing for one owner."""
        path = f"{workload.OWNERS}/{observed['metadata']['name']}"
        if not observed["metadata"].get("finalizers"):
            await self.send("PATCH", path, FINALIZER, workload.OWNERS, MERGE)
        for into, wanted in (
            (workload.CONFIG_MAPS, workload.config_map(observed)),
            (workload.REPLICA_SETS, workload.replica_set(observed)),
        ):
            name = wanted["metadata"]["name"]
            found = self.caches[into].get(name)
            if found is None:
                await self.send("POST", into, wanted, into)
            elif into is workload.REPLICA_SETS and differs(found, wanted):
                await self.send("PATCH", f"{into}/{name}", {"spec": wanted["spec"]}, into, MERGE)
        if observed.get("status", {}).get("phase") != "Running":
            status = {"status": {"phase": "Running"}}
            await self.send("PATCH", f"{path}/status", status, workload.OWNERS, MERGE)

    async def resync(self) -> None:
        """Look at every owner now and then."""
        while True:
            await asyncio.sleep(RESYNC_SECONDS)
            for key in self.caches[workload.OWNERS]:
                self.add(key)


def differs(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether the ReplicaSet is not what the owner asks for."""
    mine, theirs = wanted["spec"], found["spec"]
    image = theirs["template"]["spec"]["containers"][0]["image"]
    return bool(
        mine["replicas"] != theirs["replicas"]
        or mine["template"]["spec"]["containers"][0]["image"] != image
    )


async def _main() -> None:
    tls = ssl.create_default_context(cafile=os.environ["BENCH_CA"])
    headers = {"Authorization": f"Bearer {os.environ['BENCH_TOKEN']}"}
    connector = aiohttp.TCPConnector(ssl=tls, limit=64)
    base = os.environ["BENCH_URL"]
    async with aiohttp.ClientSession(base, connector=connector, headers=headers) as session:
        operator = Operator(session)
        versions = {path: await operator.list(path) for path in operator.caches}
        await asyncio.gather(
            operator.resync(),
            *(operator.watch(path, version) for path, version in versions.items()),
            *(operator.work() for _ in range(WORKERS)),
        )


if __name__ == "__main__":
    uvloop.run(_main())
