"""The routes over HTTP: status codes, types, headers, and what strangers' texts cannot do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace

import aiohttp
import pytest
from yarl import URL

from katalog_runtime import status_page
from katalog_runtime.bundle import Operator
from katalog_runtime.config import Address
from katalog_runtime.documentation_page import STATE_MARK
from katalog_runtime.events import RecordedEvent
from katalog_runtime.health import LeadershipView, Verdict
from katalog_runtime.katalog_shapes import ProcessView
from katalog_runtime.listener import listen
from katalog_runtime.objects import NamespacedName
from katalog_runtime.observe import ObjectView
from katalog_runtime.server import Server
from tests.shell.views import GROUP, bundle, controller, informer, owner, process, view

LOG = logging.getLogger("tests.server")
NASTY = "<script>alert('x')</script>\"&"


class Observed:
    def __init__(self, seen: ProcessView, *found: ObjectView) -> None:
        self.seen = seen
        self.found = found

    def process(self) -> ProcessView:
        return self.seen

    def objects(self, controller: str) -> Sequence[ObjectView]:
        return self.found

    def object(self, controller: str, key: NamespacedName) -> ObjectView | None:
        return next((each for each in self.found if each.key == key), None)

    def events(self, uid: str) -> Sequence[RecordedEvent]:
        return []

    def metrics(self) -> bytes:
        return b"katalog_info 1\n"


@asynccontextmanager
async def served(observed: Observed) -> AsyncIterator[aiohttp.ClientSession]:
    server = Server(observed, LOG)
    listener = listen(Address(host="127.0.0.1", port=0))
    await server.start(listener.sockets)
    async with aiohttp.ClientSession(f"http://{listener.address}") as session:
        yield session
    await server.stop()


async def get(session: aiohttp.ClientSession, path: str) -> tuple[int, str, str]:
    async with session.get(path) as answer:
        return answer.status, answer.headers["Content-Type"], await answer.text()


@pytest.mark.parametrize(
    ("path", "status", "kind", "part"),
    [
        ("/", 200, "text/html; charset=utf-8", "<h1>data-platform</h1>"),
        ("/health", 200, "application/json", '"ok":true'),
        ("/ready", 200, "application/json", '"ok":true'),
        ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", "katalog_info"),
        ("/docs/data-job", 200, "text/html; charset=utf-8", "<h1>data-job</h1>"),
        ("/docs/nothing", 404, "application/json", "no custom resource called nothing"),
        ("/katalog", 200, "application/json", '"OrkReady":true'),
        ("/katalog/Data-Job", 200, "application/json", '"name":"data-job"'),
        ("/katalog/data-job/health", 200, "application/json", '"state":"healthy"'),
        ("/katalog/data-job/cr", 200, "application/json", '"total":1'),
        ("/katalog/data-job/cr?field=spec.parallelism", 200, "application/json", '"value":3'),
        ("/katalog/data-job/cr/demo-05/nightly", 200, "application/json", '"ConfigMap":[{'),
        ("/katalog/data-job/cr/nightly", 200, "application/json", '"name":"nightly"'),
        ("/katalog/data-job/cr/demo-05/nightly/events", 200, "application/json", '"events":[]'),
        ("/katalog/data-job/cr/nightly/events", 200, "application/json", '"events":[]'),
        ("/katalog/data-job/cr/demo-05/other", 404, "application/json", "no DataJob at"),
        ("/katalog/data-job/cr/a/b/c/d", 404, "application/json", "no DataJob at"),
        ("/etc/passwd", 404, "application/json", "error"),
    ],
)
async def test_every_route_answers(path: str, status: int, kind: str, part: str):
    async with served(Observed(process(), owner())) as session:
        code, content_type, text = await get(session, path)
    assert (code, content_type) == (status, kind)
    assert part in text


async def test_not_ready_is_said_with_reasons():
    observed = Observed(process(reasons=("data-job: datajobs is not listed yet",)))
    async with served(observed) as session:
        code, _, text = await get(session, "/ready")
        alive, _, _ = await get(session, "/health")
    assert (code, alive) == (503, 200)
    assert "datajobs is not listed yet" in text


async def test_no_page_may_load_or_run_anything():
    async with served(Observed(process())) as session, session.get("/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_only_reading_is_offered(method: str):
    paths = ("/", "/health", "/metrics", "/docs/data-job", "/katalog", "/katalog/data-job/cr/a")
    async with served(Observed(process(), owner())) as session:
        for path in paths:
            async with session.request(method, path, data=b"{}") as answer:
                assert answer.status == 405


async def test_head_is_get_without_a_body():
    async with served(Observed(process())) as session, session.head("/katalog") as answer:
        assert (answer.status, await answer.read()) == (200, b"")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "headers", "statuses"),
    [
        ("/health", {"X-Long": "x" * 20_000}, {400}),
        ("/" + "x" * 20_000, {}, {400, 414}),
        ("/katalog/data-job/cr?field=spec.stages." + "9" * 5000, {}, {200}),
        ("/katalog/data-job/cr?field=" + "a." * 3000, {}, {200}),
        ("/katalog/data-job/cr/..%2f..%2fsecrets/x", {}, {404}),
        ("/docs/%3Cscript%3E", {}, {404}),
        ("/katalog/data-job/cr/%00", {}, {404}),
    ],
    ids=["header", "path", "index", "depth", "dots", "script", "nul"],
)
async def test_a_hostile_request_is_refused_and_the_server_lives_on(path, headers, statuses):
    async with served(Observed(process(), owner())) as session:
        async with session.get(URL(path, encoded=True), headers=headers) as answer:
            text = await answer.text()
            assert answer.status in statuses
            assert answer.content_type in ("application/json", "text/plain")
            assert "Traceback" not in text
        fine, _, _ = await get(session, "/health")
    assert fine == 200


async def test_a_bug_in_a_route_is_answered_and_the_server_lives_on():
    class Broken(Observed):
        def metrics(self) -> bytes:
            raise RuntimeError("a bug")

    async with served(Broken(process())) as session:
        broken, _, text = await get(session, "/metrics")
        fine, _, _ = await get(session, "/health")
    assert (broken, fine) == (500, 200)
    assert "RuntimeError" not in text


def test_the_page_escapes_what_comes_from_katalogs_and_clusters():
    spec = controller("data-job", "DataJob")
    named = bundle(spec, operator=Operator(name=NASTY, version=NASTY, description=NASTY))
    sick = view(spec, state="degraded", degraded_reason=NASTY, consecutive_failures=9)
    follower = LeadershipView(enabled=True, leading=False, leader=NASTY)
    html = status_page.render(process(named, sick, leadership=follower, reasons=(NASTY,)))
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 6


def test_the_page_says_who_leads_and_what_is_wrong():
    follower = LeadershipView(enabled=True, leading=False, leader="operator-1")
    html = status_page.render(process(leadership=follower, reasons=("no leader",)))
    assert "follows operator-1" in html
    assert "Not ready because" in html


def test_an_error_of_the_past_is_not_shown_once_the_controller_works_again():
    spec = controller()
    past = view(spec, last_error="it was forbidden", consecutive_failures=0, ready_count=12)
    now = view(spec, last_error="it is forbidden", consecutive_failures=2, ready_count=12)
    one = view(spec, last_error="one is forbidden", consecutive_failures=0, ready_count=11)
    assert "it was forbidden" not in status_page.render(process(bundle(spec), past))
    assert "it is forbidden" in status_page.render(process(bundle(spec), now))
    assert "one is forbidden" in status_page.render(process(bundle(spec), one))


def test_parts_that_ended_are_told_too():
    seen = replace(process(), liveness=Verdict(ok=False, reasons=("events has ended",)))
    assert "events has ended" in status_page.render(seen)


def test_a_degraded_type_shows_in_the_heading_although_the_process_is_ready():
    spec = controller()
    sick = view(spec, state="degraded", degraded_reason="it is forbidden")
    assert ">ready, 1 degraded</span>" in status_page.render(process(bundle(spec), sick))
    assert ">ready</span>" in status_page.render(process(bundle(spec), view(spec)))


def test_what_is_not_ready_stands_out_and_a_type_without_objects_says_so():
    spec = controller()
    some = status_page.render(process(bundle(spec), view(spec, resource_count=3, ready_count=2)))
    full = status_page.render(process(bundle(spec), view(spec, resource_count=3, ready_count=3)))
    none = status_page.render(process(bundle(spec), view(spec, resource_count=0, ready_count=0)))
    assert '<a class="short" href="/katalog/data-job/cr">2 of 3</a>' in some
    assert '<a href="/katalog/data-job/cr">3 of 3</a>' in full
    assert ">none</span>" in none


def test_a_type_that_the_cluster_lacks_tells_why_and_what_mends_it():
    spec = controller()
    absent = informer(spec.api, synced=False, trouble="the server could not find the resource")
    sick = view(spec, state="degraded", missing=(str(spec.api.group_resource),),
                informers=(absent,), degraded_reason="cannot list datajobs")  # fmt: skip
    html = status_page.render(process(bundle(spec), sick))
    assert (
        f"cannot list datajobs.{GROUP}: the server could not find the resource. Apply what katalogc"
        " build wrote: crds/ and rbac.yaml."
    ) in html


async def test_the_reader_can_stop_the_refreshing():
    async with served(Observed(process())) as session:
        _, _, running = await get(session, "/")
        _, _, paused = await get(session, "/?refresh=off")
    assert 'http-equiv="refresh"' in running
    assert '<a href="/?refresh=off">pause</a>' in running
    assert 'http-equiv="refresh"' not in paused
    assert '<a href="/">refresh</a>' in paused


async def test_a_documentation_page_shows_how_it_goes_and_leads_back():
    spec = controller()
    of = bundle(spec, pages={"data-job": f"<header>{STATE_MARK}<h1>data-job</h1></header>"})
    sick = view(spec, state="degraded")
    async with served(Observed(process(of, sick))) as session:
        status, _, html = await get(session, "/docs/data-job")
    assert status == 200
    assert '<a href="/">← data-platform</a>' in html
    assert '<span class="pill bad">degraded</span> <span>uptime 52h44m37s</span>' in html
    assert STATE_MARK not in html


async def test_nothing_answers_after_the_end_whenever_it_came() -> None:
    answered = 0
    for steps in range(60):
        with closing(listen(Address(host="127.0.0.1", port=0))) as listener:
            serving = asyncio.create_task(listener.serve(Observed(process()), LOG))
            for _ in range(steps):
                await asyncio.sleep(0)
            serving.cancel()
            await asyncio.wait([serving])
        with suppress(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", listener.address.port)
            answered += 1
    assert answered == 0
