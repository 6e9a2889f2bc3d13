"""`python -m katalog_runtime --bundle FILE`: reads the surroundings, then hands over to `manager`.

Exit codes: 0 after SIGTERM or SIGINT; 2 where a flag, the bundle, the address or the cluster cannot
be used, with one line that says why; anything else is our bug and ends with a traceback.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from katalog_runtime.config import OPTIONS, Config, ConfigError, load
from katalog_runtime.version import __version__

if TYPE_CHECKING:
    from katalog_runtime.bundle import Bundle
    from katalog_runtime.cluster import Cluster

SURROUNDINGS = 2
"""The exit code for what is neither the Katalog's fault nor ours."""


def parser() -> argparse.ArgumentParser:
    """The flags of the operator process."""
    made = argparse.ArgumentParser(
        prog="python -m katalog_runtime",
        description="Be the operator that a bundle describes.",
        allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=__version__)
    made.add_argument("--bundle", required=True, metavar="FILE", help="what to execute")
    for option in OPTIONS:
        if not option.flag:
            continue
        text = option.help + (f" [{option.environment}]" if option.environment else "")
        if option.field == "leader_elect":
            made.add_argument(
                option.flag, dest=option.field, action=argparse.BooleanOptionalAction, help=text
            )
            continue
        if option.field == "end_with_stdin":
            made.add_argument(option.flag, dest=option.field, action="store_true", help=text)
            continue
        names = ["-n", option.flag] if option.field == "namespaces" else [option.flag]
        made.add_argument(*names, dest=option.field, metavar=option.metavar, help=text)
    return made


def settle(flags: Mapping[str, str | bool | None], environment: Mapping[str, str]) -> Config:
    """The config of this process in its surroundings.

    Raises:
        ConfigError: a flag or variable cannot be used.
    """
    from katalog_runtime.connection import is_in_cluster

    return load(
        flags,
        environment,
        in_cluster=is_in_cluster(environment),
        terminal=sys.stderr.isatty(),
    )


def execute(bundle: Bundle, config: Config, *, cluster: Cluster | None = None) -> int:
    """Be the operator until a signal; the exit code."""
    with machine_certificates_unread():
        from katalog_runtime import manager
    from katalog_runtime.connection import ConnectionSetupError
    from katalog_runtime.listener import ListenError
    from katalog_runtime.logs import configure

    configure(config.log_format, config.log_level)
    _spare_collections()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(manager.run(bundle, config, cluster=cluster))
    except (ConnectionSetupError, ListenError) as error:
        return complain(str(error))
    return 0


@contextmanager
def machine_certificates_unread() -> Iterator[None]:
    """While aiohttp is imported: it reads all of the machine's CA certificates, twice.

    They are for its own TLS contexts, and we bring one of ours for each connection. Measured: four
    tenths of the operator's start. OpenSSL asks these variables where its certificates are.
    """
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, os.devnull))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _spare_collections() -> None:
    """Look for reference cycles seldom: a third of the CPU that deciding takes, measured.

    Decoded objects hold no cycles and are freed by counting references; what was imported so far
    stays for ever. Python's default would walk over both after every 700 new containers.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 20)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one: half again as many requests per CPU-second, measured."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def complain(text: str) -> int:
    """Say on one line why this cannot be; the exit code."""
    sys.stderr.write(f"katalogc: {text}\n")
    return SURROUNDINGS


def main(arguments: Sequence[str] | None = None) -> int:
    """The process; its exit code."""
    from katalog_runtime.bundle import BundleError, loads

    flags = vars(parser().parse_args(arguments))
    try:
        config = settle(flags, os.environ)
        bundle = loads(Path(flags["bundle"]).read_bytes())
    except (ConfigError, BundleError) as error:
        return complain(str(error))
    except OSError as error:
        return complain(f"cannot read the bundle {flags['bundle']}: {error.strerror}")
    return execute(bundle, config)


if __name__ == "__main__":
    sys.exit(main())
