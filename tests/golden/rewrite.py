"""Write the golden files anew: what the sample compiles to, byte for byte.

`make golden` calls this; the difference is for a person to read before it is committed.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from katalogc.codegen.artifact import Artifact
from katalogc.compiler import compile_path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "datajob"
SAMPLE = "samples/datajob-katalog.yaml"


def sample_artifacts() -> tuple[Artifact, ...]:
    """The sample's build; raises where the sample has a mistake."""
    result = compile_path(os.path.relpath(ROOT / SAMPLE))
    if not result.artifacts:
        raise ValueError("; ".join(each.message for each in result.diagnostics))
    return result.artifacts


def main() -> None:
    """Replace the golden files."""
    artifacts = sample_artifacts()
    shutil.rmtree(FOLDER, ignore_errors=True)
    for each in artifacts:
        path = FOLDER / each.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(each.content, encoding="utf-8", newline="\n")
    sys.stdout.write(f"{len(artifacts)} files written\n")


if __name__ == "__main__":
    main()
