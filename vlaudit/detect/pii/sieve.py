"""Keeps presidio's recognisers from texts in which they provably find nothing.

Two sieves, one after the other. The first compares a few counts (digits, signs) with the fewest
that a pattern needs; the second searches the recogniser's own patterns, with its own regular
expression engine and flags, and asks the recogniser only where one of them matches. A recogniser
that finds telephone numbers has no pattern: it is asked where enough digits stand close together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import phonenumbers
import regex  # type: ignore[import-untyped]
from presidio_analyzer import PatternRecognizer
from presidio_analyzer.predefined_recognizers import IbanRecognizer, PhoneRecognizer

from vlaudit.detect.pii.necessary import fewest, fewest_of

Marks = Mapping[str, int]
SIGNS: Mapping[str, Callable[[str], bool]] = {
    "digits": str.isdecimal,
    "@": "@".__eq__,
    ".": ".".__eq__,
    ":": ":".__eq__,
    "joints": frozenset(":-.").__contains__,
    "+": frozenset("+\uff0b").__contains__,
}
MOST_MARKS = 40
# No letter but x stands between the digits of one number; where a word for an extension follows
# too early to be one, phonenumbers reads its letters as digits.
LETTERS = r"[A-WYZa-wyz]+"
EXTENSION = r"(?i)\d\W*(?:e?xt|int|anexo)"
ANYTHING = ""
KINDS_OF_LINE = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "uan",
                 "personal_number", "voip", "pager", "voicemail")  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A recogniser, or the share of it that looks for one region's numbers, and its sieves.

    Attributes:
        owner: index of the detector that it belongs to.
        recogniser: presidio's recogniser.
        sieves: marks and pattern, of which one pair at least must hold for a match.
    """

    owner: int
    recogniser: Any
    sieves: Sequence[tuple[Marks, Any]]


@dataclass(frozen=True)
class Sieve:
    """Tells which recognisers to ask about a text; what it leaves out has nothing to say."""

    parts: Sequence[Part]
    signs: Any = field(default_factory=lambda: regex.compile(r"[\d@.:\-+\uff0b]"))
    extension: Any = field(default_factory=lambda: regex.compile(EXTENSION))
    letters: Any = field(default_factory=lambda: regex.compile(LETTERS))
    _plans: dict[tuple[int, ...], list[tuple[Part, list[Any]]]] = field(
        default_factory=dict[tuple[int, ...], list[tuple[Part, list[Any]]]]
    )

    def left(self, text: str) -> dict[int, list[Any]]:
        """Return the recognisers to ask, by index of their detector, in the order given."""
        asked: dict[int, list[Any]] = {}
        for part, patterns in self._plan(self._marks(text)):
            if any(pattern.search(text) for pattern in patterns):
                asked.setdefault(part.owner, []).append(part.recogniser)
        return asked

    def _marks(self, text: str) -> tuple[int, ...]:
        """Count signs, and digits that may belong together; look for extensions of numbers."""
        signs: list[str] = self.signs.findall(text)
        if not signs:
            return (0,) * (len(SIGNS) + 2)
        # Beyond the most that any pattern asks for, more makes no difference.
        counts = [min(sum(map(has, signs)), MOST_MARKS) for has in SIGNS.values()]
        if not counts[0]:
            return (*counts, 0, 0)
        stretches: list[str] = self.letters.split(text)
        together = max(sum(map(str.isdecimal, stretch)) for stretch in stretches)
        return (*counts, min(together, MOST_MARKS), int(bool(self.extension.search(text))))

    def _plan(self, seen: tuple[int, ...]) -> list[tuple[Part, list[Any]]]:
        """Return the parts whose marks suffice, with the patterns to search."""
        if seen not in self._plans:
            counts = dict(zip((*SIGNS, "together", "extension"), seen, strict=True))
            plans = [
                (part, [p for needs, p in part.sieves if _suffices(counts, needs)])
                for part in self.parts
            ]
            self._plans[seen] = [(part, patterns) for part, patterns in plans if patterns]
        return self._plans[seen]


def _suffices(counts: Marks, needs: Marks) -> bool:
    return all(counts[mark] >= min(least, MOST_MARKS) for mark, least in needs.items())


def parts_of(owner: int, recogniser: Any) -> list[Part]:
    """Return a recogniser with its sieves; one of telephone numbers is split by region."""
    if isinstance(recogniser, PhoneRecognizer):
        return [_of_region(owner, recogniser, region) for region in recogniser.supported_regions]
    flags = recogniser.global_regex_flags
    sieves = [
        (
            dict(zip(SIGNS, fewest_of(pattern.regex, list(SIGNS.values())), strict=True)),
            regex.compile(pattern.regex, flags),
        )
        for pattern in recogniser.patterns
    ]
    if not _searches_its_patterns(recogniser):
        anything = regex.compile(ANYTHING)
        sieves = [(needs, anything) for needs, _ in sieves]
    return [Part(owner, recogniser, sieves)]


def _searches_its_patterns(recogniser: Any) -> bool:
    """Tell whether whatever a recogniser returns begins as a match of one of its patterns."""
    own = type(recogniser)
    return own is IbanRecognizer or own.analyze is PatternRecognizer.analyze


def _of_region(owner: int, recogniser: Any, region: str) -> Part:
    """Return the share of a telephone recogniser that takes numbers for those of one region."""
    valid = recogniser.leniency >= phonenumbers.Leniency.VALID
    prefix = _plan(region).international_prefix or ""
    abroad = fewest(prefix, str.isdecimal)
    digits = min(_fewest_digits(region, valid), abroad + _fewest_from_abroad(valid))
    anything = regex.compile(ANYTHING)
    sieves: list[tuple[Marks, Any]] = [
        ({"together": digits}, anything),
        ({"together": _fewest_from_abroad(valid), "+": 1}, anything),
        ({"extension": 1}, anything),
    ]
    return Part(owner, _for_region(recogniser, region), sieves)


def _for_region(recogniser: Any, region: str) -> Any:
    if len(recogniser.supported_regions) == 1:
        return recogniser
    return PhoneRecognizer(
        context=recogniser.context,
        supported_language=recogniser.supported_language,
        supported_entity=recogniser.supported_entities[0],
        supported_regions=(region,),
        leniency=recogniser.leniency,
        name=recogniser.name,
    )


def _fewest_digits(region: str, valid: bool) -> int:
    """Return the fewest digits of a region's number, less those phonenumbers puts in front."""
    plan = _plan(region)
    lines = [getattr(plan, kind) for kind in KINDS_OF_LINE] if valid else [plan.general_desc]
    lengths = {length for line in lines if line for length in line.possible_length}
    if not valid:
        lengths |= set(plan.general_desc.possible_length_local_only)
    rule = str(regex.sub(r"\\\d", "", plan.national_prefix_transform_rule or ""))
    return int(max(min(lengths) - sum(map(str.isdigit, rule)), 2))


def _fewest_from_abroad(valid: bool) -> int:
    """Return the fewest digits of any region's number with its country code."""
    return min(
        len(str(_plan(region).country_code)) + _fewest_digits(region, valid)
        for region in phonenumbers.SUPPORTED_REGIONS
    )


def _plan(region: str) -> Any:
    return phonenumbers.PhoneMetadata.metadata_for_region(region)
