"""The ceiling: a client that only makes the writes, with 16 in flight. It watches nothing.

The same four writes an owner as our operator makes (finalizer and label, two children, status),
over the same libraries. Environment: `BENCH_URL`, `BENCH_TOKEN`, `BENCH_CA`.
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

IN_FLIGHT = 16
MERGE = "application/merge-patch+json"
FINALIZER = {
    "metadata": {"finalizers": ["bench.katalogc.dev/cleanup"], "labels": {"managed": "true"}}
}


async def _main() -> None:
    tls = ssl.create_default_context(cafile=os.environ["BENCH_CA"])
    headers = {"Authorization": f"Bearer {os.environ['BENCH_TOKEN']}"}
    connector = aiohttp.TCPConnector(ssl=tls, limit=IN_FLIGHT)
    base = os.environ["BENCH_URL"]
    async with aiohttp.ClientSession(base, connector=connector, headers=headers) as session:

        async def send(method: str, path: str, body: Any, kind: str = "application/json") -> None:
            async with session.request(
                method, path, data=orjson.dumps(body), headers={"Content-Type": kind}
            ) as answer:
                text = await answer.read()
                if answer.status >= 300:
                    raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")

        async with session.get(workload.OWNERS) as answer:
            owners = orjson.loads(await answer.read())["items"]
        pending = iter(owners)

        async def work() -> None:
            for observed in pending:
                path = f"{workload.OWNERS}/{observed['metadata']['name']}"
                await send("PATCH", path, FINALIZER, MERGE)
                await send("POST", workload.CONFIG_MAPS, workload.config_map(observed))
                await send("POST", workload.REPLICA_SETS, workload.replica_set(observed))
                await send("PATCH", f"{path}/status", {"status": {"phase": "Running"}}, MERGE)

        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))


if __name__ == "__main__":
    uvloop.run(_main())
