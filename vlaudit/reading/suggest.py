"""Suggestions for names that were probably misspelt."""

import difflib
from collections.abc import Iterable

MOST_LISTED = 12


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `word`, or None when none is like it."""
    found = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of an error: the known name probably meant, or which there are."""
    names = sorted(known)
    match = nearest(word, names)
    if match is not None:
        return f"; did you mean '{match}'?"
    if not names:
        return "; there are none"
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return f"; there are: {', '.join(names[:MOST_LISTED])}{more}"
