"""Lists in pages, watches with all their endings."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalog_runtime.cluster import ListPage, WatchEvent
from katalog_runtime.errors import ApiError, GoneError
from katalogc.localcluster import LocalCluster
from katalogc.localcluster.direct import DirectCluster
from tests.localcluster.api import MAPS, MERGE, config_map, key


async def page(cluster: DirectCluster, **options: Any) -> ListPage:
    wanted = {
        "namespace": "default",
        "label_selector": "mine",
        "limit": 0,
        "continue_token": "",
        "resource_version": "",
    }
    return await cluster.list_page(MAPS, **{**wanted, **options})


def mine(name: str, **labels: str) -> dict[str, Any]:
    return config_map(name, labels={"mine": "", **labels})


async def watched(
    cluster: DirectCluster, version: str, *, selector: str = "mine", timeout: int = 1
) -> list[WatchEvent]:
    stream = cluster.watch(
        MAPS,
        namespace="default",
        label_selector=selector,
        resource_version=version,
        timeout_seconds=timeout,
    )
    return [event async for event in stream]


def seen(events: list[WatchEvent]) -> list[tuple[str, str]]:
    return [
        (each.type, each.object["metadata"].get("name", ""))
        for each in events
        if each.type != "BOOKMARK"
    ]


async def test_pages_show_one_moment_whatever_happens_between() -> None:
    cluster = LocalCluster().direct()
    for name in "abcde":
        await cluster.create(MAPS, mine(name))
    first = await page(cluster, limit=2)
    await cluster.patch(MAPS, key("d"), {"data": {"key": "new"}}, patch_type=MERGE)
    await cluster.delete(MAPS, key("c"), uid=(await cluster.get(MAPS, key("c")))["metadata"]["uid"])
    await cluster.create(MAPS, mine("bb"))
    second = await page(cluster, limit=2, continue_token=first.continue_token)
    third = await page(cluster, limit=2, continue_token=second.continue_token)
    items = [*first.items, *second.items, *third.items]
    assert [each["metadata"]["name"] for each in items] == list("abcde")
    assert {each["data"]["key"] for each in items} == {"value"}
    assert first.resource_version == third.resource_version
    assert third.continue_token == ""


async def test_a_continue_token_from_before_the_compaction_is_gone() -> None:
    local = LocalCluster()
    cluster = local.direct()
    for name in "abc":
        await cluster.create(MAPS, mine(name))
    first = await page(cluster, limit=1)
    await cluster.create(MAPS, mine("d"))
    local.compact()
    with pytest.raises(GoneError, match="too old to display a consistent list"):
        await page(cluster, limit=1, continue_token=first.continue_token)


@pytest.mark.looptime
async def test_watch_continues_where_the_list_ended() -> None:
    cluster = LocalCluster().direct()
    await cluster.create(MAPS, mine("a"))
    version = (await page(cluster)).resource_version
    created = await cluster.create(MAPS, mine("b"))
    await cluster.patch(MAPS, key("b"), {"data": {"key": "new"}}, patch_type=MERGE)
    await cluster.delete(MAPS, key("b"), uid=created["metadata"]["uid"])
    events = await watched(cluster, version)
    assert seen(events) == [("ADDED", "b"), ("MODIFIED", "b"), ("DELETED", "b")]
    versions = [int(each.object["metadata"]["resourceVersion"]) for each in events]
    assert versions == sorted(versions)


@pytest.mark.looptime
async def test_leaving_a_selection_looks_like_a_deletion() -> None:
    cluster = LocalCluster().direct()
    await cluster.create(MAPS, mine("a"))
    version = (await page(cluster)).resource_version
    gone: dict[str, Any] = {"metadata": {"labels": {"mine": None}}}
    await cluster.patch(MAPS, key("a"), gone, patch_type=MERGE)
    back = {"metadata": {"labels": {"mine": ""}}}
    await cluster.patch(MAPS, key("a"), back, patch_type=MERGE)
    assert seen(await watched(cluster, version)) == [("DELETED", "a"), ("ADDED", "a")]


@pytest.mark.looptime
async def test_quiet_watches_get_bookmarks_and_end_in_time() -> None:
    cluster = LocalCluster().direct()
    version = (await page(cluster)).resource_version
    start = asyncio.get_running_loop().time()
    events = await watched(cluster, version, timeout=150)
    assert asyncio.get_running_loop().time() - start == pytest.approx(150)
    assert {each.type for each in events} == {"BOOKMARK"}
    assert len(events) >= 2


@pytest.mark.looptime
async def test_a_watch_from_before_the_history_is_told_so() -> None:
    local = LocalCluster(history=5)
    cluster = local.direct()
    version = (await page(cluster)).resource_version
    for number in range(20):
        await cluster.create(MAPS, mine(f"m{number}"))
    (event,) = await watched(cluster, version)
    assert event.type == "ERROR"
    assert event.object["code"] == 410
    assert event.object["reason"] == "Expired"


@pytest.mark.looptime
async def test_dropped_watches_end_without_an_error() -> None:
    local = LocalCluster()
    cluster = local.direct()
    version = (await page(cluster)).resource_version
    task = asyncio.create_task(watched(cluster, version, timeout=1000))
    await asyncio.sleep(1)
    assert len(local.server.watches) == 1
    local.drop_watches()
    assert await task == []
    assert not local.server.watches


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("tier=gold", ["a"]),
        ("tier!=gold", ["b", "c"]),
        ("tier in (gold, tin),mine", ["a", "b"]),
        ("tier notin (gold),tier", ["b"]),
        ("!tier,mine", ["c"]),
        ("weight>3", ["b"]),
    ],
)
async def test_label_selectors(selector: str, names: list[str]) -> None:
    cluster = LocalCluster().direct()
    await cluster.create(MAPS, mine("a", tier="gold", weight="3"))
    await cluster.create(MAPS, mine("b", tier="tin", weight="4"))
    await cluster.create(MAPS, mine("c"))
    found = (await page(cluster, label_selector=f"{selector},mine")).items
    assert [each["metadata"]["name"] for each in found] == names


async def test_a_selector_that_cannot_be_read_names_the_place() -> None:
    with pytest.raises(ApiError, match="found '=', expected: ',' or 'end of string'"):
        await page(LocalCluster().direct(), label_selector="a=b=c")


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.sampled_from(["create", "patch", "delete"]), st.sampled_from("abc")),
        max_size=25,
    ),
    st.integers(0, 25),
)
def test_list_and_watch_together_show_the_truth(steps: list[tuple[str, str]], cut: int) -> None:
    """Whoever lists at some moment and watches from there on ends with what a later list shows."""

    async def scene() -> None:
        local = LocalCluster()
        cluster = local.direct()
        known: dict[str, dict[str, Any]] = {}
        version = ""
        for number, (verb, name) in enumerate(steps):
            if number == cut:
                listed = await page(cluster)
                known = {each["metadata"]["name"]: each for each in listed.items}
                version = listed.resource_version
            exists = local.exists("ConfigMap", name)
            if verb == "create" and not exists:
                await cluster.create(MAPS, mine(name))
            elif verb == "patch" and exists:
                body = {"data": {"key": str(number)}}
                await cluster.patch(MAPS, key(name), body, patch_type=MERGE)
            elif verb == "delete" and exists:
                uid = local.get("ConfigMap", name)["metadata"]["uid"]
                await cluster.delete(MAPS, key(name), uid=uid)
        if not version:
            return
        stream = cluster.watch(
            MAPS,
            namespace="default",
            label_selector="mine",
            resource_version=version,
            timeout_seconds=1,
        )
        end = (await page(cluster)).resource_version
        await cluster.create(MAPS, mine("last"))
        async for event in stream:
            name = event.object["metadata"].get("name", "")
            if event.type == "DELETED":
                del known[name]
            elif event.type != "BOOKMARK":
                known[name] = event.object
            if name == "last":
                break
        await stream.aclose()  # type: ignore[attr-defined]  # the protocol promises an iterator only
        assert int(end) < int(known.pop("last")["metadata"]["resourceVersion"])
        current = {
            each["metadata"]["name"]: each
            for each in (await page(cluster)).items
            if each["metadata"]["name"] != "last"
        }
        assert known == current

    asyncio.run(scene())
