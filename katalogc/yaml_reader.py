"""YAML text in; plain data with the place of every key and value out, and what is wrong with it.

Never raises for bad text: every fault is a diagnostic with its place. One walk over the parser's
events builds nodes (without recursion), a second one builds the data. Keys are always text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Label
from katalogc.source import SourceFile, SourceMap, Span, YamlPath
from katalogc.yaml_nodes import (
    MappingNode,
    Node,
    NotYamlError,
    ScalarNode,
    SequenceNode,
    parse_nodes,
)
from katalogc.yaml_offsets import align
from katalogc.yaml_positions import Positions
from katalogc.yaml_scalars import is_boolean_word

MAX_EXPANSION = 20_000
"""How many values aliases may add to those that are written."""
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its data and where everything stands."""

    data: Any
    source_map: SourceMap
    written: dict[YamlPath, str] = field(default_factory=dict)
    """The text of unquoted scalars that are not strings: `1.10`, `yes`, `0123`."""


class Reading(NamedTuple):
    """What a file holds. With a syntax error there are no documents."""

    documents: tuple[Document, ...]
    diagnostics: tuple[Diagnostic, ...]


def decode(name: str, content: bytes) -> tuple[SourceFile, tuple[Diagnostic, ...]]:
    """The text of a file without its byte order mark; a text that is not UTF-8 must not be read."""
    try:
        return SourceFile(name, content.decode("utf-8-sig").replace("\r\n", "\n")), ()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", "replace")
        place = Positions(SourceFile(name, before)).span(len(before), len(before))
        wrong = Diagnostic(
            code=Code.NOT_UTF8,
            message=f"byte 0x{content[error.start]:02x} is not UTF-8",
            span=place,
            help="save the file as UTF-8",
        )
        return SourceFile(name, content.decode("utf-8", "replace")), (wrong,)


def read(source: SourceFile) -> Reading:
    """All documents of a file, and every fault of its YAML."""
    positions = Positions(source)
    diagnostics: list[Diagnostic] = []
    try:
        roots, count = parse_nodes(source.text, positions, diagnostics, max_depth=MAX_DEPTH)
    except NotYamlError as error:
        from katalogc.yaml_complaint import LastScalar
        from katalogc.yaml_faults import syntax_error

        last = error.last
        whole = LastScalar(last.start, last.end, last.style) if last is not None else None
        diagnostics.append(syntax_error(source.text, positions, error.cause, whole))
        return Reading((), tuple(diagnostics))
    documents = [
        _Walk(source, positions, diagnostics, count + MAX_EXPANSION).document(root)
        for root in roots
        if not (isinstance(root, ScalarNode) and root.value is None)
    ]
    fatal = any(each.code in (Code.BAD_ALIAS, Code.NESTED_TOO_DEEPLY) for each in diagnostics)
    if not documents and not fatal:
        diagnostics.append(
            Diagnostic(
                code=Code.EMPTY_FILE,
                message="the file holds no YAML document",
                span=Span(source.name, 1, 1, 1, 1),
                help="begin with `apiVersion: orkestra.orkspace.io/v1` and `kind: Katalog`",
            )
        )
    return Reading(() if fatal else tuple(documents), tuple(diagnostics))


@dataclass(slots=True)
class _Locator:
    """Offsets in a scalar's value to spans; the alignment is made when it is first asked for."""

    positions: Positions
    node: ScalarNode
    text: str
    value: str
    places: list[int] | None = None
    aligned: bool = False

    def __call__(self, start: int, end: int) -> Span:
        if not self.aligned:
            node = self.node
            self.places = align(self.text, node.start, node.end, node.style, self.value)
            self.aligned = True
        places = self.places
        if places is None or not 0 <= start <= len(self.value):
            return self.positions.span(self.node.start, self.node.end)
        end = max(start, min(end, len(self.value)))
        last = places[end - 1] + 1 if end > start else places[start]
        return self.positions.span(places[start], max(last, places[start]))


