"""The operator process: executes a bundle that katalogc compiled.

`load_bundle(text)` reads a bundle; `run(bundle, config)` is the coroutine that is the operator.
Importing this package imports nothing heavy: neither `kubernetes` nor `aiohttp`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from katalog_runtime.version import __version__

if TYPE_CHECKING:
    from katalog_runtime.bundle import Bundle
    from katalog_runtime.config import Config

__all__ = ["__version__", "load_bundle", "run"]


def load_bundle(text: str | bytes) -> Bundle:
    """Read a bundle; raises `katalog_runtime.bundle.BundleError` with a sentence for the user."""
    from katalog_runtime.bundle import loads

    return loads(text)


async def run(bundle: Bundle, config: Config) -> None:
    """Be the operator until cancelled or told to stop by SIGTERM."""
    from katalog_runtime.manager import run as run_manager

    await run_manager(bundle, config)
