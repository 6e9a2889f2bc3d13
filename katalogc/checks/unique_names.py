"""KAT20#, KAT21#: what must be unique, but for children (see `same_child`)."""

from __future__ import annotations

from collections.abc import Iterator

from katalogc.checks.walk import children
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Label
from katalogc.located import Located
from katalogc.schema.workloads import Workload
from katalogc.subject import Subject


def duplicate_plural(subject: Subject) -> Iterator[Diagnostic]:
    """Two CRDs claim the same plural in one API group."""
    yield from _duplicate_type(subject, "plural", Code.DUPLICATE_PLURAL)


def duplicate_kind(subject: Subject) -> Iterator[Diagnostic]:
    """Two CRDs claim the same kind in one API group."""
    yield from _duplicate_type(subject, "kind", Code.DUPLICATE_KIND)


def _duplicate_type(subject: Subject, field: str, code: Code) -> Iterator[Diagnostic]:
    seen: dict[tuple[str, str], tuple[str, Located]] = {}
    for name, _, place in subject.enabled():
        resolved = subject.types.get(name)
        if resolved is None:
            continue
        value: str = getattr(resolved.api, field)
        where = place.at("apiTypes", field) or place.at("crdFile") or place
        first, there = seen.setdefault((resolved.api.group, value), (name, where))
        if first != name:
            yield Diagnostic(
                code=code,
                message=f"{field} `{value}` is already used by CRD `{first}`",
                span=where.span,
                labels=(Label(there.span, "first used here"),),
                help=f"give one of them another `{field}`, or another `group`",
            )


def duplicate_env(subject: Subject) -> Iterator[Diagnostic]:
    """An environment variable stands twice in one container."""
    for child in children(subject):
        if not isinstance(child.entry, Workload):
            continue
        seen: dict[str, int] = {}
        for index, variable in enumerate(child.entry.env):
            first = seen.setdefault(variable.name, index)
            if first != index:
                yield Diagnostic(
                    code=Code.DUPLICATE_ENV,
                    message=f"environment variable `{variable.name}` stands twice",
                    span=child.node.nearest("env", index, "name").span,
                    labels=(
                        Label(child.node.nearest("env", first, "name").span, "first used here"),
                    ),
                    help="remove or rename one of them",
                )


def duplicate_status_path(subject: Subject) -> Iterator[Diagnostic]:
    """A status field is written twice; the later one always wins."""
    for _, entry, place in subject.enabled():
        seen: dict[str, int] = {}
        fields = place.nearest("operatorBox", "status", "fields")
        for index, field in enumerate(entry.operator_box.status.fields_):
            first = seen.setdefault(field.path, index)
            second = fields.nearest(index, "path")
            conditional = _is_conditional(fields.nearest(index)) or _is_conditional(
                fields.nearest(first)
            )
            same_author = second.scope is fields.nearest(first, "path").scope
            if first != index and same_author and not conditional:
                yield Diagnostic(
                    code=Code.DUPLICATE_STATUS_PATH,
                    message=f"status field `{field.path}` is written twice; the later one wins",
                    span=second.span,
                    labels=(Label(fields.nearest(first, "path").span, "overwritten"),),
                    help="remove one of them",
                )


def status_path_below_a_value(subject: Subject) -> Iterator[Diagnostic]:
    """One status field is written as a value, and another one below it."""
    for _, entry, place in subject.enabled():
        fields = place.nearest("operatorBox", "status", "fields")
        paths = {field.path: index for index, field in enumerate(entry.operator_box.status.fields_)}
        for path, index in paths.items():
            above = path
            while "." in above:
                above = above.rpartition(".")[0]
                if above in paths:
                    where = fields.nearest(index, "path").span
                    there = fields.nearest(paths[above], "path").span
                    yield Diagnostic(
                        code=Code.DUPLICATE_STATUS_PATH,
                        message=f"status field `{path}` lies below `{above}`, which is a value",
                        span=where,
                        labels=(Label(there, "a value"),),
                        help="give one of them another path",
                    )
                    break


def _is_conditional(field: Located) -> bool:
    """Whether the user wrote a condition; conditions are reported as not compiled and then gone."""
    keys = field.source_map.keys
    return any((*field.path, word) in keys for word in ("when", "or", "anyOf"))
