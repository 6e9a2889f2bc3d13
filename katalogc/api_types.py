"""The API type of each CRD entry: from `apiTypes`, from its `crdFile`, or both where they agree.

In: a parsed Katalog, its tree, and a way to read files. Out: one resolved type per entry. Pure
but for the reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from katalog_runtime.api_type import ApiType
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Label
from katalogc.ir_leaves import CrdFileIR
from katalogc.located import Located, locate
from katalogc.motifs import Files, refusal, resolve
from katalogc.schema import CrdEntry, Katalog
from katalogc.source import SourceFile, Span
from katalogc.yaml_reader import Document, Reading, decode, read

_FIELDS = ("group", "version", "kind", "plural")


class ResolvedType(NamedTuple):
    """A custom resource type, and its schema where the user wrote one."""

    api: ApiType
    crd: CrdFileIR | None
    schema: dict[str, Any] | None
    """`openAPIV3Schema` of the version in use; None where it is to be inferred."""


class TypeResolver:
    """Reads each crdFile once."""

    def __init__(self, files: Files, diagnostics: list[Diagnostic]) -> None:
        self._files = files
        self._diagnostics = diagnostics
        self._documents: dict[str, tuple[Document, ...] | None] = {}
        self._refused: dict[Span, bool] = {}
        self.sources: dict[str, SourceFile] = {}
        """The crdFiles read, by name."""

    def resolve_all(self, katalog: Katalog, root: Located) -> dict[str, ResolvedType]:
        """The type of every enabled entry that has a usable one."""
        found: dict[str, ResolvedType] = {}
        for name, entry in katalog.spec.crds.items():
            place = root.nearest("spec", "crds", name)
            resolved = self._resolve(entry, place) if entry.enabled else None
            if resolved is not None:
                found[name] = resolved
        return found

    def _resolve(self, entry: CrdEntry, place: Located) -> ResolvedType | None:
        if entry.crd_file is None:
            return self._from_api_types(entry, place)
        path = place.nearest("crdFile")
        name = resolve(path.source_map.file.name, entry.crd_file)
        documents = self._read(name, path, entry.crd_file)
        if documents is None:
            return None
        crds = [locate(each) for each in documents if _is_crd(each.data)]
        fitting = [crd for crd in crds if _may_be(crd, entry)]
        judged = fitting[0] if len(fitting) == 1 else crds[0] if len(crds) == 1 else None
        if judged is not None and self._is_refused(judged):
            return None
        if len(fitting) != 1:
            self._say(
                Code.CRD_FILE_UNREADABLE if not crds else Code.CRD_FILE_MISMATCH,
                _count_message(name, len(crds), len(fitting), entry),
                path,
                "give `apiTypes.kind` and `apiTypes.group` as in the crdFile"
                if crds
                else "a crdFile begins with `apiVersion: apiextensions.k8s.io/v1` and "
                "`kind: CustomResourceDefinition`",
                labels=() if crds else tuple(_what_it_is(documents)),
            )
            return None
        return self._from_crd(entry, place, fitting[0], name)

    def _is_refused(self, crd: Located) -> bool:
        """Whether the API server would refuse a definition; said once for each."""
        from katalogc.crd_files import faults

        if crd.span not in self._refused:
            found = faults(crd)
            self._diagnostics.extend(found)
            self._refused[crd.span] = bool(found)
        return self._refused[crd.span]

    def _from_api_types(self, entry: CrdEntry, place: Located) -> ResolvedType | None:
        types = entry.api_types
        where = place.nearest("apiTypes")
        if types.kind and not types.group and not types.version and not types.plural:
            self._say(
                Code.NOT_COMPILED_YET,
                f"built-in kinds (`{types.kind}`) as CRD entries are part of the language, "
                "but katalogc does not compile them yet",
                where,
                "give `group`, `version` and `plural` for a custom resource type",
                at_key=True,
            )
            return None
        missing = [each for each in _FIELDS if not getattr(types, each)]
        if missing:
            self._say(
                Code.MISSING_FIELD,
                f"`{missing[0]}` is missing in `apiTypes`"
                if place.at("apiTypes") is not None
                else f"CRD `{place.name()}` has neither `apiTypes` nor `crdFile`",
                where,
                f"add `{missing[0]}:`, or a `crdFile:` that has it"
                if place.at("apiTypes") is not None
                else "add `apiTypes: {group: …, version: …, kind: …, plural: …}` or `crdFile: …`",
                at_key=True,
            )
            return None
        api = ApiType(
            group=types.group or "",
            version=types.version or "",
            kind=types.kind or "",
            plural=types.plural or "",
            namespaced=entry.namespaced is not False,
        )
        return ResolvedType(api, None, None)

    def _from_crd(
        self, entry: CrdEntry, place: Located, crd: Located, name: str
    ) -> ResolvedType | None:
        from katalogc.crd_files import without_nulls

        manifest = without_nulls(crd.plain())
        spec = manifest["spec"]
        version = _version(spec, entry.api_types.version)
        if version is None:
            self._mismatch(
                place, "version", entry.api_types.version, crd.nearest("spec", "versions")
            )
            return None
        namespaced = spec.get("scope") != "Cluster"
        actual = {
            "group": spec.get("group"),
            "kind": spec.get("names", {}).get("kind"),
            "plural": spec.get("names", {}).get("plural"),
        }
        paths = {"group": ("group",), "kind": ("names", "kind"), "plural": ("names", "plural")}
        for field, value in actual.items():
            if not isinstance(value, str) or not value:
                where = crd.nearest("spec", *paths[field])
                self._say(Code.CRD_FILE_UNREADABLE, f"the crdFile has no `{field}`", where, None)
                return None
            wanted = getattr(entry.api_types, field)
            if wanted and wanted != value:
                self._mismatch(place, field, wanted, crd.nearest("spec", *paths[field]))
        if entry.namespaced is not None and entry.namespaced != namespaced:
            self._say_mismatch(
                "`namespaced` and the crdFile's scope disagree",
                place.nearest("namespaced"),
                crd.nearest("spec", "scope"),
            )
        api = ApiType(
            group=actual["group"],
            version=version["name"],
            kind=actual["kind"],
            plural=actual["plural"],
            namespaced=namespaced,
        )
        schema = version.get("schema", {}).get("openAPIV3Schema")
        usable = schema if isinstance(schema, dict) else None
        return ResolvedType(api, CrdFileIR(manifest=manifest, file=name), usable)

    def _read(self, name: str, path: Located, written: str) -> tuple[Document, ...] | None:
        if "://" in written:
            self._say(
                Code.NOT_COMPILED_YET,
                "a crdFile at a URL is part of the language, but katalogc does not fetch it",
                path,
                "save it beside the Katalog and give its path",
            )
            return None
        if name not in self._documents:
            self._documents[name] = self._load(name, path)
        return self._documents[name]

    def _load(self, name: str, path: Located) -> tuple[Document, ...] | None:
        try:
            content = self._files.read(name)
        except OSError as error:
            self._say(
                Code.CRD_FILE_UNREADABLE,
                f"crdFile cannot be read: {refusal(error, name)}",
                path,
                "the path is relative to the Katalog",
            )
            return None
        source, faults = decode(name, content)
        self.sources[name] = source
        reading = Reading((), ()) if faults else read(source)
        self._diagnostics.extend((*faults, *reading.diagnostics))
        if not reading.documents:
            self._say(Code.CRD_FILE_UNREADABLE, f"`{name}` is not readable YAML", path, None)
            return None
        return reading.documents

    def _mismatch(self, place: Located, field: str, wanted: str | None, there: Located) -> None:
        self._say_mismatch(
            f"the crdFile has no {field} `{wanted}`", place.nearest("apiTypes", field), there
        )

    def _say_mismatch(self, message: str, place: Located, there: Located) -> None:
        self._diagnostics.append(
            Diagnostic(
                code=Code.CRD_FILE_MISMATCH,
                message=message,
                span=place.span,
                labels=(Label(there.span, "the crdFile says this"),),
                help="make both say the same, or leave it out of the Katalog",
            )
        )

    def _say(
        self,
        code: Code,
        message: str,
        place: Located,
        help: str | None,
        *,
        at_key: bool = False,
        labels: tuple[Label, ...] = (),
    ) -> None:
        span = place.key_span if at_key else place.span
        self._diagnostics.append(
            Diagnostic(code=code, message=message, span=span, labels=labels, help=help)
        )


def _is_crd(data: Any) -> bool:
    return isinstance(data, dict) and data.get("kind") == "CustomResourceDefinition"


def _what_it_is(documents: tuple[Document, ...]) -> Iterator[Label]:
    """The headings of documents that are no definitions."""
    for document in documents:
        root = locate(document)
        kind = root.at("kind")
        if kind is not None:
            yield Label(kind.span, "this is another kind")
        else:
            yield Label(root.heading, "this document has no `kind`")


def _may_be(crd: Located, entry: CrdEntry) -> bool:
    """Whether the definition can be the entry's: the kind that is given, if one is, is the same."""
    kind = crd.at("spec", "names", "kind")
    group = crd.at("spec", "group")
    wanted = entry.api_types
    if wanted.kind and (kind is None or kind.value != wanted.kind):
        return False
    return not wanted.group or (group is not None and group.value == wanted.group)


def _count_message(name: str, found: int, fitting: int, entry: CrdEntry) -> str:
    if not found:
        return f"`{name}` holds no CustomResourceDefinition"
    if not fitting:
        kind = entry.api_types.kind or entry.api_types.group
        return f"`{name}` defines no `{kind}`"
    return f"`{name}` defines {fitting} types; the entry must say which is meant"


def _version(spec: dict[str, Any], wanted: str | None) -> dict[str, Any] | None:
    """The version that is asked for; else the stored one."""
    versions: Iterator[dict[str, Any]] = (
        each
        for each in spec.get("versions") or []
        if isinstance(each, dict) and isinstance(each.get("name"), str)
    )
    fitting = [
        each
        for each in versions
        if (each["name"] == wanted if wanted else each.get("storage", False) is True)
    ]
    return fitting[0] if fitting else None
