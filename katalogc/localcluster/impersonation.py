"""Acting as somebody else: the `Impersonate-*` headers, allowed by RBAC verb `impersonate`.

In: the authenticated user and the request's headers. Out: the user to act as, or a `Refusal`.
"""

from __future__ import annotations

from collections.abc import Mapping

from katalogc.localcluster.authentication import service_account_user
from katalogc.localcluster.authorization import Attributes, Authorizer, denial
from katalogc.localcluster.operations import User
from katalogc.localcluster.statuses import internal_error


def impersonated(authorizer: Authorizer, user: User, headers: Mapping[str, str]) -> User:
    """The user that a request acts as (`Impersonate-*` headers, as kubectl's `--as` sends them).

    Raises:
        Refusal: 403, the user may not act as that one.
    """
    name = headers.get("Impersonate-User", "")
    get_all = getattr(headers, "getall", None)
    groups = tuple(get_all("Impersonate-Group", [])) if get_all is not None else ()
    if not name:
        if groups:
            raise internal_error("requested groups without impersonating a user")
        return user
    parts = name.split(":")
    is_account = parts[:2] == ["system", "serviceaccount"] and len(parts) == 4
    asked = [
        Attributes(
            verb="impersonate", resource="serviceaccounts", namespace=parts[2], name=parts[3]
        )
        if is_account
        else Attributes(verb="impersonate", resource="users", name=name)
    ]
    asked += [Attributes(verb="impersonate", resource="groups", name=each) for each in groups]
    for attributes in asked:
        if not authorizer.allows(user, attributes):
            raise denial(user, attributes)
    if is_account and not groups:
        return service_account_user(parts[2], parts[3])
    return User(name=name, groups=(*groups, "system:authenticated"))
