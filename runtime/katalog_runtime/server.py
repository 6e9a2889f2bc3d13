"""The HTTP server: probes, metrics, the Katalog's state as JSON, the status page. Reads only.

In: an `Observed`, asked at each request. Out: aiohttp routes; what they answer is made by the pure
modules `health`, `katalog_shapes`, `object_shapes`, `status_page` and `documentation_page`. No
route asks the API server anything, and none changes anything: the port needs no authentication
inside of a cluster, so it shows no manifests of children and no data of Secrets.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import orjson
from aiohttp import web

from katalog_runtime import documentation_page, katalog_shapes, object_shapes, status_page
from katalog_runtime.bundle import Controller
from katalog_runtime.events import RecordedEvent
from katalog_runtime.exposition import CONTENT_TYPE
from katalog_runtime.health import Verdict
from katalog_runtime.katalog_shapes import ProcessView, find_controller
from katalog_runtime.objects import NamespacedName
from katalog_runtime.observe import ObjectView

# Nothing is loaded, run or framed: a page made from strangers' texts must not become a program.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Server": "katalogc",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Observed(Protocol):
    """What the routes ask of the process."""

    def process(self) -> ProcessView:
        """Everything but the objects, at this moment."""
        ...

    def objects(self, controller: str) -> Sequence[ObjectView]:
        """The custom resources of a controller."""
        ...

    def object(self, controller: str, key: NamespacedName) -> ObjectView | None:
        """One custom resource with its children; None where there is none."""
        ...

    def events(self, uid: str) -> Sequence[RecordedEvent]:
        """What was recorded for the object with this UID, newest first."""
        ...

    def metrics(self) -> bytes:
        """The exposition text for Prometheus."""
        ...


class _Routes:
    """One method per route."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed

    async def health(self, _: web.Request) -> web.Response:
        return _verdict(self._observed.process().liveness)

    async def ready(self, _: web.Request) -> web.Response:
        return _verdict(self._observed.process().readiness)

    async def metrics(self, _: web.Request) -> web.Response:
        text = self._observed.metrics()
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE})

    async def page(self, request: web.Request) -> web.Response:
        refreshing = request.query.get("refresh") != "off"
        return _html(status_page.render(self._observed.process(), refreshing=refreshing))

    async def docs(self, request: web.Request) -> web.Response:
        process = self._observed.process()
        spec = _spec(process, request)
        page = process.bundle.pages.get(spec.name)
        if page is None:
            raise _not_found(f"the bundle holds no page for {spec.name}")
        return _html(documentation_page.with_state(page, process, spec))

    async def katalog(self, _: web.Request) -> web.Response:
        return _json(*katalog_shapes.katalog(self._observed.process()))

    async def crd(self, request: web.Request) -> web.Response:
        process = self._observed.process()
        return _json(200, katalog_shapes.crd(process, _spec(process, request)))

    async def crd_health(self, request: web.Request) -> web.Response:
        process = self._observed.process()
        return _json(*katalog_shapes.crd_health(process, _spec(process, request)))

    async def objects(self, request: web.Request) -> web.Response:
        process = self._observed.process()
        spec = _spec(process, request)
        body = object_shapes.objects(
            spec,
            self._observed.objects(spec.name),
            leads=process.leads,
            field=request.query.get("field", ""),
            now=process.now,
        )
        return _json(200, body)

    async def object(self, request: web.Request) -> web.Response:
        process = self._observed.process()
        spec = _spec(process, request)
        found, wants_events = self._find(spec, request.match_info["place"])
        if not wants_events:
            body = object_shapes.detail(spec, found, leads=process.leads, now=process.now)
            return _json(200, body)
        recorded = self._observed.events(str(found.manifest["metadata"].get("uid") or ""))
        return _json(200, object_shapes.events(found, recorded, now=process.now))

    def _find(self, spec: Controller, place: str) -> tuple[ObjectView, bool]:
        """The object at `[namespace/]name[/events]`, and whether its Events are asked for."""
        for parts, wants_events in object_shapes.readings(place):
            if len(parts) == 2:
                key = NamespacedName(*parts)
            elif spec.api.namespaced:
                # The namespace may be left out where the name alone tells.
                named = [o.key for o in self._observed.objects(spec.name) if o.key.name == parts[0]]
                if len(named) != 1:
                    continue
                key = named[0]
            else:
                key = NamespacedName("", parts[0])
            found = self._observed.object(spec.name, key)
            if found is not None:
                return found, wants_events
        raise _not_found(f"no {spec.api.kind} at {place}")


def application(observed: Observed, log: logging.Logger) -> web.Application:
    """The aiohttp application with all routes."""
    routes = _Routes(observed)
    app = web.Application(middlewares=[_guard(log)])
    app.add_routes(
        [
            web.get("/", routes.page),
            web.get("/health", routes.health),
            web.get("/ready", routes.ready),
            web.get("/started", routes.ready),
            web.get("/metrics", routes.metrics),
            web.get("/docs/{crd}", routes.docs),
            web.get("/katalog", routes.katalog),
            web.get("/katalog/{crd}", routes.crd),
            web.get("/katalog/{crd}/health", routes.crd_health),
            web.get("/katalog/{crd}/cr", routes.objects),
            web.get("/katalog/{crd}/cr/{place:.+}", routes.object),
        ]
    )
    return app


class Server:
    """The application on sockets, from `start` to `stop`."""

    def __init__(self, observed: Observed, log: logging.Logger) -> None:
        self._runner = web.AppRunner(
            application(observed, log), access_log=None, handle_signals=False, shutdown_timeout=2.0
        )

    async def start(self, sockets: Sequence[socket.socket]) -> None:
        """Answer on sockets that listen; they are closed by `stop`."""
        await self._runner.setup()
        for each in sockets:
            await web.SockSite(self._runner, each).start()

    async def stop(self) -> None:
        """Close the sockets and end what is still being answered."""
        await self._runner.cleanup()


def _guard(log: logging.Logger) -> Any:
    """Headers on every answer; a refusal as JSON; a bug as 500 and a log line, never as a crash."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        response: web.StreamResponse
        try:
            response = await handler(request)
        except web.HTTPException as refusal:
            response = _json(refusal.status, {"error": refusal.text or refusal.reason})
        except Exception:
            # The process serves on: a wrong page must not cost a reconcile.
            log.exception("request failed", extra={"fields": {"path": request.path}})
            response = _json(500, {"error": "this is a bug in katalogc; the log tells more"})
        response.headers.update(_HEADERS)
        return response

    return guard


def _spec(process: ProcessView, request: web.Request) -> Controller:
    name = request.match_info["crd"]
    spec = find_controller(process.bundle, name)
    if spec is None:
        raise _not_found(f"the Katalog has no custom resource called {name}")
    return spec


def _not_found(text: str) -> web.HTTPNotFound:
    return web.HTTPNotFound(text=text)


def _verdict(verdict: Verdict) -> web.Response:
    return _json(verdict.status, {"ok": verdict.ok, "reasons": list(verdict.reasons)})


def _json(status: int, body: Any) -> web.Response:
    raw = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE)
    return web.Response(status=status, body=raw, content_type="application/json")


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")
