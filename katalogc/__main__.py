"""`katalogc` and `python -m katalogc`: run a command, and turn what escapes it into an exit code."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from typing import NoReturn

# pydantic would read the metadata of every installed distribution in search of plugins; we have
# none, and that search takes longer than checking a Katalog.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

# While modules are loaded nothing is thrown away, and yet Python would look for cycles hundreds of
# times: a tenth of the time that a check takes.
STAYING = frozenset({"cluster", "dev", "run"})
if not STAYING.intersection(sys.argv[1:2]):
    gc.set_threshold(100_000)

BUG = 70  # EX_SOFTWARE of sysexits.h
REFUSALS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})


def main() -> None:
    """Run the command line; never returns.

    Exit codes: what the command says; 2 where the surroundings refuse; 70 for a bug of ours.
    """
    _prepare_output()
    from katalogc.cli import prepared
    from katalogc.errors import SurroundingsError

    try:
        try:
            prepared(sys.argv[1:2])()
        finally:
            sys.stdout.flush()  # here, where a full disk is told as one
    except SurroundingsError as error:
        _refuse(str(error))
    except BrokenPipeError:
        # `katalogc run … | head`: the reader went away; 141 is what a shell shows for SIGPIPE.
        _give_up_output()
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        # The commands tell of their own files; what is left is standard output.
        if error.filename is not None or error.errno not in REFUSALS:
            _report_bug()
        _give_up_output()
        _refuse(f"standard output cannot be written: {os.strerror(error.errno).lower()}")
    except Exception:
        _report_bug()
    finally:
        # The interpreter looks for cycles a last time when it ends; the memory goes anyway.
        gc.freeze()


def _prepare_output() -> None:
    """Standard streams that can be written to, and the customary end where a reader goes away."""
    if sys.stdout is None:  # closed by the caller (`>&-`): what nobody wants goes nowhere
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if not STAYING.intersection(sys.argv[1:2]) and hasattr(signal, "SIGPIPE"):
        # `katalogc functions | head` ends as every filter does. What serves sockets must not.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def _refuse(text: str) -> NoReturn:
    """One line about the surroundings; 2."""
    sys.stderr.write(f"katalogc: {text}\n")
    sys.exit(2)


def _give_up_output() -> None:
    """What could not be written is not tried again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_bug() -> NoReturn:
    """The traceback, and whose fault it is; 70."""
    import traceback

    traceback.print_exc()
    sys.stderr.write("\nThis is a bug in katalogc, not in your Katalog. Please report it.\n")
    sys.exit(BUG)


if __name__ == "__main__":
    main()
