"""Children and status of one owner, rendered from the bundle.

In: a bundle's controller, compiled once into a `Program`; then an owner. Out: identities of the
wanted children, their manifests, the values of status fields. Pure: time and chance come in a
CallContext. A manifest is rendered only when someone needs it: a child that is created once and
exists is not.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from katalog_runtime.bundle import (
    ApiType,
    ChildTemplate,
    Controller,
    Expression,
    Operator,
    Path,
    StatusField,
    Template,
)
from katalog_runtime.functions.declaration import CallContext, FunctionTable
from katalog_runtime.holes import (
    Build,
    TemplateError,
    compile_text,
    compile_value,
)
from katalog_runtime.inventory import (
    child_labels,
    may_reference,
    owner_note,
    owner_reference,
    set_id,
)
from katalog_runtime.listkeys import key_fields
from katalog_runtime.objects import (
    GENERATED_AT_ANNOTATION,
    OWNER_ANNOTATION,
    Manifest,
    NamespacedName,
    key_of,
)
from katalog_runtime.projection import Mask, mask_of, merge_masks
from katalog_runtime.rotation import timestamp

_NAME: Path = ("metadata", "name")
_NAMESPACE: Path = ("metadata", "namespace")


class ChildRef(NamedTuple):
    """Identity of a child within a controller: which of its kinds, and which object."""

    kind: int
    """Index into `Program.kinds`."""
    key: NamespacedName


class ChildKind(NamedTuple):
    """A type of which the controller makes children."""

    api: ApiType
    mask: Mask
    """What the cache keeps of such an object."""


class OwnerFacts(NamedTuple):
    """What rendering and deciding need to know of one owner, worked out once."""

    manifest: Manifest
    key: NamespacedName
    uid: str
    set_identity: str
    data: dict[str, Any]
    """The root of template evaluation."""


@dataclass(frozen=True, slots=True)
class CompiledChild:
    """A child template, ready to run."""

    template: ChildTemplate
    kind: int
    name: Build
    namespace: Build
    build: Build
    rotate_after: Any
    """A function to a duration's text, or None."""
    random: tuple[Path, ...]
    """Places of random values that must stay as they were once written."""

    def identify(self, owner: OwnerFacts, context: CallContext) -> ChildRef:
        """Which object this is for `owner`; raises TemplateError."""
        name = self.name(owner.data, context)
        if not name:
            raise TemplateError("the name of this child comes out empty", self.template.origin)
        namespace = ""
        if self.template.api.namespaced:
            namespace = self.namespace(owner.data, context) or owner.key.namespace
            if not namespace:
                message = "this child needs a namespace and its owner has none"
                raise TemplateError(message, self.template.origin)
        return ChildRef(self.kind, NamespacedName(str(namespace), str(name)))

    def manifest(
        self, owner: OwnerFacts, ref: ChildRef, context: CallContext, observed: Manifest | None
    ) -> Manifest:
        """The whole object as we want it, with labels and owner reference; raises TemplateError."""
        manifest: Manifest = self.build(owner.data, context)
        if observed is not None and not self.template.once:
            for path in self.random:
                _keep(manifest, observed, path)
        metadata = dict(manifest.get("metadata") or {})
        metadata["name"] = ref.key.name
        if ref.key.namespace:
            metadata["namespace"] = ref.key.namespace
        labels = child_labels(owner.key.name, owner.set_identity)
        metadata["labels"] = {**(metadata.get("labels") or {}), **labels}
        notes: dict[str, str] = {}
        if self.template.once or self.rotate_after is not None:
            notes[GENERATED_AT_ANNOTATION] = timestamp(context.now())
        if may_reference(owner.key.namespace, self.template.api, ref.key.namespace):
            metadata["ownerReferences"] = [owner_reference(owner.manifest)]
        else:
            notes[OWNER_ANNOTATION] = owner_note(owner.manifest)
        if notes:
            metadata["annotations"] = {**(metadata.get("annotations") or {}), **notes}
        manifest = {**manifest, "metadata": metadata}
        if "stringData" in manifest and self.template.api.kind == "Secret":
            return _with_encoded_data(manifest)
        return manifest


@dataclass(frozen=True, slots=True)
class CompiledStatus:
    """A status field, ready to run."""

    field: StatusField
    build: Build


@dataclass(frozen=True, slots=True)
class Program:
    """A controller of the bundle with every expression compiled; made once, at load."""

    spec: Controller
    operator: Operator
    kinds: tuple[ChildKind, ...]
    child_types: tuple[ApiType, ...]
    children: tuple[CompiledChild, ...]
    status: tuple[CompiledStatus, ...]
    reads_children: bool
    """Whether a status field looks into `.children`."""
    reads_clock: bool
    """Whether there is an expression whose answer time alone can change."""
    ork: dict[str, Any]

    def identity(self, key: NamespacedName) -> str:
        """The ApplySet id of the owner of that name."""
        return set_id(self.spec.api.kind, self.spec.api.group, key)

    def facts(self, owner: Manifest) -> OwnerFacts:
        """What deciding needs to know of `owner`."""
        key = key_of(owner)
        data = {**owner, "inputs": {}, "ork": self.ork}
        return OwnerFacts(
            manifest=owner,
            key=key,
            uid=owner["metadata"]["uid"],
            set_identity=self.identity(key),
            data=data,
        )


