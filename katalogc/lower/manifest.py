"""Build a manifest of constants and holes, field by field, in the order people read YAML. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from katalogc.expression_table import ExpressionTable
from katalogc.expressions import facts, parse
from katalogc.ir import ExpressionIR, HoleIR, HoleType, TemplateIR
from katalogc.located import Located
from katalogc.source import YamlPath

Path = tuple[str | int, ...]
WhenEmpty = Literal["keep", "omit", "default"]
Value = str | ExpressionIR


@dataclass(frozen=True, slots=True)
class Place:
    """One value of the merged tree, from which templates are read."""

    table: ExpressionTable
    root: Located
    path: YamlPath

    def __truediv__(self, part: str | int) -> Place:
        return Place(self.table, self.root, (*self.path, part))

    @property
    def node(self) -> Located | None:
        """The value itself, if the user wrote it."""
        return self.root.at(*self.path)

    def value(self, default: str = "") -> Value:
        """The text: a constant, or a parsed expression."""
        parsed = self.table.by_path.get(self.path)
        if parsed is not None:
            return parsed.value or default
        node = self.node
        return default if node is None or node.text == "" else node.text

    def written(self, key: str) -> Value:
        """The text of the entry's field `key`; empty where it has none."""
        return (self / key).value()

    def entries(self) -> list[str]:
        """The keys of a mapping, in the order written."""
        node = self.node
        return list(node.mapping) if node is not None else []

    def items(self) -> list[Place]:
        """The items of a list."""
        node = self.node
        return [self / index for index in range(len(node.items) if node is not None else 0)]

    def owner(self, text: str) -> ExpressionIR:
        """An expression over the owner that the compiler writes; its origin is this place."""
        span = self.root.nearest(*self.path).span
        template = parse(text)._replace(points=((0, span.line, span.column),), located=True)
        known = facts(template, self.table.functions)
        return ExpressionIR(template=template, text=text, origin=span, facts=known)

    def name(self, default_suffix: str) -> Value:
        """The entry's name as written, or its kind's default: the owner's name and a suffix."""
        written = self.written("name")
        return written or self.owner(f"{{{{ .metadata.name }}}}{default_suffix}")

    def namespace(self, owner_is_namespaced: bool) -> Value:
        """The entry's namespace as written, or the owner's own."""
        written = self.written("namespace")
        if written or not owner_is_namespaced:
            return written or "default"
        return self.owner("{{ .metadata.namespace }}")


@dataclass(slots=True)
class ManifestBuilder:
    """A skeleton of constants, and the holes that expressions fill."""

    skeleton: dict[str, Any]
    holes: list[HoleIR] = field(default_factory=list)

    def constant(self, path: Path, value: Any) -> None:
        """Set a field to a value that no expression changes."""
        self._parent(path)[path[-1]] = value

    def put(
        self,
        path: Path,
        value: Value,
        as_: HoleType = "string",
        when_empty: WhenEmpty = "keep",
        default: Any = None,
    ) -> None:
        """Set a field to a text of the Katalog, converted as `as_` says; see `bundle.Hole`."""
        if isinstance(value, ExpressionIR):
            self._parent(path)
            self.holes.append(
                HoleIR(path=path, expression=value, as_=as_, when_empty=when_empty, default=default)
            )
            return
        text = value.strip() if as_ != "string" and as_ != "bytes" else value
        if text == "" and when_empty == "omit":
            return
        if text == "" and when_empty == "default":
            self.constant(path, default)
            return
        self.constant(path, convert(text, as_))

    def texts(self, path: Path, place: Place, as_: HoleType = "string") -> None:
        """Set a mapping of texts, key by key; an absent or empty mapping sets nothing."""
        for key in place.entries():
            self.put((*path, key), (place / key).value(), as_)

    def template(self) -> TemplateIR:
        """The finished template."""
        return TemplateIR(skeleton=self.skeleton, holes=tuple(self.holes))

    def _parent(self, path: Path) -> Any:
        here: Any = self.skeleton
        for index, part in enumerate(path[:-1]):
            fresh: Any = [] if isinstance(path[index + 1], int) else {}
            if isinstance(part, int):
                while len(here) <= part:
                    here.append(None)
                if here[part] is None:
                    here[part] = fresh
                here = here[part]
            else:
                here = here.setdefault(part, fresh)
        last = path[-1]
        if isinstance(last, int):
            while len(here) <= last:
                here.append(None)
        return here


def convert(text: str, as_: HoleType) -> Any:
    """A constant text as the type that a field wants; text that is no such value stays text."""
    if as_ == "bytes":
        from base64 import b64encode

        return b64encode(text.encode()).decode()
    if as_ in ("integer", "intOrString", "auto") and _is_integer(text):
        return int(text)
    if as_ in ("number", "auto"):
        try:
            return float(text)
        except ValueError:
            return text
    if as_ in ("boolean", "auto") and text in ("true", "false"):
        return text == "true"
    return text


def _is_integer(text: str) -> bool:
    digits = text[1:] if text[:1] in ("-", "+") else text
    return digits.isascii() and digits.isdigit() and len(digits) < 19
