"""Web addresses of rows: which a checksum pins, and which could be bought with a domain."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.errors import InputError
from vlaudit.detect.rights import DIGESTS

Flags = NDArray[np.bool_]
WEB = ("http://", "https://")


def host(address: str | None) -> str | None:
    """Return the host of a web address in small letters, or None for anything else."""
    if not address or not address.strip().lower().startswith(WEB):
        return None
    try:
        return (urlsplit(address.strip()).hostname or "").rstrip(".") or None
    except ValueError:
        return None


def is_checksum(text: str | None) -> bool:
    """Tell whether a text is a checksum that a download can be held against."""
    digits = (text or "").strip().lower().rpartition(":")[2]
    return len(digits) in DIGESTS and re.fullmatch(r"[0-9a-f]+", digits) is not None


def for_sale(entries: Sequence[str], price: float) -> dict[str, float]:
    """Read domains that anybody can register, each with its price after a space if it is known.

    Raises:
        InputError: a price is no number above 0, or an entry is no domain; told by its place.
    """
    prices: dict[str, float] = {}
    for place, entry in enumerate(entries):
        name, _, told = entry.strip().lower().partition(" ")
        name = (host(name) or name).removeprefix("*.").rstrip(".")
        try:
            cost = float(told) if told.strip() else float(price)
        except ValueError:
            cost = 0.0
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", name) or cost <= 0:
            raise InputError(
                f"expired[{place}]: write a domain, and after a space its price if it is known"
            )
        prices[name] = cost
    return prices


@dataclass(frozen=True)
class Addresses:
    """Rows with a web address.

    Attributes:
        rows: their positions in the data, ascending.
        hosts: host of each.
        pinned: whether a checksum of its content is recorded, (rows,).
    """

    rows: list[int]
    hosts: list[str]
    pinned: Flags

    def sold(self, domains: Mapping[str, float]) -> list[str | None]:
        """Return the domain on the list that each host belongs to, if it belongs to one."""
        known: dict[str, str | None] = {}
        for name in dict.fromkeys(self.hosts):
            labels = name.split(".")
            ends = (".".join(labels[at:]) for at in range(len(labels)))
            known[name] = next((end for end in ends if end in domains), None)
        return [known[name] for name in self.hosts]


def addresses(sources: Sequence[str | None], checksums: Sequence[str | None]) -> Addresses:
    """Return the rows whose source is a web address."""
    named = [(row, name) for row, source in enumerate(sources) if (name := host(source))]
    pinned = np.array([is_checksum(checksums[row]) for row, _ in named], dtype=np.bool_)
    return Addresses([row for row, _ in named], [name for _, name in named], pinned)


def bought(sold: Sequence[str | None], domains: Mapping[str, float], budget: float) -> Flags:
    """Return which rows a budget buys, the domains with most rows for their price first."""
    counts = {name: sold.count(name) for name in set(sold) if name is not None}
    chosen: set[str] = set()
    for name in sorted(counts, key=lambda one: (-counts[one] / domains[one], one)):
        if domains[name] <= budget:
            budget -= domains[name]
            chosen.add(name)
    return np.array([name in chosen for name in sold], dtype=np.bool_)
