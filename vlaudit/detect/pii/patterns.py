"""presidio's pattern recognisers, offline, run only where they could match.

Imports presidio-analyzer at once: import this module inside the function that needs it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import regex  # type: ignore[import-untyped]
from presidio_analyzer import Pattern, PatternRecognizer, predefined_recognizers

from vlaudit.core.errors import InputError
from vlaudit.detect.pii.kind import Kind, Tier
from vlaudit.detect.pii.kinds import KINDS
from vlaudit.detect.pii.own import OWN
from vlaudit.detect.pii.sieve import Sieve, parts_of

NEAR_BEFORE = 48
NEAR_AFTER = 24


@dataclass(frozen=True)
class Match:
    """A believed match of a pattern in one text."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Detector:
    """One kind with presidio's recogniser for it.

    Attributes:
        kind: what it finds and when that is believed.
        recogniser: presidio's recogniser.
        form: what every believed match looks like.
        alone: form of a match that is believed by itself.
        context: words that make a match believed.
        denied: words directly before that make a match something else.
    """

    kind: Kind
    recogniser: Any
    form: "re.Pattern[str]"
    alone: "re.Pattern[str] | None"
    context: "re.Pattern[str] | None"
    denied: "re.Pattern[str] | None"

    def proposals(self, text: str, asked: Sequence[Any]) -> Iterator[tuple[int, int]]:
        """Yield every match of presidio's recogniser, or of some shares of it, believed or not."""
        for recogniser in asked:
            for result in recogniser.analyze(text, recogniser.supported_entities, None):
                yield result.start, result.end

    def believed(self, text: str, asked: Sequence[Any]) -> Iterator[Match]:
        """Yield the matches whose form, or a word nearby, says that they are personal data."""
        words = [word.span() for word in self.context.finditer(text)] if self.context else []
        if not words and self.alone is None:
            return
        for start, end in self.proposals(text, asked):
            fits = self.form.fullmatch(text, start, end) is not None
            if fits and (self._named(words, start, end) or self._alone(text, start, end)):
                yield Match(self.kind, start, end)

    def _named(self, words: Sequence[tuple[int, int]], start: int, end: int) -> bool:
        return any(
            (start - NEAR_BEFORE <= first and last <= start)
            or (end <= first and last <= end + NEAR_AFTER)
            for first, last in words
        )

    def _alone(self, text: str, start: int, end: int) -> bool:
        if self.denied and self.denied.search(text[max(0, start - NEAR_BEFORE) : start]):
            return False
        return bool(self.alone and self.alone.fullmatch(text[start:end]))


def _phrases(words: Sequence[str], ending: str) -> "re.Pattern[str] | None":
    if not words:
        return None
    joined = "|".join(re.escape(word).replace(r"\ ", r"[\s_-]+") for word in words)
    return re.compile(rf"(?<![^\W_])(?:{joined})s?(?![^\W_]){ending}", re.IGNORECASE)


def _detector(kind: Kind, recogniser: Any) -> Detector:
    return Detector(
        kind,
        recogniser,
        re.compile(kind.form, re.DOTALL),
        re.compile(kind.alone, re.DOTALL) if kind.alone else None,
        _phrases(kind.context, ""),
        _phrases(kind.denied_by, r"[\s.:#]*(?:no|nr|number|id)?[\s.:#]*$"),
    )


@dataclass(frozen=True)
class Bank:
    """Detectors and the sieve that says which of them to ask."""

    detectors: Sequence[Detector]
    sieve: Sieve

    def proposals(self, text: str) -> Iterator[tuple[Detector, int, int]]:
        """Yield every match of every presidio recogniser, believed or not."""
        for index, asked in self.sieve.left(text).items():
            detector = self.detectors[index]
            for start, end in detector.proposals(text, asked):
                yield detector, start, end

    def matches(self, text: str) -> list[Match]:
        """Return the believed matches in a text, none overlapping, in order of place.

        Of two that overlap, that of the earlier detector is kept, or else the longer one.
        """
        ranked = [
            (index, match.start - match.end, match)
            for index, asked in self.sieve.left(text).items()
            for match in self.detectors[index].believed(text, asked)
        ]
        kept: list[Match] = []
        for _, _, match in sorted(ranked, key=lambda item: item[:2]):
            if all(match.end <= other.start or other.end <= match.start for other in kept):
                kept.append(match)
        return sorted(kept, key=lambda match: match.start)


def bank(kinds: Sequence[Kind] = KINDS, *, custom: Sequence[str] = ()) -> Bank:
    """Build every detector that the installed presidio-analyzer has a recogniser for.

    Args:
        kinds: what to look for.
        custom: further kinds, each `NAME=REGULAR EXPRESSION`; they come first.

    Raises:
        InputError: one of `custom` has no name or no valid expression.
    """
    known = _standard(tuple(kinds))
    return banked([*map(_custom, custom), *known.detectors]) if custom else known


@cache
def _standard(kinds: tuple[Kind, ...]) -> Bank:
    """Return the detectors of presidio's kinds; every probe of an audit asks for the same."""
    found: list[Detector] = []
    for kind in kinds:
        presidio: Any = getattr(predefined_recognizers, kind.recogniser, None)
        make = OWN.get(kind.recogniser, presidio)
        if make is not None:
            found.append(_detector(kind, make()))
    return banked(found)


def _custom(given: str) -> Detector:
    name, _, form = given.partition("=")
    name = name.strip().upper().replace(" ", "_")
    try:
        regex.compile(form)
    except regex.error as error:
        raise InputError(f"custom kind {given!r}: not a regular expression ({error})") from error
    if not name or not form.strip():
        raise InputError(f"custom kind {given!r}: write NAME=REGULAR EXPRESSION")
    own = PatternRecognizer(supported_entity=name, patterns=[Pattern(name, form, 0.5)])
    return _detector(Kind("PatternRecognizer", Tier.CUSTOM, name, ".+"), own)


def banked(detectors: Sequence[Detector]) -> Bank:
    """Put detectors behind a sieve."""
    parts = [
        part
        for index, detector in enumerate(detectors)
        for part in parts_of(index, detector.recogniser)
    ]
    return Bank(detectors, Sieve(parts))
