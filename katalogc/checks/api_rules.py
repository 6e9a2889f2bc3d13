"""KAT204-KAT211: what the API server would refuse.

The rules are those of apimachinery's `validation` package: DNS-1123 labels and subdomains,
qualified names of labels and annotations, label values, keys of ConfigMaps and Secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from katalog_runtime.objects import MANAGED_LABEL, OWNER_LABEL
from katalogc.checks.walk import Child, children
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.located import Located
from katalogc.schema.kinds import WORKLOAD_LABEL
from katalogc.schema.names import DNS_LABEL, DNS_SUBDOMAIN, is_template
from katalogc.source import Span
from katalogc.subject import Subject

_LABEL_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_KIND = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")
_VERSION = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_STATUS_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*")
_RESERVED_LABELS = frozenset({MANAGED_LABEL, OWNER_LABEL, WORKLOAD_LABEL})
_LONGEST_OPERATOR = 63 - len("-system")

_NAME_HELP = "use lower-case letters, digits and `-`, beginning and ending with a letter or digit"


def bad_api_names(subject: Subject) -> Iterator[Diagnostic]:
    """The operator's, a CRD's, a group's or a kind's name is not valid."""
    for each in _api_names(subject):
        if "{{" not in each.message:  # an expression there is another mistake
            yield each


def _api_names(subject: Subject) -> Iterator[Diagnostic]:
    name = subject.katalog.metadata.name
    if not DNS_LABEL.fullmatch(name) or len(name) > _LONGEST_OPERATOR:
        yield _bad_name("the Katalog's name", name, subject.root.nearest("metadata", "name").span)
    for crd, entry, place in subject.enabled():
        if not DNS_LABEL.fullmatch(crd):
            yield _bad_name("the CRD's name", crd, place.key_span)
        for index, namespace in enumerate(entry.allowed_namespaces):
            where = place.nearest("allowedNamespaces", index)
            if not DNS_LABEL.fullmatch(namespace):
                yield _bad_name("the namespace", namespace, where.span)
        if entry.namespace and not DNS_LABEL.fullmatch(entry.namespace):
            yield _bad_name("the namespace", entry.namespace, place.nearest("namespace").span)
        resolved = subject.types.get(crd)
        if resolved is None:
            continue
        types = place.nearest("apiTypes")
        api = resolved.api
        if not DNS_SUBDOMAIN.fullmatch(api.group) or "." not in api.group:
            yield _bad_name(
                "the API group", api.group, types.nearest("group").span,
                "a group is a domain of yours, such as `data.example.com`",
            )  # fmt: skip
        if not _KIND.fullmatch(api.kind):
            yield _bad_name(
                "the kind", api.kind, types.nearest("kind").span,
                "a kind is written like `DataJob`: letters and digits, the first one upper-case",
            )  # fmt: skip
        if not DNS_LABEL.fullmatch(api.plural):
            yield _bad_name("the plural", api.plural, types.nearest("plural").span)
        if not _VERSION.fullmatch(api.version):
            yield _bad_name(
                "the version", api.version, types.nearest("version").span,
                "a version is written like `v1` or `v1alpha1`",
            )  # fmt: skip


def _bad_name(what: str, name: str, span: Span, help: str = _NAME_HELP) -> Diagnostic:
    shown = name if len(name) <= 70 else name[:67] + "..."
    return Diagnostic(
        code=Code.BAD_NAME, message=f"{what} `{shown}` is not valid", span=span, help=help
    )


def bad_child_names(subject: Subject) -> Iterator[Diagnostic]:
    """A child's constant name or namespace, or text between expressions in it, is not valid."""
    for child in children(subject):
        name = child.constant("name")
        if name and not _fits(child, name):
            yield _bad_name("the name", name, child.place("name").span)
        elif child.constant("name") is None and child.node.at("name") is not None:
            yield from _bad_parts(child)
        namespace = child.constant("namespace")
        if namespace and not DNS_LABEL.fullmatch(namespace):
            yield _bad_name("the namespace", namespace, child.place("namespace").span)


def _fits(child: Child, name: str) -> bool:
    # Services become DNS names of their own, so their names are labels (RFC 1035 there).
    rule = DNS_LABEL if child.kind.api.kind == "Service" else DNS_SUBDOMAIN
    return rule.fullmatch(name) is not None


