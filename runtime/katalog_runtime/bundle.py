"""The bundle: what the compiler writes and the operator executes. Data, versioned, with a digest.

The consumer owns the contract: the compiler builds these models and dumps them; `loads` reads
them back and refuses what it does not understand in one sentence. A manifest travels as a
constant *skeleton* plus *holes*: the places that an expression fills. Constant parts cost nothing
at run time, and the set of fields that we write is known before the first render.

Plain dataclasses, read by `records`: a validation library would cost the operator a sixth of its
memory and a quarter of a second at each start, for a document that only our compiler writes.
"""

from __future__ import annotations

import bz2
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from katalog_runtime.api_type import ApiType as ApiType
from katalog_runtime.records import RecordError, from_json, to_json

FORMAT = "katalog.bundle/v1"

Path = tuple[str | int, ...]
"""A place inside a manifest: mapping keys and list indices, from the root."""


class BundleError(ValueError):
    """The bundle cannot be executed by this runtime; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A template of the Katalog, parsed at compile time."""

    tree: Any
    """The syntax tree, in the form of `katalog_runtime.expressions.tree_json`."""
    text: str
    """The source text, for messages and documentation."""
    origin: str
    """`file:line:column` of the text's first character in the Katalog or motif."""
    clock: bool = False
    """Whether the result depends on the time of evaluation."""
    random: bool = False
    """Whether the result differs from one evaluation to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """One place of a manifest that an expression fills."""

    path: Path
    expression: Expression
    as_: Literal[
        "string",  # the rendered text
        "bytes",  # the rendered text, base64-encoded (Secret data)
        "integer",
        "number",
        "boolean",
        "intOrString",
        "json",  # a lone path keeps the type of what it reads
        "auto",  # integer, else number, else boolean, else string (status `type: auto`)
    ] = "string"
    when_empty: Literal["keep", "omit", "default"] = "keep"
    """What an empty result becomes: itself, no field at all, or `default`.

    A mapping or list that holds nothing once its fields are omitted is omitted too.
    """
    default: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A JSON value with holes."""

    skeleton: Any
    """The constant parts; a hole's place holds null (list items) or is absent (mapping keys)."""
    holes: tuple[Hole, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildTemplate:
    """One entry of `onCreate` or `onReconcile`: a child object of every owner."""

    id: str
    """Stable in its controller: `onCreate.configMaps[0]`, `motif.worker-pool.replicaSets[0]`."""
    phase: Literal["onCreate", "onReconcile"]
    api: ApiType
    sync: Literal["create", "apply"]
    """`create`: made while absent, then left alone. `apply`: repaired whenever it drifts."""
    manifest: Template
    """Without labels, owner references and field manager, which the runtime adds."""
    origin: str
    once: bool = False
    """Rendered only when the object is created (or rotated): its values are random."""
    rotate_after: Expression | None = None
    """A duration (`30d`, `1h30m`) after which a `once` child is rendered anew."""
    force: bool = True
    """Whether server-side apply takes fields over from other managers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusField:
    """One field of the owner's status."""

    path: Path
    value: Template
    """A template whose root is the value: skeleton constant, or one hole at path ()."""
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Delays between retries of one key."""

    initial_seconds: float = 0.5
    max_seconds: float = 300.0
    multiplier: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """One custom resource type and all that happens for each of its objects."""

    name: str
    """The CRD's name in the Katalog, such as `data-job`."""
    api: ApiType
    description: str = ""
    namespaces: tuple[str, ...] = ()
    """Watched namespaces; empty means all."""
    workers: int | None = None
    resync_seconds: float | None = None
    queue_depth: int | None = None
    """Null where the process's default holds; 0 means unlimited."""
    backoff: Backoff = Backoff()
    finalizers: tuple[str, ...]
    children: tuple[ChildTemplate, ...] = ()
    status_fields: tuple[StatusField, ...] = ()
    conditions: bool = True
    """Whether `Ready` and `observedGeneration` are written."""
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One RBAC rule, kept for `/katalog/{crd}` and the documentation."""

    group: str
    resource: str
    verbs: tuple[str, ...]
    namespaces: tuple[str, ...] = ()
    """Where a Role grants it; empty means cluster-wide."""
    resource_names: tuple[str, ...] = ()
    """The only objects that it covers; empty means all."""
    reason: str
    controller: str = ""
    """The CRD it serves; empty for what the process itself needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """The Katalog's own facts."""

    name: str
    version: str = ""
    description: str = ""
    author: str = ""
    license: str = ""
    tags: tuple[str, ...] = ()
    tenant: str = "default"
    """`metadata.namespace` of the Katalog: a grouping for displays, no Kubernetes namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Everything the operator process needs to know."""

    format: str = FORMAT
    compiler: str
    """The version of katalogc that wrote it."""
    operator: Operator
    controllers: tuple[Controller, ...]
    permissions: tuple[Permission, ...] = ()
    pages: dict[str, str] = field(default_factory=dict)
    """HTML documentation page per controller name, served at `/docs/{crd}`."""
    digest: str = ""
    """`sha256:…` over the canonical JSON without this field."""


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, UTF-8 kept: the form that digests are taken of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(data: dict[str, Any]) -> str:
    body = canonical_json({key: value for key, value in data.items() if key != "digest"})
    return "sha256:" + hashlib.sha256(body.encode()).hexdigest()


def dumps(bundle: Bundle) -> str:
    """The bundle as sorted, indented JSON with its digest filled in; same bundle, same bytes.

    Lists without objects in them (syntax trees, paths, verbs) stand on one line: a bundle must fit
    a ConfigMap, and its diffs a reviewer's screen.
    """
    data = to_json(bundle)
    data["format"] = bundle.format
    data["digest"] = _digest(data)
    return _indented(data, "") + "\n"


def _indented(value: Any, indent: str) -> str:
    deeper = indent + " "
    if isinstance(value, dict) and value:
        items = (
            f"{deeper}{canonical_json(key)}: {_indented(value[key], deeper)}"
            for key in sorted(value)
        )
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        lines = (deeper + _indented(each, deeper) for each in value)
        return "[\n" + ",\n".join(lines) + f"\n{indent}]"
    return canonical_json(value)


COMPRESSED = b"BZh"
"""How a compressed bundle begins. bzip2, because its output is the same wherever it is made."""


def compress(text: str) -> bytes:
    """A bundle's text for a place that is too small for it; `loads` reads it as it is."""
    return bz2.compress(text.encode())


MOST_BYTES = 64 * 2**20
"""No bundle is this large: a ConfigMap holds 1 MiB, which compressed may be some tens of that."""


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def loads(text: str | bytes) -> Bundle:
    """Read a bundle, compressed or not.

    Raises: BundleError: too large, not JSON, another format version, a digest that does not fit,
    or content that this runtime does not know or cannot execute.
    """
    try:
        bundle = _read(text)
    except RecursionError as error:
        raise BundleError("the bundle is malformed: it is nested too deeply") from error
    # Imported late: the checks know this module, and only who executes a bundle needs them.
    from katalog_runtime.bundle_checks import check

    check(bundle)
    return bundle


def _decompressed(data: bytes) -> bytes:
    """A compressed text of bounded size: a few bytes can say "a gigabyte of blanks"."""
    reader = bz2.BZ2Decompressor()
    try:
        text = reader.decompress(data, max_length=MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise BundleError(f"the bundle cannot be decompressed: {error}") from error
    if not reader.eof and len(text) <= MOST_BYTES:
        raise BundleError("the bundle cannot be decompressed: its end is missing")
    return text


def _read(text: str | bytes) -> Bundle:
    if isinstance(text, bytes) and text.startswith(COMPRESSED):
        text = _decompressed(text)
    if len(text) > MOST_BYTES:
        raise BundleError(f"the bundle is larger than {MOST_BYTES // 2**20} MiB")
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise BundleError(f"the bundle is not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, dict) else type(data).__name__
        raise BundleError(f"this runtime executes {FORMAT}, the bundle says {found!r}")
    try:
        digest = _digest(data)
    except UnicodeEncodeError as error:
        raise BundleError("the bundle is malformed: it holds half a character") from error
    if data.get("digest") != digest:
        raise BundleError("the bundle's digest does not fit its content; build it again")
    try:
        return from_json(Bundle, data)
    except RecordError as error:
        raise BundleError(f"the bundle is malformed at {error}") from error
