"""Names and labels of the objects that make up an operator; in one place, so that they agree."""

from __future__ import annotations

import re
from typing import Any

from katalogc.ir import OperatorIR

BUNDLE_FILE = "bundle.json"
BUNDLE_FOLDER = "/etc/katalog"
PORT = 8080
"""Where the process answers HTTP in a cluster (`KATALOG_ADDRESS`)."""


def recommended(ir: OperatorIR) -> dict[str, str]:
    """The recommended labels of Kubernetes for an object of this operator."""
    labels = {**selector(ir), "app.kubernetes.io/component": "operator"}
    version = label_value(ir.version)
    if version:
        labels["app.kubernetes.io/version"] = version
    labels["app.kubernetes.io/managed-by"] = "katalogc"
    return labels


def selector(ir: OperatorIR) -> dict[str, str]:
    """The labels that tell this operator's pods from all others; never changed between versions."""
    return {"app.kubernetes.io/name": "katalog-operator", "app.kubernetes.io/instance": ir.name}


def label_value(text: str) -> str:
    """`text` as far as a label value can hold it: `0.1.0+build` becomes `0.1.0_build`."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", text)[:63].strip("._-")


def metadata(ir: OperatorIR, name: str, *, namespace: str | None = None) -> dict[str, Any]:
    """The metadata of an operator's object; without a namespace it is cluster-scoped."""
    return {
        "name": name,
        **({"namespace": namespace} if namespace else {}),
        "labels": recommended(ir),
    }
