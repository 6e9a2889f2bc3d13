"""How long to wait before the next try. A policy, a count and a die in; seconds out. No clock."""

from __future__ import annotations

from katalog_runtime.bundle import Backoff


def delay_seconds(policy: Backoff, failures: int, chance: float) -> float:
    """Exponential growth with jitter, capped.

    Args:
        policy: First delay, growth and cap, in seconds.
        failures: Failures in a row so far, from 1.
        chance: A number in [0, 1): spreads keys that failed together over half of the delay.

    Returns:
        Between half of and the whole of `initial * multiplier ** (failures - 1)`, at most the cap.
    """
    # The exponent is bounded before it is raised: a key may fail for months.
    exponent = min(max(failures, 1) - 1, 64)
    ceiling = min(policy.max_seconds, policy.initial_seconds * policy.multiplier**exponent)
    return ceiling * (0.5 + 0.5 * chance)
