"""katalogc compiles a Katalog, a YAML file that declares a Kubernetes operator, into that operator.

from katalogc import compile_katalog

result = compile_katalog("katalog.yaml")   # CompileResult(diagnostics, artifacts, bundle)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from katalog_runtime.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from katalogc.compiler import CompileResult

__all__ = ["__version__", "compile_katalog"]


def compile_katalog(path: str | Path) -> CompileResult:
    """Compile the Katalog at `path` (a file, or a folder that holds one).

    Never raises for a wrong Katalog: what is wrong stands in `diagnostics`, and `artifacts` and `bundle`
    are empty when one of them is an error.

    Raises:
        katalogc.errors.SurroundingsError: the file cannot be read.
    """
    from katalogc.compiler import compile_path

    return compile_path(str(path))
