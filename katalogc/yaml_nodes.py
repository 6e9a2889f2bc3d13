"""The YAML parser's events to a tree of nodes with offsets, without recursion. Pure.

The C parser is used where pyyaml has it (fourteen times faster); its marks count characters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.yaml_positions import Positions
from katalogc.yaml_scalars import STANDARD_TAGS, TAG_PREFIX, Scalar, resolve

_TYPOGRAPHIC = frozenset("\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb")
_QUOTES = frozenset("\"'") | _TYPOGRAPHIC
_LOADER: Any = getattr(yaml, "CLoader", yaml.Loader)


@dataclass(slots=True)
class ScalarNode:
    """A scalar: its value, its text without quotes, and how it was written."""

    start: int
    end: int
    value: Scalar
    text: str
    style: str


@dataclass(slots=True)
class SequenceNode:
    """A list of nodes."""

    start: int
    end: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class MappingNode:
    """Pairs of nodes in the order written, duplicates included."""

    start: int
    end: int
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    key: Node | None = None
    is_expression: bool = False
    """An unquoted `{{ … }}`, which YAML takes for a mapping; reported, then read as text."""


Node = ScalarNode | SequenceNode | MappingNode


class NotYamlError(Exception):
    """The parser cannot go on."""

    def __init__(self, cause: yaml.YAMLError, last: ScalarNode | None) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.last = last
        """The last scalar that was read: often the one that took in too much."""


def parse_nodes(
    text: str, positions: Positions, diagnostics: list[Diagnostic], *, max_depth: int
) -> tuple[list[Node], int]:
    """The root node of every document of `text`, and the number of all nodes.

    Raises:
        NotYamlError: the text is not YAML.
    """
    builder = _Builder(text, positions, diagnostics, max_depth)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
            if builder.too_deep:
                break  # libyaml's time grows with the square of the depth
    except (UnicodeEncodeError, UnicodeDecodeError) as error:
        cause = yaml.YAMLError("the text holds characters that UTF-8 cannot hold")
        raise NotYamlError(cause, None) from error
    except yaml.YAMLError as error:
        raise NotYamlError(error, builder.last) from error
    return builder.roots, builder.count


@dataclass(slots=True)
class _Builder:
    text: str
    positions: Positions
    diagnostics: list[Diagnostic]
    max_depth: int
    roots: list[Node] = field(default_factory=list)
    open: list[tuple[MappingNode | SequenceNode, str | None]] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)
    too_deep: bool = False
    count: int = 0
    last: ScalarNode | None = None

    def take(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.ScalarEvent):
            self._tag(event, start, end)
            node = ScalarNode(start, end, _value(event), event.value, event.style or "")
            self.last = node
            if not node.style and (node.text[-1:] in _QUOTES or node.text[:1] in _TYPOGRAPHIC):
                self._stray_quote(node)
            self._anchor(event.anchor, node)
            self._add(node)
        elif isinstance(event, yaml.MappingStartEvent):
            self._tag(event, start, end)
            mapping = MappingNode(start, end)
            if event.flow_style and self._is_unquoted_expression(start):
                self.diagnostics.append(self.positions.unquoted_expression(start))
                mapping.is_expression = True
            self._start(mapping, event.anchor)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._tag(event, start, end)
            self._start(SequenceNode(start, end), event.anchor)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._finish(end)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event, start, end)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.anchors.clear()

    def _stray_quote(self, node: ScalarNode) -> None:
        """An unquoted text with half of a pair of quotes, or with quotes that YAML does not know."""
        first, last = node.text[0], node.text[-1]
        if first in _TYPOGRAPHIC or last in _TYPOGRAPHIC:
            message = f"`{first if first in _TYPOGRAPHIC else last}` is no quote of YAML's"
            help = "YAML takes it for a part of the text; use \" or '"
        elif node.text.count(last) % 2:
            message = f"the text ends with {last}, which is not opened before it"
            help = f"write {last} at both ends, or at none"
        else:
            return
        self._report(Code.AMBIGUOUS_SCALAR, message, node.start, node.end, help)

    def _start(self, node: MappingNode | SequenceNode, anchor: str | None) -> None:
        if len(self.open) >= self.max_depth and not self.too_deep:
            self.too_deep = True
            self._report(
                Code.NESTED_TOO_DEEPLY,
                f"values are nested more than {self.max_depth} levels deep",
                node.start,
                node.start + 1,
            )
        self.open.append((node, anchor))

    def _finish(self, end: int) -> None:
        node, anchor = self.open.pop()
        node.end = max(node.start, end)
        text = self.text[node.start : node.end].rstrip()
        node.end = node.start + len(text)
        finished: Node = node
        if isinstance(node, MappingNode) and node.is_expression:
            finished = ScalarNode(node.start, node.end, text, text, "")
        self._anchor(anchor, finished)
        self._add(finished)

    def _add(self, node: Node) -> None:
        self.count += 1
        if not self.open:
            self.roots.append(node)
            return
        parent = self.open[-1][0]
        if self.too_deep and len(self.open) >= self.max_depth:
            return
        if isinstance(parent, SequenceNode):
            parent.items.append(node)
        elif parent.key is None:
            parent.key = node
        else:
            parent.pairs.append((parent.key, node))
            parent.key = None

    def _anchor(self, anchor: str | None, node: Node) -> None:
        if anchor:
            self.anchors[anchor] = node

    def _alias(self, event: Any, start: int, end: int) -> None:
        target = self.anchors.get(event.anchor)
        if target is None:
            inside = any(anchor == event.anchor for _, anchor in self.open)
            self._report(
                Code.BAD_ALIAS,
                f"alias `*{event.anchor}` stands inside its own anchor"
                if inside
                else f"alias `*{event.anchor}` names no anchor before it",
                start,
                end,
            )
            target = ScalarNode(start, end, None, "", "")
        self._add(target)

    def _is_unquoted_expression(self, start: int) -> bool:
        return self.text[start : start + 2] == "{{" and not (
            self.open and isinstance(self.open[-1][0], MappingNode) and self.open[-1][0].key is None
        )

    def _tag(self, event: Any, start: int, end: int) -> None:
        tag = event.tag
        if tag is None or tag in ("!", "?"):
            return
        if not (tag.startswith(TAG_PREFIX) and tag[len(TAG_PREFIX) :] in STANDARD_TAGS):
            shown = tag.replace(TAG_PREFIX, "!!")
            self._report(
                Code.UNKNOWN_TAG,
                f"YAML tag `{shown}` is not understood",
                start,
                min(end, start + len(shown)) if end > start else start + len(shown),
                help="remove the tag",
            )

    def _report(
        self, code: Code, message: str, start: int, end: int, help: str | None = None
    ) -> None:
        span = self.positions.span(start, end)
        self.diagnostics.append(Diagnostic(code=code, message=message, span=span, help=help))


def _value(event: Any) -> Scalar:
    text: str = event.value
    if event.tag not in (None, "!"):
        kind = event.tag.removeprefix(TAG_PREFIX)
        return resolve(text) if kind in ("int", "float", "bool", "null") else text
    return resolve(text) if event.implicit[0] and not event.style else text