def compile_program(spec: Controller, operator: Operator, functions: FunctionTable) -> Program:
    """Compile a controller's expressions and work out what its cache has to keep."""
    reads_children = any(
        "children" in hole.expression.text
        for each in spec.status_fields
        for hole in each.value.holes
    )
    kinds: list[ChildKind] = []
    index: dict[tuple[str, str], int] = {}
    children: list[CompiledChild] = []
    for template in spec.children:
        mask: Mask = True if reads_children else _mask(template)
        identity = tuple(template.api.group_resource)
        position = index.setdefault((identity[0], identity[1]), len(kinds))
        if position == len(kinds):
            kinds.append(ChildKind(template.api, mask))
        else:
            kinds[position] = ChildKind(template.api, merge_masks(kinds[position].mask, mask))
        children.append(_compile_child(template, position, functions))
    status = tuple(
        CompiledStatus(each, compile_value(each.value, functions)) for each in spec.status_fields
    )
    return Program(
        spec=spec,
        operator=operator,
        kinds=tuple(kinds),
        child_types=tuple(kind.api for kind in kinds),
        children=tuple(children),
        status=status,
        reads_children=reads_children,
        reads_clock=any(each.clock for each in _expressions(spec)),
        ork={"name": operator.name, "version": operator.version, "namespace": operator.tenant},
    )


def status_value(field: CompiledStatus, data: Any, context: CallContext) -> Any:
    """The field's value, or OMIT; raises TemplateError."""
    return field.build(data, context)


def _compile_child(template: ChildTemplate, kind: int, functions: FunctionTable) -> CompiledChild:
    holes = template.manifest.holes
    named = [hole for hole in holes if hole.path in (_NAME, _NAMESPACE)]
    rest = tuple(hole for hole in holes if hole.path not in (_NAME, _NAMESPACE))
    metadata = template.manifest.skeleton.get("metadata") or {}
    by_path = {hole.path: hole for hole in named}

    def part(path: Path) -> Build:
        if path not in by_path:
            constant = metadata.get(path[-1])
            return lambda _data, _context: constant
        hole = replace(by_path[path], path=())
        return compile_value(Template(skeleton=None, holes=(hole,)), functions)

    rotate = template.rotate_after
    return CompiledChild(
        template=template,
        kind=kind,
        name=part(_NAME),
        namespace=part(_NAMESPACE),
        build=compile_value(replace(template.manifest, holes=rest), functions),
        rotate_after=compile_text(rotate, functions) if rotate is not None else None,
        random=tuple(hole.path for hole in rest if hole.expression.random),
    )


def _mask(template: ChildTemplate) -> Mask:
    """What has to be kept of an object that `template` makes; metadata is kept anyway."""
    if template.sync == "create":
        return {}
    mask = mask_of(template.manifest.skeleton)
    for hole in template.manifest.holes:
        mask = merge_masks(mask, _mask_at(hole.path, ""))
    if isinstance(mask, dict) and "stringData" in mask:
        mask = merge_masks(mask, {"data": mask["stringData"]})
    return mask


def _mask_at(path: Path, field: str) -> Mask:
    if not path:
        return True
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        keys: Mask = dict.fromkeys(key_fields(field), True)
        return merge_masks(keys, _mask_at(rest, ""))
    return {head: _mask_at(rest, head)}


def _expressions(spec: Controller) -> Iterator[Expression]:
    for template in (
        *(each.manifest for each in spec.children),
        *(each.value for each in spec.status_fields),
    ):
        yield from (hole.expression for hole in template.holes)
    yield from (each.rotate_after for each in spec.children if each.rotate_after is not None)


def _keep(manifest: Manifest, observed: Manifest, path: Path) -> None:
    """Put the observed value at `path`, if there is one, in place of the one just drawn."""
    source: Any = observed
    target: Any = manifest
    for part in path[:-1]:
        source, target = _child(source, part), _child(target, part)
    value = _child(source, path[-1])
    if value is not None and _child(target, path[-1]) is not None:
        target[path[-1]] = value


def _child(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _with_encoded_data(manifest: Manifest) -> Manifest:
    """`stringData` folded into `data`, as the API server would, so that drift can be seen."""
    data = dict(manifest.get("data") or {})
    for key, text in manifest["stringData"].items():
        data[key] = base64.b64encode(str(text).encode()).decode()
    return {**{k: v for k, v in manifest.items() if k != "stringData"}, "data": data}
