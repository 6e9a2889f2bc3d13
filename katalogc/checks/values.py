"""KAT1##: constants that no schema type can judge: ranges, words, misplaced expressions."""

from __future__ import annotations

from collections.abc import Iterator

from katalogc.checks.walk import Child, children
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.located import Located
from katalogc.schema.names import duration_seconds, is_template
from katalogc.subject import Subject
from katalogc.suggestions import did_you_mean

_RANGES = {
    "port": (1, 65535),
    "replicas": (0, 2**31 - 1),
    "backoffLimit": (0, 2**31 - 1),
}
_WORDS = {
    "protocol": ("TCP", "UDP", "SCTP"),
    "type": ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
}
_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_CONSTANT_FIELDS = (
    ("namespace",), ("crdFile",), ("mode",), ("apiTypes", "group"), ("apiTypes", "version"),
    ("apiTypes", "kind"), ("apiTypes", "plural"), ("operatorBox", "reconciler", "resync"),
)  # fmt: skip


def empty_image(subject: Subject) -> Iterator[Diagnostic]:
    """A workload has no image."""
    for child in children(subject):
        if child.kind.is_workload and child.constant("image") == "":
            yield Diagnostic(
                code=Code.EMPTY_VALUE,
                message="`image` is empty",
                span=child.place("image").span,
                help="name an image, such as `{{ .spec.image }}` or `nginx:1.29`",
            )


def number_out_of_range(subject: Subject) -> Iterator[Diagnostic]:
    """A constant port, replica count or limit is no number, or outside its range."""
    for child in children(subject):
        for field, (least, most) in _RANGES.items():
            yield from _number(child, field, least, most)
        target = child.constant("targetPort")
        if target and target.lstrip("-").isdigit():
            yield from _number(child, "targetPort", 1, 65535)


def _number(child: Child, field: str, least: int, most: int) -> Iterator[Diagnostic]:
    text = child.constant(field)
    if not text:
        return
    digits = text.strip().lstrip("+-")
    if not (digits.isascii() and digits.isdigit()):
        yield Diagnostic(
            code=Code.WRONG_TYPE,
            message=f"`{field}` must be a whole number, not `{text}`",
            span=child.place(field).span,
        )
    elif len(digits) > 18 or not least <= int(text) <= most:
        yield Diagnostic(
            code=Code.OUT_OF_RANGE,
            message=f"`{field}` must be between {least} and {most}, not {text}",
            span=child.place(field).span,
        )


def word_not_allowed(subject: Subject) -> Iterator[Diagnostic]:
    """A protocol or Service type that Kubernetes does not know."""
    for child in children(subject):
        for field, words in _WORDS.items():
            if field == "type" and child.kind.block != "services":
                continue
            text = child.constant(field)
            if text and text not in words:
                yield Diagnostic(
                    code=Code.NOT_ONE_OF,
                    message=f"`{text}` is not allowed for `{field}`",
                    span=child.place(field).span,
                    help="allowed: " + ", ".join(f"`{word}`" for word in words),
                )


def unknown_resource(subject: Subject) -> Iterator[Diagnostic]:
    """A container asks for a resource that is neither standard nor has a domain before it."""
    for child in children(subject):
        for part in ("requests", "limits"):
            amounts = child.node.at("resources", part)
            for name, amount in amounts.mapping.items() if amounts is not None else ():
                if name in _RESOURCES or "/" in name or name.startswith("hugepages-"):
                    continue
                yield Diagnostic(
                    code=Code.UNKNOWN_FIELD,
                    message=f"`{name}` is no resource of a container",
                    span=amount.key_span,
                    help=did_you_mean(name, _RESOURCES),
                )


def bad_rotation(subject: Subject) -> Iterator[Diagnostic]:
    """`rotateAfter` without `once`, or an input's value that is no duration."""
    for child in children(subject):
        if child.kind.block != "secrets" or child.node.at("rotateAfter") is None:
            continue
        place = child.place("rotateAfter")
        if not getattr(child.entry, "once", False):
            yield Diagnostic(
                code=Code.ROTATION_WITHOUT_ONCE,
                message="`rotateAfter` has no effect without `once: true`",
                span=child.node.nearest("rotateAfter").key_span,
                help="add `once: true`, or remove `rotateAfter`",
            )
        text = child.constant("rotateAfter")
        seconds = duration_seconds(text) if text else 1.0
        if seconds is None or seconds <= 0:
            yield Diagnostic(
                code=Code.BAD_DURATION,
                message=f"`{text}` is not a duration",
                span=place.span,
                help="write a number and a unit, such as `12h` or `90d`",
            )


def misplaced_expression(subject: Subject) -> Iterator[Diagnostic]:
    """An expression stands where only constants are read."""
    yield from _misplaced(subject.root.at("metadata", "name"))
    for _, entry, place in subject.enabled():
        for path in _CONSTANT_FIELDS:
            yield from _misplaced(place.at(*path))
        for index in range(len(entry.allowed_namespaces)):
            yield from _misplaced(place.at("allowedNamespaces", index))
        for index in range(len(entry.operator_box.status.fields_)):
            yield from _misplaced(place.at("operatorBox", "status", "fields", index, "path"))


def _misplaced(node: Located | None) -> Iterator[Diagnostic]:
    if node is not None and is_template(node.text):
        yield Diagnostic(
            code=Code.MISPLACED_EXPRESSION,
            message=f"`{node.name()}` cannot hold an expression",
            span=node.span,
            help="it is needed before any custom resource exists; write a constant",
        )
