"""Populations that a user declares."""

from collections.abc import Sequence

from vlaudit.metrics.retrieval import declared_shares


def read_population(entries: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the share of each group by attribute, of entries such as `gender: woman=1, man=1`.

    Shares of one attribute are brought to a sum of 1.

    Raises:
        Inapplicable: an entry names no attribute, or no group with a positive share.
    """
    found: dict[str, dict[str, float]] = {}
    for entry in entries:
        attribute, _, listed = entry.rpartition(":")
        shares = declared_shares([part for part in listed.split(",") if part.strip()] or [entry])
        total = sum(shares.values())
        found[attribute.strip()] = {group: share / total for group, share in shares.items()}
    return found
