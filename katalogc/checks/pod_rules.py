"""KAT105-KAT204 for pods: constants of a container that the API server or the kubelet would refuse.

The rules are those of `pkg/apis/core/validation` and `pkg/apis/apps/validation`: quantities,
probes, rolling updates, environment variables, names of ports, accounts and pull secrets; and
the reference format of container registries for images.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from katalogc.checks.walk import Child, children
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.located import Located
from katalogc.schema.names import DNS_SUBDOMAIN, is_quantity, is_template, quantity_value
from katalogc.subject import Subject

_COUNTS = (
    "initialDelaySeconds", "periodSeconds", "timeoutSeconds", "successThreshold",
    "failureThreshold",
)  # fmt: skip
_PORT_NAME = re.compile(r"(?=.{1,15}\Z)(?=.*[a-z])(?!.*--)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_VARIABLE = re.compile(r"[ -<>-~]+")
_PERCENT = re.compile(r"[0-9]+%")
_IMAGE_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/|\[[0-9a-fA-F:]+\](?::[0-9]+)?/)?{_IMAGE_PART}(?:/{_IMAGE_PART})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z0-9+._-]+:[0-9a-fA-F]{32,})?"
)


def bad_image(subject: Subject) -> Iterator[Diagnostic]:
    """A constant image that no registry could have."""
    for child in children(subject):
        image = child.constant("image") if child.kind.is_workload else None
        if image and not _IMAGE.fullmatch(image):
            yield Diagnostic(
                code=Code.BAD_NAME,
                message=f"`{image[:70]}` is no reference to an image",
                span=child.place("image").span,
                help="write `name:tag` or `registry/name:tag`, such as `nginx:1.29`",
            )


def bad_amounts(subject: Subject) -> Iterator[Diagnostic]:
    """A negative amount, or a request above its limit."""
    for child in children(subject):
        for name, amount in _amounts(child, "requests") + _amounts(child, "limits"):
            if quantity_value(amount.text) < 0:
                yield _out_of_range(f"`{name}` must not be negative", amount)
        limits = dict(_amounts(child, "limits"))
        for name, amount in _amounts(child, "requests"):
            limit = limits.get(name)
            if limit is not None and quantity_value(amount.text) > quantity_value(limit.text):
                message = f"the request of {name} (`{amount.text}`) is above the limit"
                yield _out_of_range(f"{message} (`{limit.text}`)", amount)


def _amounts(child: Child, part: str) -> list[tuple[str, Located]]:
    node = child.node.at("resources", part)
    pairs = node.mapping.items() if node is not None else ()
    return [(name, each) for name, each in pairs if is_quantity(each.text)]


def bad_probe(subject: Subject) -> Iterator[Diagnostic]:
    """A probe without what its type needs, or with numbers that make no sense."""
    for child in children(subject):
        probes = child.node.at("probes")
        for name, probe in probes.mapping.items() if probes is not None else ():
            yield from _probe(child, name, probe)


def _probe(child: Child, name: str, probe: Located) -> Iterator[Diagnostic]:
    kind = probe.at("type")
    if kind is not None and kind.text == "exec":
        command = probe.at("command")
        if command is None or not command.items:
            yield _missing("command", probe, "an `exec` probe runs a command")
    elif probe.at("port") is None and child.node.at("port") is None:
        yield _missing("port", probe, "neither the probe nor the container has one")
    else:
        yield from _port(probe.at("port"), "port")
    for field in _COUNTS:
        count = probe.at(field)
        if count is not None and isinstance(count.value, int) and count.value < 0:
            yield _out_of_range(f"`{field}` must not be negative", count)
    success = probe.at("successThreshold")
    if success is not None and name != "readiness" and success.value not in (0, 1):
        yield _out_of_range(f"`successThreshold` of a {name} probe must be 1", success)


def bad_target_port(subject: Subject) -> Iterator[Diagnostic]:
    """A Service's target is neither a port's number nor a port's name."""
    for child in children(subject):
        if child.kind.block == "services" and child.constant("targetPort"):
            target = child.constant("targetPort") or ""
            if not target.lstrip("-").isdigit():  # numbers are another check's
                yield from _port(child.place("targetPort"), "targetPort")


