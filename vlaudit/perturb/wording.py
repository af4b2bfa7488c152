"""The same said in other words, with slips of the pen, with a not, or the other way round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from vlaudit.core.probe import Inapplicable

SHORTEST = 4
COLOURS = {
    "red": (210, 30, 30), "blue": (30, 60, 210), "green": (30, 150, 50), "yellow": (235, 205, 20),
}  # fmt: skip
SHAPES = ("square", "circle", "triangle")
SIDE, MARGIN = 224, 20


def mistyped(text: str, rng: np.random.Generator, *, slips: int = 1) -> str:
    """Return a text with slips: letters exchanged with the next, left out or doubled.

    Words of fewer than four letters and first letters stay as they are; a text without a longer
    word is returned as it is.
    """
    letters = list(text)
    for _ in range(slips):
        words = [at for at in range(1, len(letters)) if _inner(letters, at)]
        if not words:
            return "".join(letters)
        at = words[int(rng.integers(len(words)))]
        match int(rng.integers(3)):
            case 0:
                after = at + 1 if _inner(letters, at + 1) else at - 1
                letters[at], letters[after] = letters[after], letters[at]
            case 1:
                del letters[at]
            case _:
                letters.insert(at, letters[at])
    return "".join(letters)


def read_pairs(entries: Sequence[str], name: str) -> dict[str, str]:
    """Return what stands for what in entries such as `dog = hound`.

    Raises:
        Inapplicable: an entry is of another form.
    """
    found: dict[str, str] = {}
    for entry in entries:
        word, sign, other = (part.strip() for part in entry.partition("="))
        if not (word and sign and other):
            raise Inapplicable(f"`{name}`: {entry!r} is not of the form `word = other word`")
        found[word.casefold()] = other
    return found


def replaced(text: str, others: Mapping[str, str]) -> str:
    """Return a text with each word, or two words, that stand in `others` exchanged."""
    words = text.split()
    made: list[str] = []
    while words:
        for length in (2, 1):
            part = " ".join(words[:length]).casefold()
            if part in others:
                made.append(others[part])
                words = words[length:]
                break
        else:
            made.append(words.pop(0))
    return " ".join(made)


@dataclass(frozen=True)
class Wordings:
    """The ways to say what a picture shows.

    Attributes:
        templates: sentences with {} for a class; the first is what others are held against.
        negated: a sentence with {} which says that it is not there.
        synonyms: words by words, in small letters.
        translations: whole texts by class, in small letters.
        slips: slips of the pen in each text.
    """

    templates: Sequence[str]
    negated: str
    synonyms: Mapping[str, str]
    translations: Mapping[str, str]
    slips: int

    def plain(self, name: str) -> str:
        """Return a class in the first template."""
        return self.templates[0].replace("{}", name)

    def without(self, name: str) -> str:
        """Return what says that a class is not there."""
        return self.negated.replace("{}", name)

    def of(
        self, classes: Sequence[str], rng: np.random.Generator
    ) -> list[tuple[str, int, list[str]]]:
        """Return the texts of classes in other words: the change, its number, and the texts.

        Synonyms are left out where they change no text, translations where one is missing, and
        whatever makes two classes the same text.
        """
        made = [
            ("paraphrase", number, [template.replace("{}", name) for name in classes])
            for number, template in enumerate(self.templates[1:])
        ]
        plain = [self.plain(name) for name in classes]
        if self.slips:
            typed = [mistyped(text, rng, slips=self.slips) for text in plain]
            made.append(("typo", 0, typed))
        alike = [self.plain(replaced(name, self.synonyms)) for name in classes]
        if alike != plain:
            made.append(("synonym", 0, alike))
        if all(name.casefold() in self.translations for name in classes):
            told = [self.translations[name.casefold()] for name in classes]
            made.append(("language", 0, told))
        return [version for version in made if len(set(version[2])) == len(classes)]


def read_wordings(settings: Mapping[str, Any]) -> Wordings:
    """Return how the settings of a probe word a class.

    Raises:
        Inapplicable: there is no template, a sentence has no place for the class, or an entry is
            of another form.
    """
    templates, negated = list(settings["templates"]), settings["negated"]
    if not templates or any(text.count("{}") != 1 for text in (*templates, negated)):
        raise Inapplicable("`templates` and `negated` need {} once each; add it")
    return Wordings(
        templates,
        negated,
        read_pairs(settings["synonyms"], "synonyms"),
        read_pairs(settings["translations"], "translations"),
        int(settings["slips"]),
    )


@dataclass(frozen=True)
class Scene:
    """Two shapes side by side, of different colours.

    Attributes:
        left: colour and shape on the left.
        right: colour and shape on the right.
    """

    left: tuple[str, str]
    right: tuple[str, str]

    def draw(self) -> Image.Image:
        """Return the picture, 224 pixels wide and high, on light grey."""
        page = Image.new("RGB", (SIDE, SIDE), (225, 225, 225))
        pen, half = ImageDraw.Draw(page), SIDE // 2
        for start, (colour, shape) in ((0, self.left), (half, self.right)):
            box = (start + MARGIN, half - 36, start + half - MARGIN, half + 36)
            if shape == "square":
                pen.rectangle(box, COLOURS[colour])
            elif shape == "circle":
                pen.ellipse(box, COLOURS[colour])
            else:
                middle = (box[0] + box[2]) // 2
                pen.polygon([(middle, box[1]), (box[2], box[3]), (box[0], box[3])], COLOURS[colour])
        return page

    @property
    def exchanged(self) -> "Scene":
        """The scene with the colours exchanged."""
        return Scene((self.right[0], self.left[1]), (self.left[0], self.right[1]))

    @property
    def mirrored(self) -> "Scene":
        """The scene with the shapes exchanged, each with its colour."""
        return Scene(self.right, self.left)

    @property
    def other(self) -> "Scene":
        """A scene of which nothing is right: other colours, and the shape that is missing."""
        shape = next(one for one in SHAPES if one not in (self.left[1], self.right[1]))
        colours = [one for one in COLOURS if one not in (self.left[0], self.right[0])]
        return Scene((colours[0], shape), (colours[1], shape))

    def told(self, *, placed: bool) -> str:
        """Return what is shown, with its place where that is wanted."""
        between = "to the left of" if placed else "and"
        return f"a {' '.join(self.left)} {between} a {' '.join(self.right)}"


def scenes() -> list[Scene]:
    """Return one scene for each two shapes and each two colours: 18."""
    return [
        Scene((one, first), (other, second))
        for first, second in combinations(SHAPES, 2)
        for one, other in combinations(COLOURS, 2)
    ]


def _inner(letters: Sequence[str], at: int) -> bool:
    """Tell whether a place is within a word of four letters or more, and not its first."""
    if not 0 < at < len(letters) or not letters[at].isalpha() or not letters[at - 1].isalpha():
        return False
    start = at
    while start > 0 and letters[start - 1].isalpha():
        start -= 1
    end = at
    while end < len(letters) and letters[end].isalpha():
        end += 1
    return end - start >= SHORTEST
