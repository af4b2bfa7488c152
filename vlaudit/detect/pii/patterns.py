"""presidio's English pattern recognisers, offline, run only where they could match.

Imports presidio-analyzer at once: import this module inside the function that needs it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import phonenumbers
from presidio_analyzer import predefined_recognizers
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer
from tldextract import TLDExtract

from vlaudit.detect.pii.kinds import KINDS, Kind
from vlaudit.detect.pii.necessary import fewest

NEAR_BEFORE = 48
NEAR_AFTER = 24


class OfflineEmailRecognizer(EmailRecognizer):
    """presidio's e-mail recogniser with the public suffix list that tldextract ships.

    presidio asks `tldextract.extract`, which fetches the current list from the network.
    """

    def __init__(self) -> None:
        """Read the shipped list only, and keep no cache on disk."""
        super().__init__()
        self._suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool:
        """Tell whether the address ends in a domain under a public suffix."""
        return bool(self._suffixes(pattern_text).fqdn)


class LenientPhoneRecognizer(PhoneRecognizer):
    """presidio's telephone recogniser for numbers that could be dialled but were never issued.

    Among them are local numbers without an area code and the ranges reserved for fiction.
    """

    def __init__(self) -> None:
        """Ask phonenumbers for a possible number, not for a valid one."""
        super().__init__(leniency=phonenumbers.Leniency.POSSIBLE)


OWN = {"EmailRecognizer": OfflineEmailRecognizer, "LenientPhoneRecognizer": LenientPhoneRecognizer}


@dataclass(frozen=True)
class Match:
    """A believed match of a pattern in one text."""

    kind: Kind
    start: int
    end: int


MARKS: dict[str, Callable[[str], bool]] = {
    "digits": str.isdecimal,
    "@": "@".__eq__,
    ".": ".".__eq__,
    ":": ":".__eq__,
    "joints": frozenset(":-.").__contains__,
}
Marks = Mapping[str, int]


@dataclass(frozen=True)
class Detector:
    """One kind with presidio's recogniser for it.

    Attributes:
        kind: what it finds and when that is believed.
        recogniser: presidio's recogniser.
        needs: for each of its patterns, the marks that a text must hold for it to match.
        form: what every believed match looks like.
        alone: form of a match that is believed by itself.
        context: words that make a match believed.
        denied: words directly before that make a match something else.
    """

    kind: Kind
    recogniser: Any
    needs: Sequence[Marks]
    form: "re.Pattern[str]"
    alone: "re.Pattern[str] | None"
    context: "re.Pattern[str] | None"
    denied: "re.Pattern[str] | None"

    def could_match(self, seen: Marks) -> bool:
        """Tell whether a text with these marks can hold a match."""
        return any(all(seen[m] >= least for m, least in need.items()) for need in self.needs)

    def proposals(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield every match of presidio's recogniser, believed or not."""
        for result in self.recogniser.analyze(text, self.recogniser.supported_entities, None):
            yield result.start, result.end

    def believed(self, text: str) -> Iterator[Match]:
        """Yield the matches whose form, or a word nearby, says that they are personal data."""
        words = [word.span() for word in self.context.finditer(text)] if self.context else []
        if not words and self.alone is None:
            return
        for start, end in self.proposals(text):
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


def _fewest_digits_of_a_phone_number(regions: Sequence[str]) -> int:
    plans = map(
        phonenumbers.PhoneMetadata.metadata_for_region,
        (*regions, *phonenumbers.SUPPORTED_REGIONS),
    )
    numbers = [plan.general_desc for plan in plans if plan and plan.general_desc]
    return min(
        int(length)
        for number in numbers
        for length in (*number.possible_length, *number.possible_length_local_only)
    )


def _needs(recogniser: Any) -> list[Marks]:
    patterns = getattr(recogniser, "patterns", None)
    if patterns is None:
        return [{"digits": _fewest_digits_of_a_phone_number(recogniser.supported_regions)}]
    return [{name: fewest(p.regex, has) for name, has in MARKS.items()} for p in patterns]


def _detector(kind: Kind, recogniser: Any) -> Detector:
    return Detector(
        kind,
        recogniser,
        _needs(recogniser),
        re.compile(kind.form, re.DOTALL),
        re.compile(kind.alone, re.DOTALL) if kind.alone else None,
        _phrases(kind.context, ""),
        _phrases(kind.denied_by, r"[\s.:#]*(?:no|nr|number|id)?[\s.:#]*$"),
    )


def detectors() -> list[Detector]:
    """Build every detector that the installed presidio-analyzer has a recogniser for."""
    found: list[Detector] = []
    for kind in KINDS:
        presidio: Any = getattr(predefined_recognizers, kind.recogniser, None)
        make = OWN.get(kind.recogniser, presidio)
        if make is not None:
            found.append(_detector(kind, make()))
    return found


def marks(text: str) -> Marks:
    """Count the marks of a text that patterns cannot do without."""
    return {name: sum(map(has, text)) for name, has in MARKS.items()}


def matches(text: str, using: Sequence[Detector]) -> list[Match]:
    """Return the believed matches in a text, none overlapping, in order of place."""
    seen = marks(text)
    rank = {detector.kind: i for i, detector in enumerate(using)}
    believed = [
        match
        for detector in using
        if detector.could_match(seen)
        for match in detector.believed(text)
    ]
    kept: list[Match] = []
    for match in sorted(believed, key=lambda m: (rank[m.kind], m.start - m.end)):
        if all(match.end <= other.start or other.end <= match.start for other in kept):
            kept.append(match)
    return sorted(kept, key=lambda m: m.start)
