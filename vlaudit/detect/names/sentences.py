"""Writes labelled sentences for the name recogniser: filled templates and rewritten prose."""

import random
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vlaudit.detect.names import templates
from vlaudit.detect.names.people import People

LABELS = {
    "person": "PERSON", "given": "PERSON", "surname": "PERSON", "place": "LOCATION",
    "street": "LOCATION", "org": "ORGANIZATION", "brand": "ORGANIZATION", "school": "ORGANIZATION",
}  # fmt: skip
SKIN = ("light", "medium-light", "medium", "medium-dark", "dark")
# A noun phrase that ends here, so that a name can stand in its place.
FOLLOWED_BY = (
    "is|are|was|has|can|will|should|must|of|in|to|and|or|with|for|from|by|on|at|as|that|when"
)
NOUN_PHRASE = re.compile(
    r"(?P<before>\b[a-z]+ )?"
    r"\b(?:[Tt]he|[Aa]n?|[Tt]his|[Yy]our|[Ii]ts|[Ee]ach|[Yy]ou|[Ii]t|[Uu]sers)"
    rf"(?: [a-z]+)?(?= (?:{FOLLOWED_BY})\b|[,.?!])"
)
WHERE = {"in ", "at ", "from ", "near ", "to ", "on "}
FRAMES = (
    "{person}: {prose}", "{prose} - {person}", "{prose} {person}", "{given}, {lower}",
    "{given}! {prose}", "{lower} with {person}", "{lower} by {person}", "{person} {lower}",
    "{prose} said {person}", "{given} and {given}: {prose}", "{place}: {prose}", "{brand} {lower}",
    "{org} {lower}", "{word}, {lower}", "{word}! {prose}", "{lower} {word}", "{word} {lower}",
    "{adj}: {prose}", "{title_word}, {lower}", "{colour} {lower}", "{prose} {title_word}",
)  # fmt: skip
Span = tuple[int, int, str]


@dataclass(frozen=True)
class Sentence:
    """A text and the character spans of the names in it."""

    text: str
    spans: tuple[Span, ...]


def _no_spans() -> list[Span]:
    return []


@dataclass
class _Draft:
    """A sentence while it is being written."""

    text: str = ""
    spans: list[Span] = field(default_factory=_no_spans)

    def add(self, text: str, label: str | None = None) -> None:
        if label:
            self.spans.append((len(self.text), len(self.text) + len(text), label))
        self.text += text


