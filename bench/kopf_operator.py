"""The peer: the same operator as a kopf user writes it for speed: async handlers over aiohttp.

Creation makes the two children and returns the status; a timer of 15 s repairs the ReplicaSet, as
kopf watches no children by itself. Run with `kopf run`. Environment: `BENCH_URL`, `BENCH_TOKEN`,
`BENCH_CA`.
"""

from __future__ import annotations

import os
import ssl
from typing import Any

import aiohttp
import kopf
import orjson

from bench import workload

RESOURCE = (workload.GROUP, workload.VERSION, workload.PLURAL)


@kopf.on.startup()
async def start(settings: kopf.OperatorSettings, memo: kopf.Memo, **_: Any) -> None:
    """One session for all handlers; no Events, no chatter."""
    settings.posting.enabled = False
    tls = ssl.create_default_context(cafile=os.environ["BENCH_CA"])
    headers = {
        "Authorization": f"Bearer {os.environ['BENCH_TOKEN']}",
        "Content-Type": "application/json",
    }
    connector = aiohttp.TCPConnector(ssl=tls, limit=32)
    memo.session = aiohttp.ClientSession(
        os.environ["BENCH_URL"], connector=connector, headers=headers
    )


@kopf.on.cleanup()
async def stop(memo: kopf.Memo, **_: Any) -> None:
    """Close what `start` opened."""
    await memo.session.close()


@kopf.on.login()
def login(**_: Any) -> kopf.ConnectionInfo:
    """The benchmark's administrator."""
    return kopf.ConnectionInfo(
        server=os.environ["BENCH_URL"],
        ca_path=os.environ["BENCH_CA"],
        token=os.environ["BENCH_TOKEN"],
    )


@kopf.on.create(*RESOURCE)
async def create(body: kopf.Body, patch: kopf.Patch, memo: kopf.Memo, **_: Any) -> None:
    """Make the children; kopf writes the status together with its own bookkeeping."""
    observed = dict(body)
    for path, child in (
        (workload.CONFIG_MAPS, workload.config_map(observed)),
        (workload.REPLICA_SETS, workload.replica_set(observed)),
    ):
        async with memo.session.post(path, data=orjson.dumps(child)) as answer:
            if answer.status not in {201, 409}:
                raise kopf.TemporaryError(f"{path}: {answer.status}", delay=1)
    patch.status["phase"] = "Running"


@kopf.timer(*RESOURCE, interval=15)
async def repair(body: kopf.Body, memo: kopf.Memo, **_: Any) -> None:
    """Look at the ReplicaSet and set the replicas that the owner asks for."""
    observed = dict(body)
    wanted = workload.replica_set(observed)
    path = f"{workload.REPLICA_SETS}/{wanted['metadata']['name']}"
    async with memo.session.get(path) as answer:
        if answer.status != 200:
            return
        found = orjson.loads(await answer.read())
    if found["spec"]["replicas"] != wanted["spec"]["replicas"]:
        body_patch = {"spec": {"replicas": wanted["spec"]["replicas"]}}
        kind = {"Content-Type": "application/merge-patch+json"}
        async with memo.session.patch(path, data=orjson.dumps(body_patch), headers=kind) as answer:
            await answer.read()
