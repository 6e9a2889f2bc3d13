"""Makes `katalogc/openapi/kubernetes.jsonl.gz`: what API servers say about built-in types, compact.

From files (`VERSION.schemas.json.gz` and `VERSION.discovery.json.gz` in a folder):

    python scripts/compact_openapi.py --files FOLDER --go-types "$(go env GOMODCACHE)/k8s.io" -o OUT

or from running API servers, one `--server` for each minor:

    python scripts/compact_openapi.py --server https://127.0.0.1:6443 --token TOKEN --go-types … -o
        OUT

`--go-types` is a folder with the modules `api@…`, `apimachinery@…`, `apiextensions-apiserver@…` and
`kube-aggregator@…` (the newest of each counts); without it the facts that only Go knows are
missing. Same input, same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import ssl
import sys
import urllib.request
from pathlib import Path
from typing import Any

from katalogc.openapi.compaction import Minor, encode
from katalogc.openapi.go_types import zero_value_facts

_MODULES = ("api", "apimachinery", "apiextensions-apiserver", "kube-aggregator")
_TARGET = Path(__file__).parents[1] / "katalogc" / "openapi" / "kubernetes.jsonl.gz"


def from_files(folder: Path) -> list[Minor]:
    """One minor for each `VERSION.schemas.json.gz` in the folder."""
    found: list[Minor] = []
    for path in sorted(folder.glob("*.schemas.json.gz")):
        version = path.name.removesuffix(".schemas.json.gz")
        discovery = path.with_name(f"{version}.discovery.json.gz")
        found.append((version, _read(path), _read(discovery)))
    return found


def from_server(server: str, token: str) -> Minor:
    """What a running API server answers about itself; only its built-in groups are kept."""
    # A test control plane signs its own certificate; only public type descriptions are read from
    # it.
    context = ssl._create_unverified_context()

    def get(path: str) -> Any:
        request = urllib.request.Request(
            server + path,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        )
        with urllib.request.urlopen(request, context=context) as answer:
            return json.load(answer)

    paths = [path for path in get("/openapi/v3")["paths"] if _is_builtin(path)]
    schemas = {}
    for path in paths:
        document = get(f"/openapi/v3/{path}")
        if document.get("components", {}).get("schemas"):
            schemas[path] = {"components": {"schemas": document["components"]["schemas"]}}
    versions = [path for path in paths if path.count("/") == (1 if path.startswith("api/") else 2)]
    discovery = {
        path.removeprefix("apis/").removeprefix("api/"): get(f"/{path}")
        for path in sorted(versions)
    }
    return get("/version")["gitVersion"], schemas, discovery


def _is_builtin(path: str) -> bool:
    if path.startswith("api/"):
        return True
    group = path.removeprefix("apis/").partition("/")[0]
    return path.startswith("apis/") and ("." not in group or group.endswith(".k8s.io"))


def go_files(folder: Path) -> list[tuple[str, str]]:
    """`(folder, text)` of the files that declare API types."""
    files: list[tuple[str, str]] = []
    for module in _MODULES:
        versions = sorted(folder.glob(f"{module}@*"))
        if not versions:
            sys.exit(f"{folder} holds no {module}@…")
        for path in sorted(versions[-1].rglob("*.go")):
            if not path.name.endswith("_test.go") and "types" in path.name:
                files.append((path.parent.as_posix(), path.read_text(encoding="utf-8")))
    return files


def _read(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--files", type=Path)
    parser.add_argument("--server", action="append", default=[])
    parser.add_argument("--token", default="")
    parser.add_argument("--go-types", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=_TARGET)
    arguments = parser.parse_args()
    minors = from_files(arguments.files) if arguments.files else []
    minors += [from_server(server, arguments.token) for server in arguments.server]
    extra = zero_value_facts(go_files(arguments.go_types)) if arguments.go_types else None
    text = encode(minors, extra)
    arguments.output.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    sys.stdout.write(f"{arguments.output.name}: {arguments.output.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
