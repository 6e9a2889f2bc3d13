"""`make bench`: katalogc's operator beside a bare writer, one written by hand, and kopf.

Each contestant gets a real API server of its own with the owners already there. Environment:
`BENCH_OWNERS` (1,000), `BENCH_REST_SECONDS` (60), `BENCH_JSON` (a file for the raw figures).
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import measure, workload
from bench.measure import Result
from bench.process import Contestant
from katalogc.compiler import compile_path
from katalogc.writer import write
from tests.controlplane.plane import ControlPlane

ROOT = Path(__file__).parents[1]
OWNERS = int(os.environ.get("BENCH_OWNERS", "1000"))
REST_SECONDS = float(os.environ.get("BENCH_REST_SECONDS", "60"))


def _environment(plane: ControlPlane) -> dict[str, str]:
    return {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'runtime'}",
        "BENCH_URL": plane.url,
        "BENCH_TOKEN": plane.token,
        "BENCH_CA": plane.ca,
    }


def _ceiling(plane: ControlPlane, folder: Path) -> Result:
    # The others are watched while they work, which costs the server and this machine something.
    measure.Follower(plane, workload.OWNERS)
    before = measure.served_requests(plane)
    started = time.monotonic()
    command = [sys.executable, "-m", "bench.writer"]
    with Contestant(command, _environment(plane), folder / "writer.log") as contestant:
        used = contestant.wait()
    return Result(
        name="writes only",
        owners=OWNERS,
        seconds=time.monotonic() - started,
        cpu_seconds=used.cpu_seconds,
        peak_mib=used.peak_mib,
        requests=measure.served_requests(plane) - before,
    )


def _operator(
    plane: ControlPlane, folder: Path, name: str, command: list[str], environment: dict[str, str]
) -> Result:
    before = measure.served_requests(plane)
    started = time.monotonic()
    with Contestant(command, environment, folder / "operator.log") as contestant:
        try:
            result = measure.converge(plane, contestant, name, OWNERS, started)
            result.requests -= before
            cpu, requests = measure.at_rest(plane, contestant, REST_SECONDS)
            result.rest_seconds = REST_SECONDS
            result.rest_cpu_seconds, result.rest_requests = cpu, requests
            result.drift_ms = measure.drifts(plane, OWNERS, patience=60)
        except AssertionError:
            sys.stderr.write(contestant.log.read_text()[-3000:])
            raise
    return result


def _handwritten(plane: ControlPlane, folder: Path) -> Result:
    command = [sys.executable, "-m", "bench.handwritten"]
    return _operator(plane, folder, "written by hand", command, _environment(plane))


def _katalogc(plane: ControlPlane, folder: Path) -> Result:
    katalog = folder / "katalog.yaml"
    katalog.write_text(workload.KATALOG)
    compiled = compile_path(str(katalog))
    assert compiled.bundle, compiled.diagnostics
    write(compiled.artifacts, folder / "build")
    kubeconfig = plane.kubeconfig(folder / "kubeconfig")
    bundle = str(folder / "build" / "bundle.json")
    command = [sys.executable, "-m", "katalog_runtime", "--bundle", bundle, "--address",
               "127.0.0.1:0", "--no-leader-elect", "--log-level", "warning", "--end-with-stdin"]  # fmt: skip
    environment = {**_environment(plane), "KUBECONFIG": str(kubeconfig), "HOME": str(folder)}
    return _operator(plane, folder, "katalogc", command, environment)


def _kopf(plane: ControlPlane, folder: Path) -> Result:
    command = [sys.executable, "-m", "kopf", "run", "--namespace", workload.NAMESPACE, "--quiet",
               str(ROOT / "bench" / "kopf_operator.py")]  # fmt: skip
    environment = {**_environment(plane), "HOME": str(folder)}
    return _operator(plane, folder, "kopf, async, 15 s timer", command, environment)


CONTESTANTS: tuple[tuple[str, Callable[[ControlPlane, Path], Result]], ...] = (
    ("writes only", _ceiling),
    ("written by hand", _handwritten),
    ("katalogc", _katalogc),
    ("kopf", _kopf),
)


def _number(value: float | None, form: str = ".1f") -> str:
    return "–" if value is None else format(value, form)


def _show(console: Console, results: list[Result]) -> None:
    ceiling = results[0]
    table = Table(title=f"{OWNERS:,} owners, four writes each, one API server apiece")
    rest = f"{REST_SECONDS:.0f} s at rest: CPU-s"
    for heading in ("", "seconds", "× ceiling", "CPU-s", "peak MiB", "requests", rest, "requests",
                    "drift p50 / p99 ms"):  # fmt: skip
        table.add_column(heading, justify="left" if not heading else "right")
    for each in results:
        table.add_row(
            each.name, _number(each.seconds), _number(each.seconds / ceiling.seconds, ".2f"),
            _number(each.cpu_seconds, ".2f"), _number(each.peak_mib, ".0f"), f"{each.requests:,}",
            _number(each.rest_cpu_seconds, ".2f"),
            "–" if each.rest_requests is None else f"{each.rest_requests:,}",
            f"{_number(each.drift(50))} / {_number(each.drift(99))}",
        )  # fmt: skip
    console.print(table)
    by_name = {each.name.split(",")[0]: each for each in results}
    ours, kopf, hand = by_name["katalogc"], by_name["kopf"], by_name["written by hand"]
    console.print(
        f"katalogc needs {ours.seconds / ceiling.seconds:.2f} times the time of a client that only "
        f"writes, and {ours.seconds / hand.seconds:.2f} times the time and "
        f"{ours.cpu_seconds / hand.cpu_seconds:.2f} times the CPU of an operator written by hand for "
        f"this one type; kopf needs {kopf.seconds / ours.seconds:.1f} times katalogc's time, "
        f"{kopf.cpu_seconds / ours.cpu_seconds:.1f} times its CPU and "
        f"{kopf.peak_mib / ours.peak_mib:.1f} times its memory."
    )


def main() -> None:
    """Run all contestants one after the other and print the table."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    results = []
    for name, run in CONTESTANTS:
        with tempfile.TemporaryDirectory(prefix="katalogc-bench-") as folder:
            plane = ControlPlane()
            try:
                console.print(f"{name}: creating {OWNERS:,} owners")
                measure.prepare(plane, OWNERS)
                console.print(f"{name}: running")
                results.append(run(plane, Path(folder)))
                console.print(f"{name}: {results[-1].seconds:.1f} s")
            finally:
                plane.stop()
    _show(console, results)
    if path := os.environ.get("BENCH_JSON"):
        Path(path).write_text(json.dumps([dataclasses.asdict(each) for each in results], indent=1))


if __name__ == "__main__":
    main()
