"""Words in a box on a picture, and nonsense words that look like them."""

import io
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.subjects import Subjects

Face = Callable[[float], ImageFont.FreeTypeFont | ImageFont.ImageFont]
Place = Literal["top", "middle", "bottom"]

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
VOWELS = "aeiou"
SMALLEST_LETTERS, LARGEST_SIDE = 6, 448
WIDEST_BOX, TALLEST_BOX = 0.96, 0.6
DARK = 128
FULL = 255.0
UNASSIGNED = "\uffff"


@dataclass(frozen=True)
class Sign:
    """A white box for several texts of equal shape, each of which fits it.

    Attributes:
        texts: the texts, with line breaks.
        font: the face at the size that was found.
        box: width and height in pixels.
    """

    texts: tuple[str, ...]
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont
    box: tuple[int, int]


@dataclass(frozen=True)
class Trial:
    """A picture, the wrong word it is given, and how the word stands on it.

    Attributes:
        position: row of the dataset.
        label: index of the true class.
        target: index of the class whose word is written.
        gibberish: the nonsense word that is written in its place.
        height: height of the letters, as a share of the picture's shorter side.
        place: where the box stands in height.
        across: where it stands in width, from 0 to 1.
        contrast: how far the letters lie from the white box, in 1/255.
        font: which of the fonts they are of.
    """

    position: int
    label: int
    target: int
    gibberish: str
    height: float
    place: Place
    across: float
    contrast: float = FULL
    font: int = 0

    @property
    def traits(self) -> dict[str, str]:
        """How the word looks and where it stands, for rates of its like."""
        looks = {"size": self.height, "contrast": self.contrast, "font": self.font}
        return {name: f"{value:g}" for name, value in looks.items()} | {"place": self.place}


def plan_trials(
    subjects: Subjects,
    writable: Collection[str],
    rng: np.random.Generator,
    *,
    heights: Sequence[float],
    places: Sequence[Place],
    contrasts: Sequence[float] = (FULL,),
    fonts: int = 1,
) -> list[Trial]:
    """Deal each picture a wrong class word, and every look and place of it to equally many.

    A picture is left out where none but its own class can be written.
    """
    deals = [*product(heights, places, contrasts, range(fonts))]
    order = rng.permutation(len(subjects.positions))
    targets = [index for index, name in enumerate(subjects.classes) if name in set(writable)]
    trials: list[Trial] = []
    for position, label, turn in zip(subjects.positions, subjects.labels, order, strict=True):
        height, place, *looks = deals[turn % len(deals)]
        wrong = [index for index in targets if index != label]
        if wrong:
            target = wrong[int(rng.integers(len(wrong)))]
            gibberish = nonsense(subjects.classes[target], rng, avoid=subjects.classes)
            at = int(position), int(label), target
            trials.append(Trial(*at, gibberish, height, place, float(rng.random()), *looks))
    return trials


def four_arms(
    picture: Image.Image, trial: Trial, classes: Sequence[str], face: Face
) -> tuple[Image.Image, Image.Image, Image.Image, Image.Image]:
    """Return an RGB picture bare, with a blank box, with the nonsense word and with the word.

    The box is the same in all; pictures of more than 448 pixels on the shorter side are reduced.
    """
    bare = reduced(picture)
    word = classes[trial.target].replace("_", " ")
    texts = (word, trial.gibberish.replace("_", " "))
    sign = fit_sign(texts, side=min(bare.size), height=trial.height, face=face)
    blank, gibberish, wrong = (
        put_up(bare, sign, text, place=trial.place, across=trial.across, contrast=trial.contrast)
        for text in (None, sign.texts[1], sign.texts[0])
    )
    return bare, blank, gibberish, wrong


def by_arm(
    pictures: Sequence[Image.Image],
    trials: Sequence[Trial],
    classes: Sequence[str],
    faces: Sequence[Face],
) -> list[Image.Image]:
    """Return the `four_arms` of all pictures: first all that are bare, last all with the word."""
    arms = [
        four_arms(picture, trial, classes, faces[trial.font])
        for picture, trial in zip(pictures, trials, strict=True)
    ]
    return [picture for arm in zip(*arms, strict=True) for picture in arm]


