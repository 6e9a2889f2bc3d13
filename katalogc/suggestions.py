"""Did you mean …? The closest known word, or nothing when none is close. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def closest(word: str, known: Iterable[str], cutoff: float = 0.7) -> str | None:
    """The known word that `word` is most likely a slip of; None when it resembles none."""
    from difflib import get_close_matches

    options = sorted(known)
    folded = {each.casefold().replace("_", "").replace("-", ""): each for each in options}
    same = folded.get(word.casefold().replace("_", "").replace("-", ""))
    if same is not None and same != word:
        return same
    found = get_close_matches(word, options, n=1, cutoff=cutoff)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A help line with the closest known word, or with all of them when they are few."""
    options = sorted(known)
    best = closest(word, options)
    if best is not None:
        return f"did you mean `{best}`?"
    if 0 < len(options) <= 12:
        return "known are " + ", ".join(f"`{each}`" for each in options)
    return None
