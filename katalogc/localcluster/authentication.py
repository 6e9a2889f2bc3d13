"""Who is asking: static tokens and tokens of service accounts.

In: a bearer token. Out: a `User`, or None. Service account tokens are JWTs signed with the
cluster's own key (HS256; clients treat them as opaque), checked against the moment and the
account's existence.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster.operations import User
from katalogc.localcluster.storage import Store

ISSUER = "https://kubernetes.default.svc"
SERVICE_ACCOUNTS = GroupResource("", "serviceaccounts")
CREDENTIAL = "authentication.kubernetes.io/credential-id"
DEFAULT_LIFETIME_SECONDS = 3600


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def service_account_user(namespace: str, name: str, uid: str = "") -> User:
    """The identity of a service account."""
    return User(
        name=f"system:serviceaccount:{namespace}:{name}",
        groups=(
            "system:serviceaccounts",
            f"system:serviceaccounts:{namespace}",
            "system:authenticated",
        ),
        uid=uid,
    )


class Tokens:
    """The tokens of one cluster."""

    def __init__(self, store: Store, clock: Callable[[], datetime], key: bytes) -> None:
        self._store = store
        self._clock = clock
        self._key = key
        self._static: dict[str, User] = {}
        self._issued = 0

    def add(self, token: str, user: User) -> None:
        """Accepts a token as a user's."""
        self._static[token] = user

    def static_tokens(self) -> dict[str, User]:
        """The static tokens and whose they are."""
        return dict(self._static)

    def issue(
        self,
        account: Manifest,
        *,
        lifetime_seconds: int = DEFAULT_LIFETIME_SECONDS,
        audiences: tuple[str, ...] = (ISSUER,),
        bound_to: Manifest | None = None,
    ) -> tuple[str, int]:
        """A new token for a ServiceAccount object, and when it expires (Unix time)."""
        metadata = account["metadata"]
        issued = int(self._clock().timestamp())
        expires = issued + lifetime_seconds
        owner: dict[str, Any] = {"name": metadata["name"], "uid": metadata["uid"]}
        private: dict[str, Any] = {"namespace": metadata["namespace"], "serviceaccount": owner}
        if bound_to:
            private[bound_to["kind"].lower()] = {
                "name": bound_to.get("name", ""),
                "uid": bound_to.get("uid", ""),
            }
        self._issued += 1
        drawn = hmac.new(self._key, f"{metadata['uid']} {issued} {self._issued}".encode(), "sha256")
        claims = {
            "aud": list(audiences),
            "exp": expires,
            "iat": issued,
            "iss": ISSUER,
            "jti": str(UUID(bytes=drawn.digest()[:16], version=4)),
            "kubernetes.io": private,
            "nbf": issued,
            "sub": f"system:serviceaccount:{metadata['namespace']}:{metadata['name']}",
        }
        signed = (
            f"{_encode(orjson.dumps({'alg': 'HS256', 'kid': 'embedded'}))}."
            f"{_encode(orjson.dumps(claims))}"
        )
        return f"{signed}.{self._sign(signed)}", expires

    def _sign(self, text: str) -> str:
        return _encode(hmac.new(self._key, text.encode(), hashlib.sha256).digest())

    def authenticate(self, token: str) -> User | None:
        """The user of a token; None for a token that is unknown, expired or of a deleted
        account."""
        static = self._static.get(token)
        if static is not None:
            return static
        signed, _, signature = token.rpartition(".")
        if signed.count(".") != 1 or not hmac.compare_digest(
            self._sign(signed).encode(), signature.encode()
        ):
            return None
        try:
            claims = orjson.loads(_decode(signed.partition(".")[2]))
        except (binascii.Error, orjson.JSONDecodeError):
            return None
        if claims["exp"] <= self._clock().timestamp():
            return None
        private = claims["kubernetes.io"]
        namespace, name = private["namespace"], private["serviceaccount"]["name"]
        account = self._store.get(SERVICE_ACCOUNTS, namespace, name)
        if account is None or account["metadata"]["uid"] != private["serviceaccount"]["uid"]:
            return None
        user = service_account_user(namespace, name, account["metadata"]["uid"])
        return replace(user, extra={CREDENTIAL: (f"JTI={claims.get('jti', '')}",)})
