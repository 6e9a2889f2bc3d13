"""Expressions at run time: the syntax tree as data, and its evaluation within bounds. No parser.

compiled = compile_template(load_tree(data), TABLE, origin="katalog.yaml:12:20")
compiled.render(owner, context)     # text;  ExpressionError(message, origin)
compiled.value(owner, context)      # a lone path keeps its type
"""

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