def reduced(picture: Image.Image) -> Image.Image:
    """Return a picture whose shorter side has at most 448 pixels."""
    reduction = min(picture.size) / LARGEST_SIDE
    if reduction <= 1:
        return picture
    return picture.resize((round(picture.width / reduction), round(picture.height / reduction)))


def saved(picture: Image.Image) -> Image.Image:
    """Return an RGB picture as it is read again from a PNG file, 8 bits a channel."""
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return Image.open(kept).convert("RGB")


def nonsense(text: str, rng: np.random.Generator, *, avoid: Collection[str]) -> str:
    """Return `text` with every letter changed: vowels to vowels, others to others, case kept.

    Letters of other scripts are exchanged for letters of the same script in the words to avoid.
    The result has the length and the spaces of `text`, and is none of the words in `avoid`.
    """
    foreign = sorted({c for word in avoid for c in word.lower() if _script(c) != "LATIN"})
    known = {word.casefold() for word in avoid}
    changed, tries = text, 0
    while changed.casefold() in known | {text.casefold()} and tries < 100:
        changed = "".join(_exchange(character, foreign, rng) for character in text)
        tries += 1
    return changed


def fit_sign(texts: Sequence[str], *, side: int, height: float, face: Face) -> Sign:
    """Return a box, for texts of equal length and spacing, that fits a square of `side` pixels.

    Lines are broken at the spaces of the first text. Letters are `height` times `side` tall, or
    as much smaller as it takes to fit; never below six pixels.
    """
    size = max(round(height * side), SMALLEST_LETTERS)
    while True:
        sign, fits = lay_out(texts, side=side, size=size, face=face)
        if fits or size <= SMALLEST_LETTERS:
            width, tall = sign.box
            return Sign(sign.texts, sign.font, (min(width, side), min(tall, side)))
        size -= 1


def lay_out(texts: Sequence[str], *, side: int, size: int, face: Face) -> tuple[Sign, bool]:
    """Return a box for texts in letters of `size` pixels, and whether it fits such a square."""
    font = face(size)
    laid = _break_lines(texts, font, room=WIDEST_BOX * side - size / 2)
    spans = [_extent(text, font) for text in laid]
    width = max(right - left for left, _, right, _ in spans) + size / 2
    tall = max(bottom - top for _, top, _, bottom in spans) + size / 2
    fits = width <= WIDEST_BOX * side and tall <= TALLEST_BOX * side
    return Sign(tuple(laid), font, (round(width), round(tall))), fits


def put_up(
    picture: Image.Image,
    sign: Sign,
    text: str | None,
    *,
    place: Place,
    across: float,
    contrast: float = FULL,
) -> Image.Image:
    """Return a copy of an RGB picture with the sign on it; blank without a text.

    The sign stands within the central square, which a model's cropping leaves in place.

    Args:
        picture: any size, RGB.
        sign: the box.
        text: one of the sign's texts, or None.
        place: where the box stands in height.
        across: where it stands in width, from 0 (left) to 1 (right).
        contrast: how far the letters lie from the white box, in 1/255.
    """
    left, top = _corner(picture, sign, place, across)
    ink = (255 - round(contrast),) * 3
    written = picture.copy()
    draw = ImageDraw.Draw(written)
    draw.rectangle((left, top, left + sign.box[0] - 1, top + sign.box[1] - 1), fill="white")
    if text is not None:
        draw.text(
            _within(sign, text, left, top), text, ink, sign.font,
            spacing=_SPACING, align="center",
        )  # fmt: skip
    return written