def _bad_parts(child: Child) -> Iterator[Diagnostic]:
    place = child.place("name")
    if not is_template(place.text):
        return
    # Each expression stands for a letter: what is around it must fit by itself.
    around = re.sub(r"\{\{.*?\}\}", lambda each: "x" * len(each[0]), place.text, flags=re.DOTALL)
    begin = len(around) - len(around.lstrip())
    wrong = re.search(r"[^-a-z0-9.]", around.strip()) or re.match(r"[-.]", around.strip())
    wrong = wrong or re.search(r"[-.]\Z", around.strip())
    if wrong and "{{" not in around:
        at = begin + wrong.start()
        character = wrong.group()
        yield Diagnostic(
            code=Code.BAD_NAME,
            message="a blank cannot stand in a name"
            if character.isspace()
            else f"a name cannot begin or end with `{character}`"
            if character in "-."
            else f"`{character}` cannot stand in a name",
            span=place.within(at, at + 1),
            help=_NAME_HELP,
        )


def bad_labels(subject: Subject) -> Iterator[Diagnostic]:
    """A label's or annotation's key, or a label's constant value, is not valid."""
    for child in children(subject):
        for field in ("labels", "annotations", "selector", "nodeSelector"):
            node = child.node.at(field)
            for key, value in (node.mapping if node is not None else {}).items():
                yield from _bad_pair(child, field, key, value)


def _bad_pair(child: Child, field: str, key: str, value: Located) -> Iterator[Diagnostic]:
    prefix, _, name = key.rpartition("/")
    if not _LABEL_NAME.fullmatch(name) or ("/" in key and not DNS_SUBDOMAIN.fullmatch(prefix)):
        yield Diagnostic(
            code=Code.BAD_LABEL,
            message=f"`{key}` is no valid key in `{field}`",
            span=value.key_span,
            help="keys are `name` or `domain/name`; letters, digits, `-`, `_` and `.`",
        )
    if field == "labels" and key in _RESERVED_LABELS:
        yield Diagnostic(
            code=Code.RESERVED_LABEL,
            message=f"label `{key}` belongs to the operator",
            span=value.key_span,
            help="remove it; the operator sets it",
        )
    constant = child.constant(field, key)
    if field != "annotations" and constant and not _LABEL_VALUE.fullmatch(constant):
        yield Diagnostic(
            code=Code.BAD_LABEL,
            message=f"`{constant[:70]}` is no valid value of label `{key}`",
            span=child.place(field, key).span,
            help="at most 63 letters, digits, `-`, `_` and `.`; letters or digits at both ends",
        )


def bad_finalizers(subject: Subject) -> Iterator[Diagnostic]:
    """A finalizer's name is not one that `metadata.finalizers` may hold."""
    places = [subject.root.at("spec", "finalizers")]
    places += [place.at("operatorBox", "finalizers") for _, _, place in subject.enabled()]
    for each in places:
        for finalizer in each.items if each is not None else ():
            prefix, slash, name = finalizer.text.rpartition("/")
            if not _LABEL_NAME.fullmatch(name) or (slash and not DNS_SUBDOMAIN.fullmatch(prefix)):
                yield _bad_name(
                    "the finalizer", finalizer.text, finalizer.span,
                    "write `domain/name`, such as `shop.example.com/cleanup`",
                )  # fmt: skip


def bad_data_keys(subject: Subject) -> Iterator[Diagnostic]:
    """A key of a ConfigMap's or Secret's data is not valid."""
    for child in children(subject):
        data = child.node.at("data")
        for key, value in (data.mapping if data is not None else {}).items():
            if not _DATA_KEY.fullmatch(key) or key in (".", "..") or key.startswith(".."):
                yield Diagnostic(
                    code=Code.BAD_DATA_KEY,
                    message=f"`{key[:70]}` is no valid key of `data`",
                    span=value.key_span,
                    help="use letters, digits, `-`, `_` and `.`",
                )


def reserved_status_path(subject: Subject) -> Iterator[Diagnostic]:
    """A status field is the operator's own, or its path cannot be written."""
    for _, entry, place in subject.enabled():
        fields = place.nearest("operatorBox", "status", "fields")
        for index, field in enumerate(entry.operator_box.status.fields_):
            where = fields.nearest(index, "path")
            if not _STATUS_PATH.fullmatch(field.path):
                yield Diagnostic(
                    code=Code.BAD_NAME,
                    message=f"`{field.path}` is no path of a status field",
                    span=where.span,
                    help="write names joined by dots, such as `phase` or `backup.lastRun`",
                )
            elif field.path.split(".")[0] in ("conditions", "observedGeneration"):
                yield Diagnostic(
                    code=Code.RESERVED_STATUS_PATH,
                    message=f"status field `{field.path}` belongs to the operator",
                    span=where.span,
                    help="choose another path",
                )
