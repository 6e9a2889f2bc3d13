"""`katalogc` and `python -m katalogc`: run a command, and turn what escapes it into an exit code."""

from __future__ import annotations

import gc
import os
import sys

# pydantic would read the metadata of every installed distribution in search of plugins; we have
# none, and that search takes longer than checking a Katalog.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

# While modules are loaded nothing is thrown away, and yet Python would look for cycles hundreds of
# times: a tenth of the time that a check takes.
STAYING = frozenset({"cluster", "dev", "run"})
if not STAYING.intersection(sys.argv[1:2]):
    gc.set_threshold(100_000)

BUG = 70  # EX_SOFTWARE of sysexits.h


def main() -> None:
    """Run the command line; never returns.

    Exit codes: what the command says; 2 where the surroundings refuse; 70 for a bug of ours.
    """
    from katalogc.cli import app
    from katalogc.errors import SurroundingsError

    try:
        app()
    except SurroundingsError as error:
        sys.stderr.write(f"katalogc: {error}\n")
        sys.exit(2)
    except BrokenPipeError:
        # `katalogc … | head`: the reader went away; 141 is what a shell shows for SIGPIPE.
        sys.stderr.close()
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception:
        import traceback

        traceback.print_exc()
        sys.stderr.write("\nThis is a bug in katalogc, not in your Katalog. Please report it.\n")
        sys.exit(BUG)
    finally:
        # The interpreter looks for cycles a last time when it ends; the memory goes anyway.
        gc.freeze()


if __name__ == "__main__":
    main()