@dataclass(frozen=True)
class Author:
    """Writes sentences from words, prose and people with a seeded generator.

    Every tenth template belongs to the held-out author only.
    """

    words: Mapping[str, Sequence[str]]
    prose: Sequence[str]
    foreign: Sequence[str]
    people: People
    rng: random.Random
    holdout: bool = False

    def sentences(self, count: int) -> Iterator[Sentence]:
        """Write `count` sentences: half from templates, half from prose, some foreign."""
        blocks = {key: self._mine(block) for key, block in templates.BLOCKS.items()}
        for _ in range(count):
            kind = self.rng.random()
            if kind < 0.04:
                draft = _Draft(self.rng.choice(self.foreign))
            elif kind < 0.52:
                key = (self.rng.choice(["captions", "prose"]), self.rng.random() < 0.45)
                draft = self._filled(self.rng.choice(blocks[key]))
            else:
                draft = self._rewritten(self.rng.choice(self.prose))
            yield self._dressed(draft)

    def _mine(self, block: str) -> list[str]:
        every = block.strip().splitlines()
        return [t for i, t in enumerate(every) if (i % 10 == 9) == self.holdout]

    def _filled(self, template: str, prose: str = "") -> _Draft:
        draft = _Draft()
        for literal, slot, _, _ in string.Formatter().parse(template):
            draft.add(literal.replace("⏎", "\n"))
            if slot == "formal":
                draft.add(self.rng.choice(self.words["title"]) + " ")
                slot = self.rng.choice(["person", "surname"])
            if slot in ("prose", "lower"):
                draft.add(prose[: slot == "prose"] + prose[slot == "prose" :].lower())
            elif slot:
                draft.add(self._word(slot), LABELS.get(slot))
        return draft

    def _rewritten(self, sentence: str) -> _Draft:
        """Cut a piece out, put names where noun phrases stood, or frame it."""
        kind = self.rng.random()
        if kind < 0.25:
            words = sentence.rstrip(".?!").split()
            start = self.rng.randrange(len(words))
            return _Draft(" ".join(words[start : start + self.rng.randint(1, 7)]))
        if kind < 0.4:
            return _Draft(sentence)
        if kind < 0.6:
            return self._filled(self.rng.choice(FRAMES), sentence)
        return self._peopled(sentence)

    def _peopled(self, sentence: str) -> _Draft:
        draft, done = _Draft(), 0
        for phrase in NOUN_PHRASE.finditer(sentence):
            if self.rng.random() < 0.4:
                continue
            before = phrase["before"] or ""
            draft.add(sentence[done : phrase.start()] + before)
            slots = ["place", "street", "school"] if before in WHERE else ["org", "brand"]
            slots = slots if self.rng.random() < 0.3 else ["person", "given", "given", "surname"]
            slot = self.rng.choice(slots)
            draft.add(self._word(slot), LABELS[slot])
            if slot == "given" and self.rng.random() < 0.2:
                draft.add(self.rng.choice([", ", " and ", " & "]))
                draft.add(self._word(slot), LABELS[slot])
            done = phrase.end()
        draft.add(sentence[done:])
        return draft

    def _word(self, slot: str) -> str:
        if slot[0].isupper():
            return self._word(slot.lower()).capitalize()
        makers: dict[str, Callable[[], str]] = {
            "person": self.people.full,
            "given": self.people.given,
            "surname": self.people.surname,
            "org": self.people.company,
            "street": self.people.place_named_after,
            "school": self.people.house_named_after,
            "number": lambda: str(self.rng.randrange(10 ** self.rng.randint(1, 7))),
            "year": lambda: str(self.rng.randint(1850, 2030)),
            "code": self._code,
            "skin": lambda: self.rng.choice(SKIN),
            "title_word": lambda: self.rng.choice(self.words["english"]).capitalize(),
        }
        rarer: dict[str, Callable[[], str]] = {
            "place": self.people.city,
            "brand": lambda: self.people.make(self.rng.choice(self.words["english"])),
        }
        plain = {"noun", "thing", "adj", "word", "doing"}
        rarer |= dict.fromkeys(plain, lambda: self.rng.choice(self.words["english"]))
        if slot in plain and self.rng.random() < 0.03:
            return self._misspelt()
        if slot in rarer and self.rng.random() < 0.35:
            return rarer[slot]()
        return makers[slot]() if slot in makers else self.rng.choice(self.words[slot])

    def _misspelt(self) -> str:
        word = self.rng.choice(self.words["english"])
        cut = self.rng.randrange(1, len(word))
        return self.rng.choice([word[:cut] + word[cut - 1 :], word[:cut] + word[cut + 1 :]])

    def _code(self) -> str:
        letters = "".join(self.rng.choices(string.ascii_uppercase, k=self.rng.randint(1, 4)))
        return f"{letters}{self.rng.choice(['', '-'])}{self.rng.randint(1, 99999)}"

    def _dressed(self, draft: _Draft) -> Sentence:
        """Vary capitals and the last sign, and keep the offsets right."""
        text, style = draft.text, self.rng.random()
        if style < 0.12:
            text = _same_length(text, str.lower)
        elif style < 0.16:
            text = _same_length(text, str.upper)
        elif style < 0.30:
            text = _same_length(text, _title)
        elif style < 0.65:
            text = _same_length(text[:1], str.upper) + text[1:]
        if self.rng.random() < 0.25 and text[-1:].isalnum():
            text += self.rng.choice([".", "!", " ", "..."])
        return Sentence(text, tuple(draft.spans))


def _title(text: str) -> str:
    return re.sub(r"(?:^|(?<=[ (/-]))[a-z]", lambda letter: letter[0].upper(), text)


def _same_length(text: str, change: Callable[[str], str]) -> str:
    changed = change(text)
    return changed if len(changed) == len(text) else text