def _port(port: Located | None, field: str) -> Iterator[Diagnostic]:
    text = port.text if port is not None else ""
    if port is None or not text or is_template(text):
        return
    if text.lstrip("-").isdigit():
        if len(text) > 9 or not 1 <= int(text) <= 65535:
            yield _out_of_range(f"`{field}` must be between 1 and 65535, not {text[:20]}", port)
    elif not _PORT_NAME.fullmatch(text):
        yield Diagnostic(
            code=Code.BAD_NAME,
            message=f"`{text[:70]}` is neither a port's number nor a port's name",
            span=port.span,
            help="names of ports have at most 15 lower-case letters, digits and `-`",
        )


def bad_rolling_update(subject: Subject) -> Iterator[Diagnostic]:
    """A share of pods that cannot be read, or that leaves no way to replace any."""
    for child in children(subject):
        rolling = child.node.at("rollingUpdate")
        shares = {}
        for field in ("maxSurge", "maxUnavailable"):
            share = rolling.at(field) if rolling is not None else None
            if share is None or not share.text or is_template(share.text):
                continue
            shares[field] = share
            if not (share.text.isdigit() or _PERCENT.fullmatch(share.text)):
                yield Diagnostic(
                    code=Code.WRONG_TYPE,
                    message=f"`{field}` must be a number or a percentage, not `{share.text[:70]}`",
                    span=share.span,
                    help="write a number of pods, or a share such as `25%`",
                )
        if len(shares) == 2 and all(
            each.text.rstrip("%").strip("0") == "" for each in shares.values()
        ):
            message = "`maxSurge` and `maxUnavailable` are both 0, so no pod could be replaced"
            yield _out_of_range(message, shares["maxUnavailable"])


def bad_environment(subject: Subject) -> Iterator[Diagnostic]:
    """A variable whose name or source the API server refuses."""
    for child in children(subject):
        env = child.node.at("env")
        for item in env.items if env is not None else ():
            name, source, value = item.at("name"), item.at("valueFrom"), item.at("value")
            if (
                name is not None
                and not is_template(name.text)
                and not _VARIABLE.fullmatch(name.text)
            ):
                yield Diagnostic(
                    code=Code.BAD_NAME,
                    message=f"`{name.text[:70]}` is no name of an environment variable",
                    span=name.span,
                    help="use letters, digits and `_`",
                )
            if source is None:
                continue
            kinds = [key for key in ("secretKeyRef", "configMapKeyRef") if source.at(key)]
            if len(kinds) != 1:
                what = "two sources" if kinds else "no source"
                yield Diagnostic(
                    code=Code.MISSING_FIELD,
                    message=f"`valueFrom` names {what}",
                    span=source.key_span,
                    help="give one of `secretKeyRef` and `configMapKeyRef`",
                )
            if value is not None and value.text:
                yield Diagnostic(
                    code=Code.SPELLED_TWICE,
                    message="the variable has both `value` and `valueFrom`",
                    span=source.key_span,
                    help="keep one of them",
                )


def bad_references(subject: Subject) -> Iterator[Diagnostic]:
    """Names of accounts and pull secrets that no object could have."""
    for child in children(subject):
        account = child.node.at("serviceAccountName")
        secrets = child.node.at("imagePullSecrets")
        named = [account] if account is not None else []
        named += [each.at("name") or each for each in secrets.items] if secrets is not None else []
        for each in named:
            if each.text and not is_template(each.text) and not DNS_SUBDOMAIN.fullmatch(each.text):
                yield Diagnostic(
                    code=Code.BAD_NAME,
                    message=f"the name `{each.text[:70]}` is not valid",
                    span=each.span,
                    help="use lower-case letters, digits, `-` and `.`",
                )


def _out_of_range(message: str, place: Located) -> Diagnostic:
    return Diagnostic(code=Code.OUT_OF_RANGE, message=message, span=place.span)


def _missing(field: str, probe: Located, why: str) -> Diagnostic:
    return Diagnostic(
        code=Code.MISSING_FIELD,
        message=f"`{field}` is missing in `{probe.name()}`: {why}",
        span=probe.key_span,
        help=f"add `{field}:`",
    )
