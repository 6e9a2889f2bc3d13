"""A contestant's process and what it costs, read from /proc: CPU seconds, memory; Linux only."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """What a process used since it started."""

    cpu_seconds: float
    peak_mib: float


class Contestant:
    """A child process with its output in a file; a context manager that ends it."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self._log = log.open("wb")
        self.log = log
        self.process = subprocess.Popen(
            command,
            env={"PATH": os.environ["PATH"], **environment},
            stdin=subprocess.PIPE,  # closed with us, which ends an operator that watches it
            stdout=self._log,
            stderr=self._log,
        )

    def __enter__(self) -> Contestant:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        self._log.close()

    def usage(self) -> Usage:
        """CPU seconds (user and system) and peak resident memory so far."""
        root = Path(f"/proc/{self.process.pid}")
        fields = (root / "stat").read_text().rsplit(")", 1)[1].split()
        cpu = (int(fields[11]) + int(fields[12])) / _TICKS
        peak = next(
            int(line.split()[1])
            for line in (root / "status").read_text().splitlines()
            if line.startswith("VmHWM")
        )
        return Usage(cpu, peak / 1024)

    def wait(self) -> Usage:
        """Wait for its end; what it used in all.

        Raises:
            RuntimeError: it failed; the text holds the end of its output.
        """
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode:
            raise RuntimeError(self.log.read_text()[-2000:])
        return Usage(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
