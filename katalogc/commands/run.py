"""`katalogc run`: the operator process, for a Katalog (compiled first) or a bundle.

With `--local` the cluster is an embedded one in the same process: the CRDs and the permissions of
the operator are installed first, and kubectl works against it through a kubeconfig that is printed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from katalogc.errors import SurroundingsError

if TYPE_CHECKING:
    from katalog_runtime.bundle import Bundle
    from katalog_runtime.config import Config

_KATALOG_NAMES = ("katalog.yaml", "catalog.yaml", "komposer.yaml")
Documents = list[dict[str, Any]]


def run(
    *,
    path: str,
    local: bool = False,
    embedded_data: str | None = None,
    workers: str | None = None,
    resync: str | None = None,
    queue_depth: str | None = None,
    address: str | None = None,
    leader_elect: bool | None = None,
    namespace: str | None = None,
    shard: str | None = None,
    log_format: str | None = None,
    log_level: str | None = None,
    kubeconfig: str | None = None,
    context: str | None = None,
    end_with_stdin: bool = False,
) -> int:
    """Be the operator until Ctrl-C or SIGTERM, or until standard input closes where that is asked.

    Returns:
        0 after a signal, 1 where the Katalog has errors, 2 where the surroundings refuse.

    Raises:
        SurroundingsError: a file cannot be read, or a flag cannot be used.
    """
    from katalog_runtime.__main__ import execute, settle
    from katalog_runtime.config import ConfigError

    if embedded_data and not local:
        raise SurroundingsError("--embedded-data is for the embedded cluster; add --local")
    if local and (kubeconfig or context):
        raise SurroundingsError("--local brings its own cluster; --kubeconfig names another one")
    flags: Mapping[str, str | bool | None] = {
        "workers": workers,
        "resync_seconds": resync,
        "queue_depth": queue_depth,
        "address": address,
        "leader_elect": leader_elect,
        "namespaces": namespace,
        "shard": shard,
        "log_format": log_format,
        "log_level": log_level,
        "kubeconfig": kubeconfig,
        "context": context,
        "end_with_stdin": end_with_stdin,
    }
    try:
        config = settle(flags, os.environ)
    except ConfigError as error:
        raise SurroundingsError(str(error)) from error
    bundle_file = _bundle_file(path)
    documents: Documents = []
    if bundle_file is None:
        found = _compile(path)
        if found is None:
            return 1
        bundle, documents = found
    else:
        bundle = _read(bundle_file)
        if local:
            from katalogc.installation import documents_beside

            documents = documents_beside(bundle_file)
    if local:
        return _run_local(bundle, documents, config, embedded_data)
    return execute(bundle, config)


def _bundle_file(path: str) -> Path | None:
    """The bundle that `path` names; None where it names a Katalog."""
    place = Path(path)
    if place.is_dir():
        holds_katalog = any((place / name).is_file() for name in _KATALOG_NAMES)
        inside = place / "bundle.json"
        return inside if inside.is_file() and not holds_katalog else None
    return place if place.suffix == ".json" else None


def _read(file: Path) -> Bundle:
    from katalog_runtime.bundle import BundleError, loads

    try:
        return loads(file.read_bytes())
    except OSError as error:
        raise SurroundingsError(f"cannot read {file}: {error.strerror}") from error
    except BundleError as error:
        raise SurroundingsError(f"{file}: {error}") from error


def _compile(path: str) -> tuple[Bundle, Documents] | None:
    """The bundle and manifests of a Katalog; None, with diagnostics shown, where it is wrong."""
    from katalog_runtime.bundle import dumps, loads
    from katalogc.compiler import compile_path
    from katalogc.installation import documents_of
    from katalogc.terminal import show

    result = compile_path(path)
    show("text", list(result.diagnostics), result.sources, list(result.documents))
    if result.bundle is None:
        return None
    # Through its text, as in production: the digest is filled in, and what runs is what is written.
    return loads(dumps(result.bundle)), documents_of(result.artifacts)


def _run_local(
    bundle: Bundle, documents: Documents, config: Config, embedded_data: str | None
) -> int:
    from katalog_runtime.__main__ import execute
    from katalogc.autosave import autosaved
    from katalogc.installation import install
    from katalogc.localcluster import LocalCluster

    data = Path(embedded_data) if embedded_data else None
    with (
        tempfile.TemporaryDirectory(prefix="katalogc-run-") as folder,
        LocalCluster(data=data) as cluster,
    ):
        user = install(cluster, documents, bundle)
        cluster.start_http()
        file = Path(folder) / "kubeconfig"
        file.touch(mode=0o600)
        file.write_text(json.dumps(cluster.kubeconfig()))
        sys.stdout.write(f"embedded cluster: kubectl --kubeconfig {file} get all\n")
        sys.stdout.flush()
        with autosaved(cluster):
            return execute(bundle, config, cluster=cluster.direct(user=user))