@dataclass(slots=True)
class _Walk:
    """Nodes to data, once per document; aliases are expanded within a budget."""

    source: SourceFile
    positions: Positions
    diagnostics: list[Diagnostic]
    most: int
    values: int = 0
    exhausted: bool = False

    def document(self, root: Node) -> Document:
        document = Document(None, SourceMap(self.source))
        data = self.convert(root, (), document)
        return Document(data, document.source_map, document.written)

    def convert(self, node: Node, path: YamlPath, document: Document) -> Any:
        self.values += 1
        if self.values > self.most or len(path) > MAX_DEPTH:
            self._too_much(node)
            return None
        places = document.source_map
        places.values[path] = self.positions.span(node.start, node.end)
        if isinstance(node, ScalarNode):
            if isinstance(node.value, str):
                places.offsets[path] = _Locator(self.positions, node, self.source.text, node.value)
            else:
                document.written[path] = node.text
            return node.value
        if isinstance(node, SequenceNode):
            return [
                self.convert(item, (*path, index), document)
                for index, item in enumerate(node.items)
            ]
        return self._mapping(node, path, document)

    def _mapping(self, node: MappingNode, path: YamlPath, document: Document) -> dict[str, Any]:
        data: dict[str, Any] = {}
        merged: list[Node] = []
        for key, value in node.pairs:
            name = self._key(key)
            if name is None:
                continue
            if isinstance(key, ScalarNode) and name == "<<" and key.style == "":
                merged.extend(value.items if isinstance(value, SequenceNode) else [value])
                continue
            if name in data:
                self._duplicate(name, key, document.source_map.keys[(*path, name)])
                continue
            document.source_map.keys[(*path, name)] = self.positions.span(key.start, key.end)
            data[name] = self.convert(value, (*path, name), document)
        for other in merged:
            self._merge(other, data, path, document)
        return data

    def _merge(self, other: Node, data: dict[str, Any], path: YamlPath, document: Document) -> None:
        if not isinstance(other, MappingNode):
            self._report(Code.WRONG_TYPE, "`<<` merges mappings only", other)
            return
        for key, value in other.pairs:
            name = self._key(key)
            if name is None or name in data or name == "<<":
                continue
            document.source_map.keys[(*path, name)] = self.positions.span(key.start, key.end)
            data[name] = self.convert(value, (*path, name), document)

    def _key(self, key: Node) -> str | None:
        if isinstance(key, ScalarNode):
            if key.style == "" and is_boolean_word(key.text):
                self._report(
                    Code.AMBIGUOUS_SCALAR,
                    f"YAML 1.1 reads the unquoted key `{key.text}` as another value",
                    key,
                    help=f'quote it: `"{key.text}"`',
                )
            return key.text
        if self.source.text[max(0, key.start - 1) : key.start + 1] != "{{":
            self._report(Code.BAD_KEY, "a list or mapping cannot be a key", key)
        return None

    def _duplicate(self, name: str, key: Node, first: Span) -> None:
        self.diagnostics.append(
            Diagnostic(
                code=Code.DUPLICATE_KEY,
                message=f"key `{name}` stands twice in one mapping",
                span=self.positions.span(key.start, key.end),
                labels=(Label(first, "first used here"),),
                help="remove or rename one of them",
            )
        )

    def _too_much(self, node: Node) -> None:
        if self.exhausted:
            return
        self.exhausted = True
        deep = self.values <= self.most
        self._report(
            Code.NESTED_TOO_DEEPLY if deep else Code.BAD_ALIAS,
            f"values are nested more than {MAX_DEPTH} levels deep"
            if deep
            else f"aliases add more than {MAX_EXPANSION} values to the document",
            node,
        )

    def _report(self, code: Code, message: str, node: Node, help: str | None = None) -> None:
        span = self.positions.span(node.start, node.end)
        self.diagnostics.append(Diagnostic(code=code, message=message, span=span, help=help))
