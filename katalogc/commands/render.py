"""`katalogc render`: the children and the status of custom resources, as YAML."""

from __future__ import annotations

import posixpath
import sys
from pathlib import Path
from typing import Any

from katalogc.codes import Code
from katalogc.compiler import CompileResult, compile_path
from katalogc.diagnostics import Severity
from katalogc.errors import SurroundingsError
from katalogc.rendering import UnknownTypeError, render
from katalogc.report import count
from katalogc.source import SourceFile
from katalogc.terminal import say, show
from katalogc.wall_clock import call_context
from katalogc.yaml_reader import decode, read

STANDARD_INPUT = "standard input"
_ASKED = "render needs a custom resource: give a file with --cr FILE"


def run(path: str, cr: str | None) -> int:
    """Print what the Katalog at `path` makes of the custom resources in the file `cr`.

    Args:
        path: a Katalog, or a folder that holds one.
        cr: a file; `-` is standard input, and so is None where that is no terminal.

    Returns:
        1 where the Katalog is wrong, an expression fails, or a resource is of another type.

    Raises:
        SurroundingsError: a file cannot be read, or no custom resource is given.
    """
    from katalogc.codegen.yaml_emitter import emit

    if cr is None and sys.stdin.isatty():
        raise SurroundingsError(f"{_ASKED}, or `--cr -` to type one")

    result = compile_path(path)
    show("text", result.diagnostics, result.sources)
    if result.bundle is None or result.ir is None:
        return 1
    name = STANDARD_INPUT if cr in (None, "-") else cr
    content = _content(name)
    if cr is None and not content.strip():
        raise SurroundingsError(_ASKED)
    documents, has_errors = _owners(name, content)
    if has_errors:
        return 1
    crds = _crds(result)
    context = call_context()
    folder = posixpath.dirname(result.ir.controllers[0].origin.file)
    printed: list[str] = []
    failed = False
    for owner in documents:
        try:
            objects = list(render(result.bundle, owner, context, crds, folder))
        except UnknownTypeError as error:
            say(f"{name}: {error}")
            failed = True
            continue
        for each in objects:
            if each.manifest is None:
                say(f"{each.origin or name}: {each.failure} ({each.about})")
                failed = True
            else:
                printed.append(emit(each.manifest, comment=each.about))
    sys.stdout.write("---\n".join(printed))
    return 1 if failed else 0


def _crds(result: CompileResult) -> list[dict[str, Any]]:
    from katalogc.codegen.crd import custom_resource_definition

    assert result.ir is not None
    return [custom_resource_definition(result.ir, each) for each in result.ir.controllers]


def _owners(name: str, content: bytes) -> tuple[list[dict[str, Any]], bool]:
    """The documents of a file of custom resources, and whether it could not be read as such."""
    source, diagnostics = decode(name, content)
    reading = read(source)
    found = [each for each in reading.diagnostics if each.code is not Code.EMPTY_FILE]
    found = [*diagnostics, *found]
    show("text", found, {name: SourceFile(name, source.text)})
    owners = [each.data for each in reading.documents if isinstance(each.data, dict)]
    if not owners and not found:
        say(f"{name}: holds no custom resource")
    return owners, not owners or count(found, Severity.ERROR) > 0


def _content(name: str) -> bytes:
    if name is STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise SurroundingsError(f"{name}: {(error.strerror or str(error)).lower()}") from error
