"""Every expression of a Katalog, parsed once, by its path in the merged tree.

In: the merged tree and the table of functions. Out: `ExpressionIR`s with inputs of motifs
resolved, and diagnostics for what does not parse. Constant texts are no expressions and are not
in the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from katalog_runtime.expressions.tree import Template
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Label
from katalogc.expression_faults import call_faults, syntax_fault
from katalogc.expression_points import points
from katalogc.expressions import (
    TemplateSyntaxError,
    attach_notes,
    facts,
    parse,
    print_template,
)
from katalogc.inputs import StatementsInArgumentError, input_uses, lone_input, substitute
from katalogc.ir_leaves import ExpressionIR
from katalogc.located import Located
from katalogc.source import YamlPath
from katalogc.suggestions import did_you_mean

if TYPE_CHECKING:
    from katalog_runtime.functions.declaration import Signatures

_BLOCKS = ("onCreate", "onReconcile")


class Parsed(NamedTuple):
    """What a text with `{{` is: an expression, or the constant that an input's value is."""

    value: ExpressionIR | str
    place: Located
    """The importer's value where a motif's text is one input and nothing else."""


@dataclass(slots=True)
class ExpressionTable:
    """Parsed expressions by their path in the merged tree."""

    functions: Signatures
    notes: Mapping[str, Template]
    diagnostics: list[Diagnostic]
    by_path: dict[YamlPath, Parsed] = field(default_factory=dict)
    failed: set[YamlPath] = field(default_factory=set)
    without_inputs: set[str] = field(default_factory=set)
    """Files of motifs that read inputs and declare none."""

    def fill(self, root: Located) -> None:
        """Parse all expressions of all CRD entries below `root`, a merged Katalog."""
        for path, place in expression_places(root):
            parsed = self.parse(place)
            if parsed is None:
                self.failed.add(path)
            else:
                self.by_path[path] = parsed

    def fill_motif(self, root: Located) -> None:
        """Parse all expressions of a motif that stands by itself."""
        for key in ("resources", "status"):
            node = root.mapping.get(key)
            for path, place in _templates(node, (key,)) if node is not None else ():
                parsed = self.parse(place)
                if parsed is None:
                    self.failed.add(path)
                else:
                    self.by_path[path] = parsed

    def parse(self, place: Located) -> Parsed | None:
        """One text; None, and diagnostics, where it is not an expression that can be evaluated."""
        if place.value is None:
            return None  # a required input that is missing, reported where the motif is imported
        text = place.text
        if "{{" not in text:
            return Parsed(text, place)
        template = self._template(place)
        if template is None:
            return None
        if place.scope is not None:
            lone = lone_input(template)
            if lone is not None and lone in place.scope.values:
                return self.parse(place.scope.values[lone])
            template = self._with_inputs(template, place)
            if template is None:
                return None
            text = print_template(template) if template.text != place.text else text
        elif any(self._undefined(use.name, use.at, place, ()) for use in input_uses(template)):
            return None
        located = template._replace(text=text, points=points(place), located=True)
        located = attach_notes(located, self.notes)
        known = facts(located, self.functions)
        first = place.within(0, len(place.text))
        expression = ExpressionIR(template=located, text=text, origin=first, facts=known)
        return Parsed(expression, place)

    def _template(self, place: Located) -> Template | None:
        try:
            template = parse(place.text)
        except TemplateSyntaxError as error:
            self.diagnostics.append(syntax_fault(error, place))
            return None
        # A wrong call does not hide what the rest of the expression reads.
        self.diagnostics.extend(call_faults(template, place, self.functions, self.notes))
        return template

    def _with_inputs(self, template: Template, place: Located) -> Template | None:
        """The template with the motif's inputs replaced by their values."""
        scope = place.scope
        assert scope is not None
        uses = list(input_uses(template))
        missing = [u for u in uses if self._undefined(u.name, u.at, place, tuple(scope.values))]
        if missing:
            return None
        if any(scope.values[use.name].value is None for use in uses):
            return None
        values: dict[str, Template] = {}
        for name in {use.name for use in uses}:
            value = self._template(scope.values[name])
            if value is None:
                return None
            values[name] = value
        if not values:
            return template
        try:
            return substitute(template, values)._replace(text="")
        except StatementsInArgumentError as error:
            self.diagnostics.append(
                Diagnostic(
                    code=Code.INPUT_IN_EXPRESSION,
                    message=f"the value of input `{error.name}` holds statements, "
                    "but the motif uses it as an argument",
                    span=scope.values[error.name].span,
                    labels=(Label(place.within(error.at, error.at + 1), "used here"),),
                    help="give the input plain text or a simple expression",
                )
            )
            return None

    def _undefined(self, name: str, at: int, place: Located, known: tuple[str, ...]) -> bool:
        if name in known:
            return False
        if place.scope is not None and not known:
            if place.source_map.file.name in self.without_inputs:
                return True  # said once for a motif that declares no inputs
            self.without_inputs.add(place.source_map.file.name)
        if place.scope is None:
            message = f"input `{name}` is read outside a motif"
            help: str | None = "there are inputs in motifs only"
        else:
            message = f"the motif declares no input `{name}`"
            help = did_you_mean(name, known) or f"add `- name: {name}` under `inputs:`"
        self._say(Code.UNDEFINED_INPUT, message, place, at, at + len(name), help=help)
        return True

    def _say(
        self,
        code: Code,
        message: str,
        place: Located,
        start: int,
        end: int,
        help: str | None = None,
    ) -> None:
        span = place.within(start, max(end, start + 1))
        self.diagnostics.append(Diagnostic(code=code, message=message, span=span, help=help))


def expression_places(root: Located) -> Iterator[tuple[YamlPath, Located]]:
    """Every text with `{{` where the language evaluates expressions, in a merged Katalog."""
    crds = root.at("spec", "crds")
    for name, entry in crds.mapping.items() if crds is not None else ():
        path: YamlPath = ("spec", "crds", name, "operatorBox")
        for block in _BLOCKS:
            node = entry.at("operatorBox", block)
            if node is not None:
                yield from _templates(node, (*path, block))
        fields = entry.at("operatorBox", "status", "fields")
        for index, item in enumerate(fields.items if fields is not None else ()):
            value = item.mapping.get("value")
            if value is not None:
                yield from _templates(value, (*path, "status", "fields", index, "value"))


def _templates(node: Located, path: YamlPath) -> Iterator[tuple[YamlPath, Located]]:
    for where, scalar in node.scalars(*path):
        if isinstance(scalar.value, str) and "{{" in scalar.value:
            yield where, scalar
