"""Counts what is found in a stream of captions, in memory that does not grow with their number."""

import heapq
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from vlaudit.detect.pii.kind import Tier
from vlaudit.detect.pii.scan import Entity, Scanner

CARRIERS = 2000
REMEMBERED = 100_000
TIERS = tuple(Tier)


@dataclass(frozen=True)
class Found:
    """Personal data in one row."""

    row: str
    entity: Entity


@dataclass
class Tally:
    """What has been found so far.

    Attributes:
        scanner: finds personal data.
        rng: draws the captions that are kept to try the scanner on.
        most: how many finds to keep, the gravest first.
        captions: rows with text, by language.
        hits: rows in which a key was found: a tier, `any`, `validated`, or a kind.
        by_language: rows with a name, contact or high-risk identifier, by language.
        carriers: captions drawn at random, `CARRIERS` at most.
    """

    scanner: Scanner
    rng: np.random.Generator
    most: int
    captions: Counter[str] = field(default_factory=Counter[str])
    hits: Counter[str] = field(default_factory=Counter[str])
    kinds: Counter[str] = field(default_factory=Counter[str])
    by_language: Counter[str] = field(default_factory=Counter[str])
    carriers: list[str] = field(default_factory=list[str])
    finds: int = 0
    _hashes: "array[int]" = field(default_factory=lambda: array("q"))
    _gravest: list[tuple[tuple[int, int, int], Found]] = field(
        default_factory=list[tuple[tuple[int, int, int], Found]]
    )
    _turn: "count[int]" = field(default_factory=count)
    _known: dict[str, tuple[Entity, ...]] = field(default_factory=dict[str, tuple[Entity, ...]])

    @property
    def rows(self) -> int:
        """Number of captions with text in them."""
        return self.captions.total()

    @property
    def distinct(self) -> int:
        """Number of different captions."""
        return len(np.unique(np.frombuffer(self._hashes, dtype=np.int64))) if self._hashes else 0

    @property
    def gravest(self) -> list[Found]:
        """The finds that were kept, the gravest first, in order of their rows."""
        return [found for _, found in sorted(self._gravest, key=lambda kept: kept[0], reverse=True)]

    def add(self, rows: Sequence[str], texts: Sequence[str]) -> None:
        """Count the personal data in some captions; equal ones are read once."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        if len(self._known) + len(fresh) > REMEMBERED:
            self._known.clear()
            fresh = list(dict.fromkeys(texts))
        self._known.update(zip(fresh, self.scanner.scan(fresh), strict=True))
        for row, text in zip(rows, texts, strict=True):
            self._count(row, text, self._known[text])

    def _count(self, row: str, text: str, entities: Sequence[Entity]) -> None:
        language = self.scanner.languages.of(text)
        self._keep_carrier(text)
        self.captions[language] += 1
        self._hashes.append(hash(text))
        counted = [entity for entity in entities if entity.tier != Tier.INDIRECT]
        self.kinds.update({entity.name for entity in entities})
        self.hits.update({entity.tier.value for entity in entities})
        self.hits["any"] += bool(counted)
        self.hits["validated"] += any(entity.validated for entity in counted)
        self.by_language[language] += bool(counted)
        self.finds += len(entities)
        for entity in entities:
            rank = (-TIERS.index(entity.tier), int(entity.validated), -next(self._turn))
            keep = heapq.heappush if len(self._gravest) < self.most else heapq.heappushpop
            keep(self._gravest, (rank, Found(row, entity)))

    def _keep_carrier(self, text: str) -> None:
        """Keep a uniform sample of all captions seen (reservoir sampling)."""
        if len(self.carriers) < CARRIERS:
            self.carriers.append(text)
        elif (place := int(self.rng.integers(self.rows + 1))) < CARRIERS:
            self.carriers[place] = text


def per_language(tally: Tally, fewest: int) -> Mapping[str, tuple[int, int]]:
    """Return rows with personal data and rows, of languages with at least `fewest` rows."""
    return {
        language: (tally.by_language[language], rows)
        for language, rows in sorted(tally.captions.items())
        if rows >= fewest
    }
