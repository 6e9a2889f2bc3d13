"""What a page says: a controller of the IR, its schema and its permissions in, sections out.

The sections of the reference system's page come in its order (Overview, Reconcile Mode,
Configuration, Child Resources, kubectl Reference, Access Control), with the fields and an example
between them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from katalogc.codegen.documentation.fields import Row, spec_rows, status_rows
from katalogc.codegen.documentation.page import (
    Block,
    Code,
    Paragraph,
    Section,
    Table,
    Verbatim,
    mono,
)
from katalogc.codegen.openapi import Schema, dotted
from katalogc.codegen.origins import Origins
from katalogc.codegen.permissions import PermissionIR
from katalogc.ir import ChildIR, ControllerIR, OperatorIR, StatusFieldIR, TemplateIR

DEFAULT_WORKERS = 3
DEFAULT_QUEUE_DEPTH = 100
DEFAULT_RESYNC_SECONDS = 15.0
"""What the process uses where the Katalog is silent (interface.md, the operator process)."""


def overview(ir: OperatorIR, controller: ControllerIR) -> Section:
    """What the type is."""
    api = controller.api
    blocks: list[Block] = []
    if controller.description.strip():
        blocks.append(Verbatim(controller.description))
    scope = "namespace-scoped" if api.namespaced else "cluster-scoped"
    blocks.append(
        Paragraph(
            f"{mono(controller.name)} is a custom resource managed by the {mono(ir.name)} operator."
            f" Resources of this type are {scope}."
        )
    )
    rows = [
        ("API Version", mono(api.api_version)),
        ("Kind", mono(api.kind)),
        ("GVR (plural)", mono(f"{api.api_version}, Resource={api.plural}")),
        ("Scope", "Namespaced" if api.namespaced else "Cluster"),
        ("Watched namespaces", ", ".join(map(mono, controller.namespaces)) or "all"),
    ]
    if controller.depends_on:
        rows.append(("Depends on", ", ".join(map(mono, controller.depends_on))))
    return Section("Overview", (*blocks, Table(("Field", "Value"), tuple(rows))))


def reconcile_mode(controller: ControllerIR) -> Section:
    """How the type is reconciled."""
    finalizers = ", ".join(map(mono, controller.finalizers))
    return Section(
        "Reconcile Mode",
        (
            Paragraph(
                "This CRD runs in dynamic mode: the operator works on the plain Kubernetes"
                " object and needs no code of its own. What it creates is declared in the Katalog"
                " with template expressions such as `{{ .spec.field }}`; they were parsed and"
                " checked when the operator was built."
            ),
            Paragraph(
                "The operator manages the whole life of a custom resource: it sets the managed"
                f" label and the finalizer ({finalizers}), creates what `onCreate` declares while"
                " it is absent, keeps what `onReconcile` declares as declared, removes what is no"
                " longer wanted, writes the status and its `Ready` condition, emits an Event for"
                " each transition, counts metrics, and reports its health."
            ),
        ),
    )


def configuration(controller: ControllerIR) -> Section:
    """Workers, queue, resync and retries."""
    workers = controller.workers or DEFAULT_WORKERS
    depth = DEFAULT_QUEUE_DEPTH if controller.queue_depth is None else controller.queue_depth
    resync = duration(controller.resync_seconds or DEFAULT_RESYNC_SECONDS)
    backoff = controller.backoff
    queue = (
        f"The queue has a maximum depth of {depth} keys; what comes on top is marked and"
        " swept later, never lost."
        if depth
        else "The queue has no maximum depth."
    )
    return Section(
        "Configuration",
        (
            Paragraph(
                f"The operator maintains {workers} {_plural(workers, 'worker')} that reconcile"
                " concurrently. Each takes the key of one custom resource at a time; a key is"
                f" never worked on twice at once. {queue}"
            ),
            Paragraph(
                f"Every custom resource is looked at again every {resync}, so that drift from"
                " outside is corrected even without an event. A resync of an unchanged resource"
                " sends no request."
            ),
            Paragraph(
                "A custom resource that fails is retried after"
                f" {duration(backoff.initial_seconds)}, then each time after {backoff.multiplier:g} times"
                f" as long, at most every {duration(backoff.max_seconds)}."
            ),
        ),
    )


def child_resources(controller: ControllerIR, origins: Origins) -> Section:
    """What is created for each custom resource."""
    if not controller.children:
        text = f"The operator creates no other resources for a {mono(controller.name)}."
        return Section("Child Resources", (Paragraph(text),))
    place = "<namespace>/<name>" if controller.api.namespaced else "<name>"
    return Section(
        "Child Resources",
        (
            Paragraph(
                f"When the operator reconciles a {mono(controller.name)} it creates and manages"
                " the following Kubernetes resources on its behalf. They are owned by the custom"
                " resource through owner references, and Kubernetes deletes them with it."
            ),
            Paragraph(
                "Resources listed under `onCreate` are created while they are absent and then left"
                " alone. Resources listed under `onReconcile` are compared on every cycle, and"
                " applied again when a declared field differs."
                + (_IN_BOTH if _is_in_both(controller.children) else "")
            ),
            Table(("Kind", "Count", "Lifecycle phases"), tuple(_counts(controller.children))),
            Table(
                ("Child", "Name", "Behaviour", "Declared in"),
                tuple(_child(each, origins) for each in controller.children),
                is_wide=True,
            ),
            Paragraph(
                "What a running custom resource has got is told by the operator at"
                f" {mono(f'/katalog/{controller.name.lower()}/cr/{place}')}."
            ),
        ),
    )


_IN_BOTH = " What appears in both phases is created once and kept in sync thereafter."


def _counts(children: Sequence[ChildIR]) -> Iterator[Row]:
    for kind in sorted({each.api.kind for each in children}):
        of_kind = [each for each in children if each.api.kind == kind]
        phases = sorted({each.phase for each in of_kind})
        objects = {_identity(each) for each in of_kind}
        yield kind, str(len(objects)), ", ".join(phases)


def _identity(child: ChildIR) -> tuple[str, ...]:
    """The same for two entries that mean one object."""
    texts = (text_at(child.manifest, "metadata", key) for key in ("namespace", "name"))
    return (child.api.kind, *(each.replace(" ", "") for each in texts))


def _is_in_both(children: Sequence[ChildIR]) -> bool:
    return len({_identity(each) for each in children}) < len(children)


def _child(child: ChildIR, origins: Origins) -> Row:
    declared = mono(origins.line(child.origin))
    if child.motif:
        declared += f" (motif {mono(child.motif)})"
    return child.api.kind, mono(text_at(child.manifest, "metadata", "name")), _acts(child), declared


def _acts(child: ChildIR) -> str:
    if child.rotate_after is not None:
        return f"generated once, renewed after {mono(child.rotate_after.text)}"
    if child.once:
        return "generated once"
    return "kept in sync" if child.sync == "apply" else "created while absent"


def text_at(template: TemplateIR, *path: str | int) -> str:
    """The text of the expression or constant at a place of a template; empty without one."""
    for hole in template.holes:
        if hole.path == path:
            return hole.expression.text
    value = template.skeleton
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return ""
        value = value[part]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def specification(schema: Schema, controller: ControllerIR, sample: str) -> Section:
    """The fields of the spec, and a custom resource to start from."""
    rows = spec_rows(schema, controller)
    blocks: list[Block] = []
    if rows:
        blocks.append(Table(("Field", "Type", "Description"), rows, is_wide=True))
    if controller.crd is None:
        blocks.append(
            Paragraph(
                "The schema was inferred from the expressions that read these fields; further"
                " fields are accepted and kept."
            )
        )
    blocks.append(Code("Example", "yaml", sample))
    return Section("Specification", tuple(blocks))


def status(schema: Schema, controller: ControllerIR) -> Section:
    """What the operator writes into the status."""
    meanings: dict[str, str] = {}
    if controller.conditions:
        meanings["status.observedGeneration"] = (
            "The generation of the spec that this status speaks of."
        )
        meanings["status.conditions"] = (
            "`Ready` is `True` when all children are as declared; else `reason` and `message`"
            " say what is wrong, with the Katalog's file and line where an expression failed."
        )
    for each in controller.status_fields:
        meanings[dotted(("status", *each.path))] = _value_of(each)
    rows = status_rows(schema, meanings)
    if not rows:
        return Section("Status", (Paragraph("The operator writes no status."),))
    return Section("Status", (Table(("Field", "Type", "Value"), rows, is_wide=True),))


def _value_of(each: StatusFieldIR) -> str:
    text = text_at(each.value)
    return mono(text) if text else ""


def kubectl_reference(controller: ControllerIR, singular: str) -> Section:
    """Commands to look at and handle resources of the type."""
    where = " -n <namespace>" if controller.api.namespaced else ""
    commands = (
        ("List resources", f"kubectl get {singular}{where}"),
        ("Describe a resource", f"kubectl describe {singular} <name>{where}"),
        ("Get YAML", f"kubectl get {singular} <name>{where} -o yaml"),
        ("Watch for changes", f"kubectl get {singular}{where} -w"),
        (
            "Wait until it is ready",
            f"kubectl wait --for=condition=Ready {singular}/<name>{where}",
        ),
        ("Explain the fields", f"kubectl explain {singular}.spec"),
        ("Delete a resource", f"kubectl delete {singular} <name>{where}"),
        (
            "Filter by managed label",
            f"kubectl get {singular} -l orkestra.orkspace.io/managed=true{where}",
        ),
    )
    return Section(
        "kubectl Reference",
        (
            Paragraph(
                f"Use the commands below to work with {mono(controller.name)} resources from the"
                " command line."
            ),
            *(Code(caption, "sh", command + "\n") for caption, command in commands),
        ),
    )


def access_control(controller: ControllerIR, permissions: Sequence[PermissionIR]) -> Section:
    """What the operator may do for this type, and what the process needs besides."""
    own = [each for each in permissions if each.controller == controller.name]
    process = [each for each in permissions if not each.controller]
    summary = ", ".join(f"1 {each.resource}" for each in sorted(own, key=lambda one: one.resource))
    where = ", ".join(map(mono, controller.namespaces))
    scope = f" They hold in namespace {where} only." if where else " They hold cluster-wide."
    head = ("API Groups", "Resources", "Verbs", "Why")
    return Section(
        "Access Control",
        (
            Paragraph(
                f"The operator holds the following RBAC permissions to manage"
                f" {mono(controller.name)} resources: {summary}.{scope}"
            ),
            Table(head, tuple(map(_permission, own)), is_wide=True),
            Paragraph("Besides these, the operator process itself holds:"),
            Table(head, tuple(map(_permission, process)), is_wide=True),
        ),
    )


def _permission(each: PermissionIR) -> Row:
    names = f" ({', '.join(map(mono, each.resource_names))})" if each.resource_names else ""
    return (
        each.group or "core",
        each.resource + names,
        " ".join(each.verbs),
        each.reason,
    )


def duration(seconds: float) -> str:
    """Seconds as people write them: `500ms`, `15s`, `1m30s`, `2h`."""
    if seconds < 1:
        return f"{seconds * 1000:g}ms"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = ((hours, "h"), (minutes, "m"), (rest, "s"))
    return "".join(f"{amount:g}{unit}" for amount, unit in parts if amount) or "0s"


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"
