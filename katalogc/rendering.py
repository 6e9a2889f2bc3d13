"""What the operator would make of custom resources: a bundle and manifests in, objects out.

The runtime's own renderer is used, so that what is shown is what will be applied, without what only
a cluster knows: the owner's UID is a placeholder, conditions are left out.
"""

from __future__ import annotations

import copy
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from katalog_runtime.bundle import ApiType, Bundle, Controller
from katalog_runtime.functions import TABLE
from katalog_runtime.functions.declaration import CallContext
from katalog_runtime.holes import TemplateError
from katalog_runtime.objects import Manifest
from katalog_runtime.reconcile import template_ids
from katalog_runtime.render import OwnerFacts, Program, compile_program
from katalog_runtime.status import declared_fields

UNKNOWN_UID = "00000000-0000-0000-0000-000000000000"
"""Stands where the cluster will write the owner's UID."""


class UnknownTypeError(ValueError):
    """The manifest is of no type that this operator watches; the text says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One object that the operator would write, or why it cannot."""

    about: str
    """What it is, where it was declared and what happens to it."""
    manifest: Manifest | None
    """Null where an expression failed."""
    failure: str = ""
    origin: str = ""
    """`file:line:column` of the failing expression."""


def render(
    bundle: Bundle,
    owner: Manifest,
    context: CallContext,
    crds: Iterable[Mapping[str, Any]] = (),
    folder: str = "",
) -> Iterator[Rendered]:
    """Children and declared status of one custom resource, in the Katalog's order.

    Args:
        bundle: the compiled Katalog.
        owner: the custom resource, as a user writes it.
        context: time and chance.
        crds: CustomResourceDefinitions whose defaults the API server would fill in.
        folder: where the Katalog is, as the user named it; places begin with it.

    Raises:
        UnknownTypeError: the Katalog has no such type, or the manifest has no name.
    """
    controller = _controller(bundle, owner)
    program = compile_program(controller, bundle.operator, TABLE)
    facts = program.facts(_as_stored(owner, controller.api, crds))
    chosen = template_ids(program, facts, context)
    for index, child in enumerate(program.children):
        template = child.template
        place = _place(folder, template.origin)
        about = f"{template.api.kind}, {_acts(template.sync, template.once)}, {place}"
        try:
            ref = child.identify(facts, context)
            if chosen.get(ref, index) != index:
                continue  # both blocks want the object, and the other entry keeps it in sync
            manifest = child.manifest(facts, ref, context, None)
        except TemplateError as error:
            yield _failed(about, error.message, _place(folder, error.origin))
            continue
        yield Rendered(about=about, manifest=_ordered(manifest))
    yield from _status(program, facts, context)


def _status(program: Program, facts: OwnerFacts, context: CallContext) -> Iterator[Rendered]:
    if not program.status:
        return
    fields, problems = declared_fields(program, facts.data, context)
    owner = facts.manifest
    identity = {key: owner["metadata"][key] for key in ("name", "namespace") if facts.key.namespace}
    yield Rendered(
        about=f"status of {owner['kind']} {facts.key}",
        manifest={
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "metadata": identity or {"name": facts.key.name},
            "status": fields,
        },
    )
    for problem in problems:
        yield _failed(f"status of {owner['kind']} {facts.key}", problem.message, "")


def _place(folder: str, origin: str) -> str:
    return posixpath.normpath(posixpath.join(folder, origin)) if origin else ""


def _failed(about: str, message: str, origin: str) -> Rendered:
    return Rendered(about=about, manifest=None, failure=message, origin=origin)


def _controller(bundle: Bundle, owner: Manifest) -> Controller:
    wanted = (owner.get("apiVersion"), owner.get("kind"))
    for key, value in zip(("apiVersion", "kind"), wanted, strict=True):
        if not isinstance(value, str) or not value:
            raise UnknownTypeError(f"a custom resource without `{key}`")
    metadata = owner.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        raise UnknownTypeError(f"a {wanted[1]} without `metadata.name`")
    for each in bundle.controllers:
        if (each.api.api_version, each.api.kind) == wanted:
            return each
    known = ", ".join(f"{each.api.kind} of {each.api.api_version}" for each in bundle.controllers)
    raise UnknownTypeError(f"{wanted[1]} of {wanted[0]} is no type of this Katalog ({known})")


def _as_stored(owner: Manifest, api: ApiType, crds: Iterable[Mapping[str, Any]]) -> Manifest:
    """The owner as the API server would give it back, as far as that can be known."""
    from katalogc.localcluster.validation.custom_types import crd_schema
    from katalogc.localcluster.validation.structural import default_custom

    stored = copy.deepcopy(owner)
    metadata = stored["metadata"]
    if api.namespaced:
        metadata.setdefault("namespace", "default")
    metadata.setdefault("uid", UNKNOWN_UID)
    metadata.setdefault("generation", 1)
    for crd in crds:
        spec = crd["spec"]
        if (spec["group"], spec["names"]["plural"]) == (api.group, api.plural):
            default_custom(stored, crd_schema(dict(crd), api.version))
    return stored


def _acts(sync: str, once: bool) -> str:
    if once:
        return "generated once"
    return "kept in sync" if sync == "apply" else "created while absent"


def _ordered(manifest: Manifest) -> Manifest:
    """In the order in which people read manifests."""
    first = ("apiVersion", "kind", "metadata")
    return {
        **{key: manifest[key] for key in first if key in manifest},
        **{key: value for key, value in manifest.items() if key not in first},
    }
