"""Which kind a document is: its heading, checked. Pure."""

from __future__ import annotations

import re

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.located import Located
from katalogc.schema import API_VERSIONS
from katalogc.suggestions import closest, did_you_mean

KINDS = ("Katalog", "Motif", "Komposer", "Simulate", "E2E")
_OBJECT = re.compile(r"(?:[a-z0-9.-]+/)?v[0-9]+(?:(?:alpha|beta)[0-9]+)?")
"""The `apiVersion` of a Kubernetes object: group and version, or the version of the core group."""
_HEADING = ("apiVersion", "kind")
_OTHER_NAMES = {"Catalog": "Katalog", "Composer": "Komposer"}


def kind_of(root: Located, diagnostics: list[Diagnostic]) -> str | None:
    """The document's kind in its newest name; None, and diagnostics, where it is none of ours."""
    if not isinstance(root.value, dict):
        diagnostics.append(
            Diagnostic(
                code=Code.UNKNOWN_KIND,
                message="the document is no mapping with `apiVersion` and `kind`",
                span=root.span,
                help="begin with `apiVersion: orkestra.orkspace.io/v1` and `kind: Katalog`",
            )
        )
        return None
    for name in _HEADING:
        _read_as_meant(root, name, diagnostics)
    kind = root.mapping.get("kind")
    if kind is None or not isinstance(kind.value, str):
        diagnostics.append(
            Diagnostic(
                code=Code.UNKNOWN_KIND,
                message="the document has no `kind`",
                span=kind.span if kind is not None else root.heading,
                help="add `kind: Katalog`",
            )
        )
        return None
    name = _OTHER_NAMES.get(kind.value, kind.value)
    if name not in KINDS:
        diagnostics.append(
            Diagnostic(
                code=Code.UNKNOWN_KIND,
                message=f"kind `{kind.value}` is not known",
                span=kind.span,
                help=_for_another_object(root, kind) or did_you_mean(kind.value, KINDS),
            )
        )
        return None
    _check_api_version(root, diagnostics)
    return name


def _for_another_object(root: Located, kind: Located) -> str | None:
    """Where objects that Kubernetes knows, and we do not, are looked at."""
    version = root.mapping.get("apiVersion")
    text = version.text if version is not None else ""
    if not _OBJECT.fullmatch(text) or is_ours(root) or closest(kind.text, KINDS):
        return None
    if kind.value == "CustomResourceDefinition":
        return "name this file as `crdFile:` in a Katalog, and give the Katalog"
    if "." not in text or text.partition("/")[0].endswith(".k8s.io"):
        return "give a Katalog; objects of Kubernetes itself are checked by `kubectl apply`"
    return f"a custom resource is tried with `katalogc render KATALOG --cr {kind.span.file}`"


def _read_as_meant(root: Located, name: str, diagnostics: list[Diagnostic]) -> None:
    """A misspelt `kind` or `apiVersion` is reported where it stands, and then read."""
    if name in root.mapping:
        return
    for key, value in root.mapping.items():
        if closest(key, (name,)) is not None:
            diagnostics.append(
                Diagnostic(
                    code=Code.UNKNOWN_FIELD,
                    message=f"unknown field `{key}` in the document",
                    span=value.key_span,
                    help=f"did you mean `{name}`?",
                )
            )
            root.mapping[name] = root.mapping.pop(key)
            return


def is_ours(root: Located) -> bool:
    """Whether a document claims to be one of ours; others in a folder are left alone."""
    version = root.mapping.get("apiVersion")
    text = version.text if version is not None else ""
    return text.startswith(("orkestra.", "inrun."))


def name_of(root: Located) -> str:
    """`metadata.name`, as far as there is one."""
    name = root.at("metadata", "name")
    return name.text if name is not None else ""


def _check_api_version(root: Located, diagnostics: list[Diagnostic]) -> None:
    version = root.mapping.get("apiVersion")
    if version is not None and version.text in API_VERSIONS:
        return
    if version is None:
        message, span = "the document has no `apiVersion`", root.heading
        help: str | None = f"add `apiVersion: {API_VERSIONS[0]}`"
    else:
        message, span = f"apiVersion `{version.text}` is not known", version.span
        close = closest(version.text, API_VERSIONS)
        help = f"did you mean `{close}`?" if close else f"write `apiVersion: {API_VERSIONS[0]}`"
    diagnostics.append(
        Diagnostic(code=Code.UNKNOWN_API_VERSION, message=message, span=span, help=help)
    )