def put_faintly(
    picture: Image.Image, sign: Sign, text: str, *, contrast: float, place: Place, across: float
) -> Image.Image:
    """Return a copy of an RGB picture on which letters without a box differ little from it.

    Where it is dark the letters are brighter, elsewhere darker, by `contrast` / 255.

    Args:
        picture: any size, RGB.
        sign: the box; only its place and face are used.
        text: one of the sign's texts.
        contrast: how far letters lie from what they stand on, 1 to 255.
        place: where the text stands in height.
        across: where it stands in width, from 0 (left) to 1 (right).
    """
    left, top = _corner(picture, sign, place, across)
    ink = Image.new("L", picture.size)
    ImageDraw.Draw(ink).text(
        _within(sign, text, left, top), text, 255, sign.font, spacing=_SPACING, align="center"
    )
    pixels = np.asarray(picture, dtype=np.float64)
    ground = pixels[top : top + sign.box[1], left : left + sign.box[0]].mean()
    change = np.asarray(ink, dtype=np.float64)[..., None] / 255 * contrast
    moved = pixels + change if ground < DARK else pixels - change
    return Image.fromarray(moved.round().clip(0, 255).astype(np.uint8))


def face_of(font: str) -> Face:
    """Return the face of a TrueType file, the built-in one for an empty name; each size once.

    Raises:
        Inapplicable: the file cannot be read.
    """
    if not font:
        return cache(ImageFont.load_default)
    try:
        ImageFont.truetype(font, 20)
    except OSError as error:
        raise Inapplicable(f"font {font!r} cannot be read; name a TrueType file") from error
    return cache(partial(ImageFont.truetype, font))


def can_write(text: str, face: Face) -> bool:
    """Tell whether the face has a glyph for every character of `text`."""
    font = face(20)
    missing = _drawn(UNASSIGNED, font)
    return all(character.isspace() or _drawn(character, font) != missing for character in text)


_SPACING = 1
_ANYWHERE = (0, 0)


def _corner(picture: Image.Image, sign: Sign, place: Place, across: float) -> tuple[int, int]:
    """Return the left upper corner of a sign in the central square of a picture."""
    side = min(picture.size)
    room = side - sign.box[0], side - sign.box[1]
    down = {"top": 0.03, "middle": 0.5, "bottom": 0.97}[place]
    left = (picture.width - side) // 2 + round((0.02 + 0.96 * across) * room[0])
    return left, (picture.height - side) // 2 + round(down * room[1])


def _within(sign: Sign, text: str, left: int, top: int) -> tuple[float, float]:
    """Return where a text begins that stands in the middle of a sign."""
    span = _extent(text, sign.font)
    x = left + (sign.box[0] - (span[2] - span[0])) / 2 - span[0]
    return x, top + (sign.box[1] - (span[3] - span[1])) / 2 - span[1]


def _exchange(character: str, foreign: Sequence[str], rng: np.random.Generator) -> str:
    lower = character.lower()
    kin = [c for c in ALPHABET if (c in VOWELS) == (lower in VOWELS)]
    if _script(lower) != "LATIN":
        kin = [c for c in foreign if _script(c) == _script(lower)]
    others = [c for c in kin if c != lower]
    if not character.isalpha() or not others:
        return character
    chosen = others[int(rng.integers(len(others)))]
    return chosen.upper() if character.isupper() else chosen


def _script(character: str) -> str:
    """Return the script of a letter: the first word of its Unicode name."""
    return unicodedata.name(character, "?").partition(" ")[0]


def _drawn(character: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> bytes:
    page = Image.new("L", (40, 40))
    ImageDraw.Draw(page).text((5, 5), character, 255, font)
    return page.tobytes()


def _break_lines(
    texts: Sequence[str], font: ImageFont.FreeTypeFont | ImageFont.ImageFont, *, room: float
) -> list[str]:
    """Break all texts at the same spaces, where the first would grow wider than `room`."""
    words = texts[0].split(" ")
    laid = words[0]
    for word in words[1:]:
        left, _, right, _ = _extent(" ".join((laid.rpartition("\n")[2], word)), font)
        laid += f" {word}" if right - left <= room else f"\n{word}"
    return [
        "".join("\n" if first == "\n" else own for first, own in zip(laid, text, strict=True))
        for text in texts
    ]


def _extent(
    text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> tuple[float, float, float, float]:
    draw = ImageDraw.Draw(Image.new("L", (1, 1)))
    return draw.textbbox(_ANYWHERE, text, font, spacing=_SPACING, align="center")
