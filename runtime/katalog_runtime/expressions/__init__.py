"""Expressions at run time: the syntax tree as data, and its evaluation within bounds. No parser.

compiled = compile_template(load_tree(data), TABLE, origin="katalog.yaml:12:20")
compiled.render(owner, context)     # text;  ExpressionError(message, origin)
compiled.value(owner, context)      # a lone path keeps its type

Importing the package imports no evaluator: the compiler needs the tree alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from katalog_runtime.expressions.compiled import CompiledTemplate, compile_template
    from katalog_runtime.expressions.limits import ExpressionError, Limits
    from katalog_runtime.expressions.tree import Template
    from katalog_runtime.expressions.tree_json import TreeError, dump_tree, load_tree

__all__ = [
    "CompiledTemplate",
    "ExpressionError",
    "Limits",
    "Template",
    "TreeError",
    "compile_template",
    "dump_tree",
    "load_tree",
]

_MODULES = {
    "CompiledTemplate": "compiled",
    "ExpressionError": "limits",
    "Limits": "limits",
    "Template": "tree",
    "TreeError": "tree_json",
    "compile_template": "compiled",
    "dump_tree": "tree_json",
    "load_tree": "tree_json",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
