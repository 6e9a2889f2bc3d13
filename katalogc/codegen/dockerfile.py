"""`Dockerfile`: an image that holds Python, the runtime and what the runtime imports. No compiler.

The bundle is not in the image: it is mounted, so that one image serves every operator of this
version.
"""

from __future__ import annotations

from katalog_runtime.version import __version__
from katalogc.codegen.artifact import Artifact
from katalogc.codegen.labels import BUNDLE_FILE, BUNDLE_FOLDER, PORT, label_value
from katalogc.codegen.text import render
from katalogc.codegen.workload import USER
from katalogc.ir import OperatorIR

BASE_IMAGE = "python:3.13-slim"

REQUIREMENTS = (
    "aiohttp>=3.14,<3.15",
    "google-re2>=1.1.20251105",
    "orjson>=3.11,<4",
    "prometheus-client>=0.23,<1",
    "pyyaml>=6.0.3,<7",
    "uvloop>=0.22,<1",
)
"""What `katalog_runtime` imports in a pod; the official client serves kubeconfigs only."""


def dockerfile(ir: OperatorIR, *, image: str) -> Artifact:
    """The Dockerfile of the operator's image."""
    content = render(
        "Dockerfile.j2",
        operator=ir,
        version=label_value(ir.version),
        image=image,
        base_image=BASE_IMAGE,
        runtime_version=__version__,
        requirements=REQUIREMENTS,
        bundle=f"{BUNDLE_FOLDER}/{BUNDLE_FILE}",
        port=PORT,
        user=USER,
    )
    return Artifact("Dockerfile", content)
