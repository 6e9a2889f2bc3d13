"""KAT30#: references between CRDs, and CRDs whose schema has to be inferred."""

from __future__ import annotations

from collections.abc import Iterator

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.subject import Subject
from katalogc.suggestions import did_you_mean


def unknown_dependency(subject: Subject) -> Iterator[Diagnostic]:
    """`dependsOn` names no CRD of this Katalog."""
    crds = subject.root.nearest("spec", "crds").mapping
    disabled = {name for name, each in subject.katalog.spec.crds.items() if not each.enabled}
    for name, entry, place in subject.enabled():
        for index, dependency in enumerate(entry.depends_on):
            if dependency.name in crds and dependency.name not in disabled:
                continue
            gone = dependency.name in disabled
            yield Diagnostic(
                code=Code.UNKNOWN_DEPENDENCY,
                message=f"CRD `{name}` depends on `{dependency.name}`, which is "
                + ("not enabled" if gone else "not in this Katalog"),
                span=place.nearest("dependsOn", index).key_span,
                help=did_you_mean(dependency.name, set(crds) - disabled - {name}),
            )


def dependency_cycle(subject: Subject) -> Iterator[Diagnostic]:
    """CRDs wait for each other in a circle."""
    after = {name: [each.name for each in entry.depends_on] for name, entry, _ in subject.enabled()}
    reported: set[frozenset[str]] = set()
    for name, _, place in subject.enabled():
        circle = _circle(name, after)
        if circle is None or frozenset(circle) in reported:
            continue
        reported.add(frozenset(circle))
        index = after[name].index(circle[1])
        yield Diagnostic(
            code=Code.DEPENDENCY_CYCLE,
            message="CRDs depend on each other: " + " → ".join(circle),
            span=place.nearest("dependsOn", index).key_span,
            help="remove one of these dependencies",
        )


def _circle(start: str, after: dict[str, list[str]]) -> list[str] | None:
    """The shortest way from a CRD back to itself."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for name in after.get(way[-1], []):
            if name == start:
                return [*way, name]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return None


def no_types(subject: Subject) -> Iterator[Diagnostic]:
    """The Katalog declares no custom resource type at all."""
    crds = subject.root.nearest("spec", "crds")
    if not crds.mapping and crds.heading == crds.span:  # entries that were dropped are reported
        yield Diagnostic(
            code=Code.EMPTY_VALUE,
            message="`crds` declares no custom resource type",
            span=crds.key_span,
            help="add one, such as `website:` with `apiTypes:` and `operatorBox:`",
        )


def schema_inferred(subject: Subject) -> Iterator[Diagnostic]:
    """CRDs without a `crdFile`; one diagnostic for all of them."""
    found = [
        (subject.types[name].api.kind, place)
        for name, entry, place in subject.enabled()
        if entry.crd_file is None and name in subject.types
    ]
    if found:
        kinds = f"`{found[0][0]}`" if len(found) == 1 else f"{len(found)} types"
        place = found[0][1] if len(found) == 1 else subject.root.nearest("spec", "crds")
        yield Diagnostic(
            code=Code.SCHEMA_INFERRED,
            message=f"the schema of {kinds} is inferred from the expressions",
            span=place.key_span,
            help="give a `crdFile:` to have custom resources checked by your own schema",
        )
