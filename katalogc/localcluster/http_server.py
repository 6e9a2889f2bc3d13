"""The Kubernetes HTTP API on a loopback port: bytes in and out, around the synchronous API server.

In: HTTP requests. Out: JSON, YAML, watch streams. It authenticates (bearer token, impersonation),
routes, and represents; what is answered is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qsl

import orjson
import yaml
from aiohttp import web

from katalog_runtime.objects import Manifest
from katalogc.localcluster import documents
from katalogc.localcluster.api_server import ApiServer
from katalogc.localcluster.authorization import denial
from katalogc.localcluster.faults import Unanswered
from katalogc.localcluster.impersonation import impersonated
from katalogc.localcluster.operations import ANONYMOUS, Operation, User
from katalogc.localcluster.representations import (
    FORMS,
    YAML,
    Representation,
    negotiate,
    represent,
    represent_frame,
)
from katalogc.localcluster.routes import HttpRequest, Plain, Unknown, route
from katalogc.localcluster.statuses import (
    Refusal,
    internal_error,
    method_not_allowed,
    no_such_path,
    unauthorized,
    warning_header,
)
from katalogc.localcluster.watches import Frame, Watch, stream

MAX_BODY_BYTES = 3 * 1024 * 1024
"""What kube-apiserver accepts."""
_BASE_HEADERS = {"Cache-Control": "no-cache, private"}


class HttpFront:
    """The aiohttp application of one cluster."""

    def __init__(self, server: ApiServer, address: Callable[[], str]) -> None:
        self._server = server
        self._address = address
        self._streams: set[asyncio.Task[Any]] = set()

    def application(self) -> web.Application:
        """The application, to be served by an `AppRunner`."""
        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.router.add_route("*", "/{path:.*}", self._answer)
        application.on_shutdown.append(self._stop_streams)
        return application

    async def _stop_streams(self, _: web.Application) -> None:
        """Ends open watches, so that a shutdown does not wait for their clients."""
        for task in tuple(self._streams):
            task.cancel()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._serve(request)
        except Refusal as refusal:
            return _refused(refusal)
        except Unanswered:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        except web.HTTPRequestEntityTooLarge:
            text = f"Request entity too large: limit is {MAX_BODY_BYTES}"
            return _refused(Refusal(413, "RequestEntityTooLarge", text))
        except Exception as error:
            with contextlib.suppress(RuntimeError):
                asyncio.get_running_loop().call_exception_handler(
                    {
                        "message": f"embedded cluster: {request.method} {request.path}",
                        "exception": error,
                    }
                )
            return _refused(internal_error(repr(error)))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        user = self._authenticate(request)
        body = await request.read() if request.can_read_body else b""
        query = dict(parse_qsl(request.query_string, keep_blank_values=True))
        wanted = route(
            self._server.state.registry,
            HttpRequest(
                method=request.method,
                path=request.path,
                query=query,
                user=user,
                user_agent=request.headers.get("User-Agent", ""),
                content_type=request.headers.get("Content-Type", ""),
                body=body,
            ),
        )
        accept = request.headers.get("Accept", "")
        if isinstance(wanted, Plain):
            self._server.authorizer.check_path(user, wanted.verb, wanted.path)
            document = documents.answer(
                self._server.state, wanted.path, accept, self._address(), query
            )
            if wanted.verb not in ("get", "head") and document.read_only:
                raise method_not_allowed()
            return _document(document)
        if isinstance(wanted, Unknown):
            if not self._server.authorizer.allows(user, wanted.attributes):
                raise denial(user, wanted.attributes)
            group, version = wanted.attributes.group, request.path.strip("/").split("/")[1]
            known = any(each.group == group for each in self._server.state.registry)
            if known or version == "v1":
                raise no_such_path()
            return _document(documents.NOT_FOUND)
        return await self._operate(request, wanted, accept, query)

    def _authenticate(self, request: web.Request) -> User:
        header = request.headers.get("Authorization", "")
        user = ANONYMOUS
        if header:
            scheme, _, token = header.partition(" ")
            tokens = self._server.state.tokens
            found = tokens.authenticate(token.strip()) if tokens is not None else None
            if scheme.lower() != "bearer" or found is None:
                raise unauthorized()
            user = found
        return impersonated(self._server.authorizer, user, request.headers)

    async def _operate(
        self, request: web.Request, operation: Operation, accept: str, query: dict[str, str]
    ) -> web.StreamResponse:
        representation = negotiate(accept, forms=FORMS, include=query.get("includeObject", ""))
        if operation.verb == "watch":
            return await self._watch(request, operation, representation)
        answer = self._server.handle(operation)
        body = represent(answer, representation, self._server.state.clock())
        return _response(answer.status, body, representation, answer.warnings)

    async def _watch(
        self, request: web.Request, operation: Operation, representation: Representation
    ) -> web.StreamResponse:
        watch = self._server.watch(operation)
        response = web.StreamResponse(
            status=200, headers={**_BASE_HEADERS, "Content-Type": "application/json"}
        )
        response.enable_chunked_encoding()
        task = asyncio.current_task()
        if task is not None:
            self._streams.add(task)
        try:
            await response.prepare(request)
            async for lines in self._lines(watch, operation, representation):
                await response.write(lines)
            with contextlib.suppress(ConnectionError):
                await response.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client has gone, or the server is going
        finally:
            self._server.close_watch(watch)
            if task is not None:
                self._streams.discard(task)
        return response

    async def _lines(
        self, watch: Watch, operation: Operation, representation: Representation
    ) -> AsyncIterator[bytes]:
        first = True
        async for frames in stream(watch, operation.timeout_seconds):
            lines = bytearray()
            for frame in frames:
                if frame["type"] == "GARBAGE":
                    lines += b'{"type":"MODIFIED","object":{"metadata":\n'
                    continue
                shown: Frame = represent_frame(
                    operation.type,
                    frame,
                    representation,
                    self._server.state.clock(),
                    first=first,
                )
                first = False
                lines += orjson.dumps(shown)
                lines += b"\n"
            yield bytes(lines)


def _response(
    status: int, body: Manifest, representation: Representation, warnings: tuple[str, ...] = ()
) -> web.Response:
    if representation.media_type == YAML:
        raw = yaml.dump(body, Dumper=yaml.CSafeDumper, sort_keys=True).encode()
    else:
        raw = orjson.dumps(body)
    response = web.Response(status=status, body=raw, headers=_BASE_HEADERS)
    response.headers["Content-Type"] = representation.content_type
    for warning in warnings:
        response.headers.add("Warning", warning_header(warning))
    return response


def _refused(refusal: Refusal) -> web.Response:
    response = _response(refusal.status, refusal.body, Representation(), refusal.warnings)
    response.headers.update(refusal.headers)
    return response


def _document(document: documents.Document) -> web.Response:
    response = web.Response(status=document.status, body=document.body, headers=_BASE_HEADERS)
    response.headers["Content-Type"] = document.content_type
    response.headers.update(document.headers)
    return response
