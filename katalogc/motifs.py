"""Motifs: each `imports:` of a CRD entry is replaced by what the motif brings.

In: a located Katalog in its normal spelling and a way to read files. Out: the same tree with the
motif's children and status fields in its operator box; everything that came from a motif knows
its own file and what the motif's inputs mean (`Located.scope`). Pure but for the reading.
"""

from __future__ import annotations

import posixpath
from typing import Protocol

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Label
from katalogc.located import InputScope, Located, locate
from katalogc.schema import Motif, parse
from katalogc.source import SourceFile
from katalogc.spellings import normalise_motif
from katalogc.suggestions import did_you_mean
from katalogc.yaml_reader import Document, Reading, decode, read


class Files(Protocol):
    """Where files come from."""

    def read(self, name: str) -> bytes:
        """The content of a file.

        Raises:
            OSError: it cannot be read.
        """
        ...


def resolve(importer: str, path: str) -> str:
    """The name of a file that is named relative to the file that mentions it."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), path))


def refusal(error: OSError, name: str) -> str:
    """Why a file cannot be read, in words."""
    reasons = {
        FileNotFoundError: "there is no file",
        IsADirectoryError: "it is a folder:",
        PermissionError: "no permission to read",
    }
    return f"{reasons.get(type(error), error.strerror or 'cannot read')} `{name}`"


class MotifMerger:
    """Reads each motif once and merges it into every entry that imports it."""

    def __init__(self, files: Files, diagnostics: list[Diagnostic]) -> None:
        self._files = files
        self._diagnostics = diagnostics
        self._documents: dict[str, Document | None] = {}
        self.sources: dict[str, SourceFile] = {}
        """The motif files read, by name."""

    def merge(self, katalog: Located) -> None:
        """Merge all imports of all CRD entries of `katalog`, in place."""
        crds = katalog.at("spec", "crds")
        for entry in crds.mapping.values() if crds is not None else ():
            imports = entry.mapping.get("imports")
            for number, item in enumerate(imports.items if imports is not None else ()):
                self._import(entry, item, number)

    def _import(self, entry: Located, item: Located, number: int) -> None:
        path = item.mapping.get("motif")
        if path is None or not isinstance(path.value, str):
            return  # the schema reports it
        if "://" in path.value or path.value.startswith("oci:"):
            self._say(
                Code.NOT_COMPILED_YET,
                "motifs from registries are part of the language, but katalogc does not fetch them",
                path,
                "copy the motif beside the Katalog and give its path",
            )
            return
        name = resolve(path.source_map.file.name, path.value)
        document = self._document(name, path)
        if document is None:
            return
        scope = InputScope(posixpath.basename(name), path.span, {})
        root = normalise_motif(locate(document, scope), self._diagnostics)
        motif = parse(root, Motif, self._diagnostics)
        if motif is None:
            return
        title = motif.metadata.name if number == 0 else f"{motif.metadata.name}#{number + 1}"
        scope = InputScope(title, path.span, self._bind(motif, root, item, path))
        _merge_into(entry, scoped(root, scope))

    def _document(self, name: str, path: Located) -> Document | None:
        if name in self._documents:
            return self._documents[name]
        self._documents[name] = document = self._read(name, path)
        return document

    def _read(self, name: str, path: Located) -> Document | None:
        try:
            content = self._files.read(name)
        except OSError as error:
            self._say(
                Code.MOTIF_UNREADABLE,
                f"motif cannot be read: {refusal(error, name)}",
                path,
                "the path is relative to the file that imports the motif",
            )
            return None
        source, faults = decode(name, content)
        self.sources[name] = source
        self._diagnostics.extend(faults)
        reading = Reading((), ()) if faults else read(source)
        self._diagnostics.extend(reading.diagnostics)
        if not reading.documents:
            self._say(Code.MOTIF_UNREADABLE, f"motif `{name}` is not readable YAML", path, None)
            return None
        document = reading.documents[0]
        kind = document.data.get("kind") if isinstance(document.data, dict) else None
        if kind != "Motif":
            found = f"a document of kind `{kind}`" if isinstance(kind, str) else "no Motif"
            self._say(
                Code.MOTIF_UNREADABLE,
                f"`{name}` is {found}",
                path,
                "a motif begins with `kind: Motif`",
            )
            return None
        return document

    def _bind(
        self, motif: Motif, root: Located, item: Located, path: Located
    ) -> dict[str, Located]:
        """The value of each input: given, or default, or missing."""
        with_ = item.mapping.get("with")
        given = with_.mapping if with_ is not None else {}
        declared = {each.name: index for index, each in enumerate(motif.inputs)}
        for name, value in given.items():
            if name not in declared:
                known = did_you_mean(name, declared) or "the motif declares no inputs"
                self._say(
                    Code.UNKNOWN_INPUT,
                    f"motif `{motif.metadata.name}` has no input `{name}`",
                    value,
                    known,
                    at_key=True,
                )
        values: dict[str, Located] = {}
        for name, index in declared.items():
            default = root.at("inputs", index, "default")
            if name in given:
                values[name] = given[name]
            elif default is not None and default.value is not None:
                values[name] = Located(default.text, default.source_map, default.path)
            elif motif.inputs[index].required:
                self._missing(motif, name, root.nearest("inputs", index), path)
                values[name] = Located(None, path.source_map, path.path)
            else:
                values[name] = Located("", path.source_map, path.path)
        return values

    def _missing(self, motif: Motif, name: str, declared: Located, path: Located) -> None:
        self._diagnostics.append(
            Diagnostic(
                code=Code.MISSING_INPUT,
                message=f"motif `{motif.metadata.name}` needs the input `{name}`",
                span=path.span,
                labels=(Label(declared.span, "declared here"),),
                help=f"add `{name}:` under `with:`",
            )
        )

    def _say(
        self, code: Code, message: str, place: Located, help: str | None, *, at_key: bool = False
    ) -> None:
        span = place.key_span if at_key else place.span
        self._diagnostics.append(Diagnostic(code=code, message=message, span=span, help=help))


def scoped(node: Located, scope: InputScope) -> Located:
    """The same tree, with `scope` on every value."""
    value = node.value
    if isinstance(value, dict):
        value = {key: scoped(each, scope) for key, each in value.items()}
    elif isinstance(value, list):
        value = [scoped(each, scope) for each in value]
    return Located(value, node.source_map, node.path, node.written, scope)


def _merge_into(entry: Located, motif: Located) -> None:
    box = _child(entry, "operatorBox")
    resources = motif.mapping.get("resources")
    for phase, block in (resources.mapping if resources is not None else {}).items():
        target = _child(box, phase)
        for kind, entries in block.mapping.items():
            _extend(target, kind, entries)
    status = motif.mapping.get("status")
    fields = status.mapping.get("fields") if status is not None else None
    if fields is not None:
        # The Katalog's own fields come last: where both write one path, its author wins.
        _extend(_child(box, "status"), "fields", fields, first=True)


def _child(parent: Located, key: str) -> Located:
    child = parent.mapping.get(key)
    if child is None or child.value is None:
        child = parent.mapping[key] = parent.with_value({})
    return child


def _extend(parent: Located, key: str, items: Located, *, first: bool = False) -> None:
    existing = parent.mapping.get(key)
    if existing is None or existing.value is None:
        parent.mapping[key] = items.with_value(list(items.items))
    elif isinstance(existing.value, list):
        existing.value[:] = (
            [*items.items, *existing.value] if first else [*existing.value, *items.items]
        )
