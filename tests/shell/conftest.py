"""Settings for the tests of the operator's shell."""

from __future__ import annotations

import asyncio

# pytest-asyncio asks the policy for "the current loop" between tests; unless told that there is
# none, Python 3.11 makes one that nobody closes, and its ResourceWarning fails some later test.
asyncio.set_event_loop(None)
