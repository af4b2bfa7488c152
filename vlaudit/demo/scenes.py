"""Draws the reference pictures: one emoji on a background, at some scale and place."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vlaudit.core.errors import InputError

SIZE = 64
FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
NAMES = Path("/usr/share/unicode/emoji/emoji-test.txt")
SKIN_TONES = ("light", "medium-light", "medium", "medium-dark", "dark")
GENDERS = ("woman", "man")
PEOPLE = r"\b(?:(?:wo)?m[ae]n|person|people|family|couple|kiss)\b"

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Subject:
    """Something that can be drawn; people have a gender and a skin tone, most of them a role.

    Attributes:
        glyph: the characters that the font draws.
        name: its public Unicode name.
        what: the noun or the activity: "firefighter", "running", "red hair", "red apple".
    """

    glyph: str
    name: str
    what: str
    gender: str | None = None
    skin_tone: str | None = None
    has_role: bool = False

    @property
    def is_person(self) -> bool:
        """Tell whether it has a gender and a skin tone."""
        return self.gender is not None


@dataclass(frozen=True)
class Cast:
    """All that the font can draw: people with a role, people with a look, other things."""

    workers: tuple[Subject, ...]
    looks: tuple[Subject, ...]
    things: tuple[Subject, ...]


def read_cast(names: Path = NAMES) -> Cast:
    """Return the subjects of Unicode's list of emoji.

    Raises:
        InputError: the list is not installed.
    """
    _require(names, "Unicode's list of emoji names", "unicode-data")
    pattern = re.compile(r"^([0-9A-F ]+?) *; fully-qualified +# \S+ E\d+\.\d+ (.+)$", re.MULTILINE)
    glyphs = {
        match[2]: "".join(chr(int(code, 16)) for code in match[1].split())
        for match in pattern.finditer(names.read_text("utf-8"))
    }
    tones = "|".join(SKIN_TONES)
    acting = re.compile(rf"^(woman|man) (.+): ({tones}) skin tone$")
    looking = re.compile(rf"^(woman|man): ({tones}) skin tone(?:, (.+))?$")
    workers: list[Subject] = []
    looks: list[Subject] = []
    things: list[Subject] = []
    for name, glyph in glyphs.items():
        if match := acting.match(name):
            gender, what, tone = match.groups()
            if all(f"{other} {what}: {tone} skin tone" in glyphs for other in GENDERS):
                workers.append(Subject(glyph, name, what, gender, tone, has_role=True))
        elif match := looking.match(name):
            gender, tone, look = match.groups()
            looks.append(Subject(glyph, name, look or "dark hair", gender, tone))
        elif (
            not re.search(rf"skin tone|keycap|{PEOPLE}", name)
            and f"{name}: dark skin tone" not in glyphs
        ):
            things.append(Subject(glyph, name, name.replace("flag: ", "flag of ")))
    return Cast(tuple(workers), tuple(looks), tuple(things))


@dataclass(frozen=True)
class Style:
    """How pictures of one split look.

    Attributes:
        backgrounds: kinds to choose from.
        scale: least and greatest size of the subject, as a fraction of the picture.
        overhang: how far, in pixels, the subject may reach beyond the frame.
    """

    backgrounds: tuple[str, ...]
    scale: tuple[float, float]
    overhang: int


TRAINING = Style(
    ("plain", "halves", "gradient", "noise", "stripes", "dots", "grid", "zigzag"), (0.56, 1.0), 3
)
UNSEEN = Style(("checks", "rings", "diagonals", "clouds"), (0.6, 0.95), 2)


class Studio:
    """Draws subjects with the colour font, each glyph once."""

    def __init__(self, font: Path = FONT) -> None:
        """Take the font that draws the glyphs.

        Raises:
            InputError: the font is not installed, or Pillow cannot shape its sequences.
        """
        _require(font, "the font Noto Color Emoji", "fonts-noto-color-emoji")
        self._path = font
        self._sprites: dict[str, Image.Image] = {}

    @cached_property
    def _font(self) -> ImageFont.FreeTypeFont:
        # 109 is the only size of this bitmap font; raqm joins the sequences into one glyph.
        return ImageFont.truetype(self._path, 109, layout_engine=ImageFont.Layout.RAQM)

    def sprite(self, subject: Subject) -> Image.Image:
        """Return the subject alone, RGBA, cropped to what is not transparent."""
        if subject.glyph not in self._sprites:
            canvas = Image.new("RGBA", (144, 136))
            draw = ImageDraw.Draw(canvas)
            draw.text((4, 4), subject.glyph, font=self._font, embedded_color=True)
            self._sprites[subject.glyph] = canvas.crop(canvas.getbbox())
        return self._sprites[subject.glyph]

    def draw(
        self, subject: Subject | None, style: Style, rng: np.random.Generator, *, size: int = SIZE
    ) -> Image.Image:
        """Return an RGB picture of `size` pixels; of the background alone without a subject."""
        picture = background(str(rng.choice(style.backgrounds)), rng, size=size)
        if subject is not None:
            sprite = self.sprite(subject)
            scale = rng.uniform(*style.scale) * size / max(sprite.size)
            width, height = (max(8, round(side * scale)) for side in sprite.size)
            sprite = sprite.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2)
            over = style.overhang
            left = int(rng.integers(-over, max(size - width + over, 1 - over)))
            top = int(rng.integers(-over, max(size - height + over, 1 - over)))
            picture.paste(sprite, (left, top), sprite)
        return picture


def background(kind: str, rng: np.random.Generator, *, size: int = SIZE) -> Image.Image:
    """Return a picture that mixes two random colours by the pattern `kind`."""
    down, right = np.mgrid[0:size, 0:size].astype(np.float32) / size
    share = PATTERNS[kind](right, down, rng)[..., None]
    first, second = rng.integers(30, 256, size=(2, 3)).astype(np.float32)
    share = 0.5 + (share - 0.5) * rng.uniform(0.4, 1.0)
    mixed = first * share + second * (1 - share)
    return Image.fromarray(mixed.round().clip(0, 255).astype(np.uint8))


def _slope(right: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    """Return a plane that rises in a random direction, centred on 0."""
    angle = rng.uniform(0, 2 * np.pi)
    slope = (right - 0.5) * np.cos(angle) + (down - 0.5) * np.sin(angle)
    return np.asarray(slope, dtype=np.float32)


def _waves(phase: NDArray[np.floating], rng: np.random.Generator) -> Plane:
    crests = np.sin(phase * rng.uniform(20, 45) + rng.uniform(0, 6)) > 0
    return np.asarray(crests, dtype=np.float32)


def _clouds(right: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    coarse = Image.fromarray(rng.random((5, 5), dtype=np.float32))
    return np.asarray(coarse.resize(right.shape, Image.Resampling.BICUBIC), dtype=np.float32)


def _checks(right: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    cells = rng.integers(3, 8)
    field = (right * cells).astype(int) + (down * cells).astype(int)
    return np.asarray(field % 2, dtype=np.float32)


def _dots(right: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    count = rng.integers(3, 9)
    return np.asarray(np.hypot(right * count % 1 - 0.5, down * count % 1 - 0.5) < 0.3, np.float32)


def _grid(right: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    count = rng.integers(3, 9)
    return np.asarray(np.maximum(right * count % 1, down * count % 1) < 0.75, dtype=np.float32)


PATTERNS: Mapping[str, Callable[[Plane, Plane, np.random.Generator], Plane]] = {
    "plain": lambda right, down, rng: np.ones_like(right),
    "halves": lambda right, down, rng: (_slope(right, down, rng) > 0).astype(np.float32),
    "gradient": lambda right, down, rng: _slope(right, down, rng) * 0.9 + 0.5,
    "noise": lambda right, down, rng: rng.random(right.shape, dtype=np.float32) * 0.4,
    "stripes": lambda right, down, rng: _waves(right if rng.random() < 0.5 else down, rng),
    "dots": _dots,
    "grid": _grid,
    "zigzag": lambda right, down, rng: _waves(right + np.abs(down * 4 % 1 - 0.5) / 3, rng),
    "checks": _checks,
    "rings": lambda right, down, rng: _waves(np.hypot(right - 0.5, down - 0.5), rng),
    "diagonals": lambda right, down, rng: _waves(right + down, rng),
    "clouds": _clouds,
}


def _require(path: Path, what: str, package: str) -> None:
    if not path.is_file():
        raise InputError(f"{path}: {what} is not installed; apt-get install {package}")
