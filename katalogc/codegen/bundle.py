"""IR in, `katalog_runtime.bundle.Bundle` out: the compiler writes the contract here alone.

Origins become relative to the Katalog's folder, so that a bundle is the same wherever it was built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from katalog_runtime import bundle as contract
from katalog_runtime.expressions import dump_tree
from katalog_runtime.version import __version__
from katalogc.codegen.documentation import html_pages
from katalogc.codegen.origins import Origins
from katalogc.codegen.permissions import PermissionIR
from katalogc.codegen.permissions import permissions as permissions_of
from katalogc.ir import (
    ChildIR,
    ControllerIR,
    ExpressionIR,
    HoleIR,
    OperatorIR,
    StatusFieldIR,
    TemplateIR,
)


def build(
    ir: OperatorIR,
    *,
    permissions: Sequence[PermissionIR] | None = None,
    pages: Mapping[str, str] | None = None,
) -> contract.Bundle:
    """The bundle of an operator.

    Args:
        ir: the operator.
        permissions: what it is granted; by default exactly what the runtime uses.
        pages: HTML documentation per controller name; by default every page.
    """
    origins = Origins.of(ir)
    granted = permissions_of(ir) if permissions is None else permissions
    documented = html_pages(ir, granted) if pages is None else pages
    return contract.Bundle(
        compiler=__version__,
        operator=contract.Operator(
            name=ir.name,
            version=ir.version,
            description=ir.description,
            author=ir.author,
            license=ir.license,
            tags=ir.tags,
            tenant=ir.tenant,
        ),
        controllers=tuple(_controller(each, origins) for each in ir.controllers),
        permissions=tuple(map(_permission, granted)),
        pages=dict(documented),
    )


def _controller(controller: ControllerIR, origins: Origins) -> contract.Controller:
    return contract.Controller(
        name=controller.name,
        api=controller.api,
        description=controller.description,
        namespaces=controller.namespaces,
        workers=controller.workers,
        resync_seconds=controller.resync_seconds,
        queue_depth=controller.queue_depth,
        backoff=controller.backoff,
        finalizers=controller.finalizers,
        children=tuple(_child(each, origins) for each in controller.children),
        status_fields=tuple(_status_field(each, origins) for each in controller.status_fields),
        conditions=controller.conditions,
        depends_on=controller.depends_on,
    )


def _child(child: ChildIR, origins: Origins) -> contract.ChildTemplate:
    rotate_after = child.rotate_after
    return contract.ChildTemplate(
        id=child.id,
        phase=child.phase,
        api=child.api,
        sync=child.sync,
        manifest=_template(child.manifest, origins),
        origin=origins.place(child.origin),
        once=child.once,
        rotate_after=None if rotate_after is None else _expression(rotate_after, origins),
        force=child.force,
    )


def _status_field(field: StatusFieldIR, origins: Origins) -> contract.StatusField:
    return contract.StatusField(
        path=field.path,
        value=_template(field.value, origins),
        origin=origins.place(field.origin),
    )


def _template(template: TemplateIR, origins: Origins) -> contract.Template:
    return contract.Template(
        skeleton=template.skeleton,
        holes=tuple(_hole(each, origins) for each in template.holes),
    )


def _hole(hole: HoleIR, origins: Origins) -> contract.Hole:
    return contract.Hole(
        path=hole.path,
        expression=_expression(hole.expression, origins),
        as_=hole.as_,
        when_empty=hole.when_empty,
        default=hole.default,
    )


def _expression(expression: ExpressionIR, origins: Origins) -> contract.Expression:
    return contract.Expression(
        tree=dump_tree(expression.template),
        text=expression.text,
        origin=origins.place(expression.origin),
        clock=expression.facts.clock,
        random=expression.facts.random,
    )


def _permission(permission: PermissionIR) -> contract.Permission:
    return contract.Permission(
        group=permission.group,
        resource=permission.resource,
        verbs=permission.verbs,
        namespaces=permission.namespaces,
        resource_names=permission.resource_names,
        reason=permission.reason,
        controller=permission.controller,
    )
