"""Scans texts for personal data: patterns and names, each distinct text once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vlaudit.detect.names.recognise import NameRecogniser, Span
from vlaudit.detect.pii.kind import Tier
from vlaudit.detect.pii.language import UNKNOWN, Languages, languages

if TYPE_CHECKING:
    from vlaudit.detect.pii.patterns import Bank

PERSON = "PERSON"
WINDOW = 2000
OVERLAP = 200
BATCH = 512


@dataclass(frozen=True, order=True)
class Entity:
    """Personal data at a place in a text, without the data itself.

    Attributes:
        start: offset of its first character.
        end: offset behind its last character.
        name: what it is, such as `EMAIL_ADDRESS`.
        tier: how it is counted.
        validated: whether a checksum, a parser or issuing rules confirm it.
    """

    start: int
    end: int
    name: str
    tier: Tier
    validated: bool

    @property
    def mask(self) -> str:
        """What may be shown in its place: kind and length."""
        return f"<{self.name}:{self.end - self.start}>"

    def moved(self, offset: int) -> "Entity":
        """Return it at a place `offset` characters further on."""
        return replace(self, start=self.start + offset, end=self.end + offset)

    def overlaps(self, start: int, end: int) -> bool:
        """Tell whether it shares a character with [start, end)."""
        return self.start < end and start < self.end


@dataclass(frozen=True)
class Scanner:
    """Patterns of presidio and a recogniser of names, applied together.

    Attributes:
        bank: the patterns.
        names: the recogniser of names.
        languages: tells the language of a text; names in lower case are believed in English only,
            whose words the recogniser knows.
        allowed: texts that are no personal data here, such as the hotline of a firm; case is
            ignored.
    """

    bank: "Bank"
    names: NameRecogniser
    languages: Languages = field(default_factory=languages)
    allowed: frozenset[str] = frozenset()

    def scan(
        self, texts: Sequence[str], progress: Callable[[float], None] = lambda _: None
    ) -> list[tuple[Entity, ...]]:
        """Return the personal data in each text, in order of place; equal texts are read once."""
        distinct = list(dict.fromkeys(texts))
        found: dict[str, tuple[Entity, ...]] = {}
        for start in range(0, len(distinct), BATCH):
            batch = distinct[start : start + BATCH]
            found.update(zip(batch, self._batch(batch), strict=True))
            progress(min(1.0, (start + BATCH) / len(distinct)))
        return [found[text] for text in texts]

    def _batch(self, texts: Sequence[str]) -> list[tuple[Entity, ...]]:
        pieces = [(row, *window) for row, text in enumerate(texts) for window in _windows(text)]
        gathered: list[set[Entity]] = [set() for _ in texts]
        people = self.names.find([piece for _, _, piece in pieces])
        for (row, offset, piece), spans in zip(pieces, people, strict=True):
            cut_at_end = offset + len(piece) < len(texts[row])
            for entity in _merged(self._patterns(piece), self._believed(piece, spans)):
                # What a window cuts at its end stands whole in the next.
                cut = cut_at_end and entity.end == len(piece)
                if not cut and piece[entity.start : entity.end].casefold() not in self.allowed:
                    gathered[row].add(entity.moved(offset))
        return [tuple(sorted(_whole(entities))) for entities in gathered]

    def _believed(self, text: str, spans: Sequence[Span]) -> Sequence[Span]:
        lower = [text[start:end].islower() for start, end in spans]
        if not any(lower) or self.languages.of(text) in ("en", UNKNOWN):
            return spans
        return [span for span, small in zip(spans, lower, strict=True) if not small]

    def _patterns(self, text: str) -> list[Entity]:
        return [
            Entity(m.start, m.end, m.kind.entity, m.kind.tier, m.kind.validated)
            for m in self.bank.matches(text)
        ]


def scanner(
    recogniser: str = "auto", *, allowed: Sequence[str] = (), custom: Sequence[str] = ()
) -> Scanner:
    """Build a scanner.

    Args:
        recogniser: which recogniser of names to use.
        allowed: texts that are no personal data here.
        custom: further kinds, each `NAME=REGULAR EXPRESSION`.

    Raises:
        InputError: one of `custom` is no kind, or there is no such recogniser.
    """
    from vlaudit.detect.names.recognise import load
    from vlaudit.detect.pii.patterns import bank

    spared = frozenset(text.strip().casefold() for text in allowed)
    return Scanner(bank(custom=custom), load(recogniser), allowed=spared)


def _windows(text: str) -> Iterator[tuple[int, str]]:
    """Yield overlapping pieces of a text that is too long to be read at once."""
    for start in range(0, max(1, len(text) - OVERLAP), WINDOW - OVERLAP):
        yield start, text[start : start + WINDOW]


def _whole(entities: set[Entity]) -> list[Entity]:
    """Return entities without the parts of them that a window began in the middle of."""
    return [
        part
        for part in entities
        if not any(
            part != other and other.start <= part.start and part.end <= other.end
            for other in entities
        )
    ]


def _merged(patterns: Sequence[Entity], people: Sequence[tuple[int, int]]) -> Iterator[Entity]:
    """Yield pattern matches, and names outside them: a name in an e-mail address is no second."""
    yield from patterns
    for start, end in people:
        if not any(entity.overlaps(start, end) for entity in patterns):
            yield Entity(start, end, PERSON, Tier.NAME, validated=False)
