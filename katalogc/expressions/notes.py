"""User notes (`notes.functions`): functions without parameters that a Katalog defines."""

from __future__ import annotations

from collections.abc import Mapping

from katalog_runtime.expressions.tree import Template


def note_cycles(notes: Mapping[str, Template]) -> list[tuple[str, ...]]:
    """The ways in which notes call themselves, each once: `("a", "b", "a")`."""
    called = {name: sorted(note.called_names() & notes.keys()) for name, note in notes.items()}
    cycles: dict[frozenset[str], tuple[str, ...]] = {}
    for start in sorted(notes):
        waiting: list[tuple[str, ...]] = [(start,)]
        seen: set[str] = set()
        while waiting:
            path = waiting.pop()
            for name in reversed(called[path[-1]]):
                if name == start:
                    cycles.setdefault(frozenset(path), (*path, start))
                elif name not in seen:
                    seen.add(name)
                    waiting.append((*path, name))
    return list(cycles.values())


def attach_notes(template: Template, notes: Mapping[str, Template]) -> Template:
    """The template with those notes that it calls, directly or through others.

    They travel in its tree, so that the bundle needs no second place for them.
    """
    needed: dict[str, Template] = {}
    waiting = [template]
    while waiting:
        for name in sorted(waiting.pop().called_names()):
            if name in notes and name not in needed:
                needed[name] = notes[name]
                waiting.append(notes[name])
    return template._replace(notes=needed) if needed else template
