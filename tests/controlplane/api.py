"""A small blocking client for tests: JSON in, status and JSON out.

It knows nothing of the code under test.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import yaml

_T = TypeVar("_T")

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return 200 <= self.status < 300


class Api:
    """One server, one identity, one connection."""

    def __init__(self, url: str, *, token: str = "", ca: str = "") -> None:
        self.url, self.token, self.ca = url, token, ca
        self._parts = urlsplit(url)
        self._connection: http.client.HTTPConnection | None = None

    def _open(self, timeout: float = 60) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            context = ssl.create_default_context(cafile=self.ca)
            return http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
        return http.client.HTTPConnection(host, port, timeout=timeout)

    def _headers(self, content_type: str = "", accept: str = "application/json") -> dict[str, str]:
        headers = {"Accept": accept}
        if content_type:
            headers["Content-Type"] = content_type
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        accept: str = "application/json",
        **query: Any,
    ) -> Answer:
        """Send one request; never raises for an HTTP status."""
        target = f"{path}?{urlencode(query)}" if query else path
        payload = body if isinstance(body, bytes) else (
            None if body is None else json.dumps(body).encode()
        )  # fmt: skip
        headers = self._headers(content_type if payload is not None else "", accept)
        for attempt in (1, 2):
            connection = self._connection = self._connection or self._open()
            try:
                connection.request(method, target, payload, headers)
                answer = connection.getresponse()
                raw = answer.read()
            except (http.client.HTTPException, OSError):
                self.close()
                if attempt == 2:
                    raise
                continue
            kind = answer.headers.get_content_type()
            text = raw.decode(errors="replace")
            decoded = json.loads(text) if kind == "application/json" and text else text
            return Answer(answer.status, decoded, dict(answer.headers))
        raise AssertionError("unreachable")

    def get(self, path: str, **query: Any) -> Answer:
        """GET."""
        return self.request("GET", path, **query)

    def post(self, path: str, body: Any, **query: Any) -> Answer:
        """POST, create."""
        return self.request("POST", path, body, **query)

    def put(self, path: str, body: Any, **query: Any) -> Answer:
        """PUT, replace."""
        return self.request("PUT", path, body, **query)

    def patch(self, path: str, body: Any, content_type: str = MERGE, **query: Any) -> Answer:
        """PATCH."""
        return self.request("PATCH", path, body, content_type=content_type, **query)

    def apply(self, path: str, body: Any, manager: str = "test", **query: Any) -> Answer:
        """Server-side apply."""
        return self.patch(path, body, APPLY, fieldManager=manager, **query)

    def delete(self, path: str, body: Any = None, **query: Any) -> Answer:
        """DELETE."""
        return self.request("DELETE", path, body, **query)

    def watch(self, path: str, *, timeout_seconds: int = 5, **query: Any) -> Iterator[Any]:
        """Events of a watch until the server ends it."""
        query = {"watch": "true", "timeoutSeconds": timeout_seconds, **query}
        connection = self._open(timeout=timeout_seconds + 30)
        try:
            connection.request("GET", f"{path}?{urlencode(query)}", headers=self._headers())
            answer = connection.getresponse()
            if answer.status != 200:
                yield {"type": "HTTP", "object": json.loads(answer.read())}
                return
            while line := answer.readline():
                yield json.loads(line)
        finally:
            connection.close()

    def apply_files(self, *paths: Path | str) -> list[Any]:
        """Apply every document of YAML files, in order."""
        applied = []
        for path in paths:
            for document in yaml.safe_load_all(Path(path).read_text()):
                if document:
                    answer = self.apply(object_path(self, document), document, force="true")
                    assert answer.ok, (document["kind"], answer.body)
                    applied.append(answer.body)
        return applied


def object_path(api: Api, manifest: dict[str, Any]) -> str:
    """The path of one object, with the plural and scope that the server's discovery names."""
    version, kind = manifest["apiVersion"], manifest["kind"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"

    def served() -> Any:
        answer = api.get(root)
        listed = answer.body["resources"] if answer.ok else []
        return next((r for r in listed if r["kind"] == kind and "/" not in r["name"]), None)

    resource = eventually(served, f"{version} {kind} is served")
    metadata = manifest["metadata"]
    place = f"/namespaces/{metadata.get('namespace', 'default')}" if resource["namespaced"] else ""
    return f"{root}{place}/{resource['name']}/{metadata['name']}"


def eventually(check: Callable[[], _T | None], what: str, *, seconds: float = 60) -> _T:
    """Ask until the answer is truthy; a bound on waiting, not a claim about speed.

    An AssertionError inside `check` counts as "not yet", and its text is shown when time is up.
    """
    deadline = time.monotonic() + seconds
    pause, last = 0.01, ""
    while True:
        try:
            found = check()
            if found:
                return found
        except AssertionError as error:
            last = f": {error}"
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {seconds:.0f} s: {what}{last}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)
