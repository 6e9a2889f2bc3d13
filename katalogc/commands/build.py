"""`katalogc build`: the operator as files, compared with files, or as one YAML stream."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from katalogc.codegen import Options
from katalogc.codegen.artifact import Artifact
from katalogc.codegen.permissions import RbacStyle
from katalogc.compiler import CompileResult, compile_path
from katalogc.diagnostics import Severity
from katalogc.errors import SurroundingsError
from katalogc.report import count
from katalogc.terminal import check_format, say, show
from katalogc.writer import Difference, compare, write

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def run(
    path: str,
    output: str | None = None,
    check: bool = False,
    stdout: bool = False,
    rbac: str = "minimal",
    format: str = "text",
    namespace: str | None = None,
    image: str | None = None,
    shards: str | None = None,
) -> int:
    """Build the Katalog at `path`.

    Args:
        path: a Katalog, or a folder that holds one.
        output: the folder to write, or to compare with.
        check: compare instead of writing; 1 if something differs.
        stdout: print the Kubernetes objects as one YAML stream instead.
        rbac: `minimal` or `reference`.
        format: how diagnostics are printed.
        namespace: where the operator runs, if not in `<name>-system`.
        image: the operator's image, if not `<name>:<version>`.
        shards: into how many shares the custom resources are divided, if not 1.

    Raises:
        SurroundingsError: a file cannot be read or written, or the arguments contradict themselves.
    """
    check_format(format)
    options = _options(rbac, namespace, image, shards)
    if stdout and (output or check or format in ("json", "sarif", "github")):
        raise SurroundingsError("--stdout prints YAML; it goes with none of -o, --check, --format")
    if not stdout and not output:
        raise SurroundingsError("give a folder to write with -o DIR, or --stdout")
    result = compile_path(path, options)
    show(format, result.diagnostics, result.sources, result.documents)
    if count(result.diagnostics, Severity.ERROR):
        return 1
    if stdout:
        sys.stdout.write(stream(result.artifacts))
        return 0
    folder = Path(output or "")
    return _compare(result, folder, format) if check else _write(result, folder, format)


def _options(rbac: str, namespace: str | None, image: str | None, shards: str | None) -> Options:
    styles: tuple[RbacStyle, ...] = get_args(RbacStyle)
    style = next((each for each in styles if each == rbac), None)
    if style is None:
        raise SurroundingsError(f"--rbac {rbac}: takes {' or '.join(styles)}")
    if namespace and not _NAMESPACE.fullmatch(namespace):
        raise SurroundingsError(
            f"--namespace {namespace}: takes lower-case letters, digits and dashes, at most 63"
        )
    if image and (re.search(r"\s", image) or not image.isprintable()):
        raise SurroundingsError(f"--image {image!r}: is no image reference")
    if shards and not re.fullmatch(r"[1-9][0-9]?|100", shards):
        raise SurroundingsError(f"--shards {shards}: takes a whole number from 1 to 100")
    return Options(
        rbac=style, namespace=namespace or "", image=image or "", shards=int(shards or 1)
    )


def stream(artifacts: Sequence[Artifact]) -> str:
    """The Kubernetes objects of a build, in an order in which they can be applied."""
    content = {each.path: each.content for each in artifacts}
    types = [content[path] for path in sorted(content) if path.startswith("crds/")]
    namespace, *process = content["operator.yaml"].split("\n---\n")
    return "---\n".join([*types, namespace + "\n", content["rbac.yaml"], "\n---\n".join(process)])


def _write(result: CompileResult, folder: Path, format: str) -> int:
    difference = write(result.artifacts, folder)
    if format == "text":
        files = len(result.artifacts)
        written = len(difference.missing) + len(difference.changed)
        removed = f", {len(difference.stale)} removed" if difference.stale else ""
        say(f"{folder}: {files} files, {written} written{removed}")
    return 0


def _compare(result: CompileResult, folder: Path, format: str) -> int:
    difference = compare(result.artifacts, folder)
    if difference or format in ("text", "concise"):
        _tell(difference, folder)
    return 1 if difference else 0


def _tell(difference: Difference, folder: Path) -> None:
    words = (
        ("is missing", difference.missing),
        ("differs", difference.changed),
        ("is no longer made", difference.stale),
    )
    for what, paths in words:
        for path in paths:
            say(f"{folder / path} {what}")
    if difference:
        say(f"{folder} is not what the Katalog says; build it again")
    else:
        say(f"{folder} is up to date")
