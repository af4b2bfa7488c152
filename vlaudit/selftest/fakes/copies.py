"""Scenes of which some are shown again, as copies do and as innocent look-alikes do."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from vlaudit.core.dataset import Role
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset

SIDE = 80
THINGS = ("thing0", "thing1", "thing2", "thing3")
NOUNS = ("kettle", "lamp", "chair", "bicycle", "window", "garden", "bridge", "basket")


def build(
    *,
    rows: int = 200,
    planted: Mapping[str, int] | None = None,
    series: int = 0,
    captions_each: int = 1,
    one_caption: int = 0,
    one_picture: int = 0,
    templates: bool = False,
    splits: bool = False,
    within: bool = False,
    accuracy: float | None = None,
    known: int = 0,
    seed: int = 0,
) -> tuple[Seer, MemoryDataset]:
    """Return a model that names a label, and `rows` scenes unlike each other but for what is told.

    Args:
        rows: number of rows without those of `captions_each`.
        planted: how many rows copy another one, by way: exact, jpeg, smaller, brighter, moved,
            cropped, grey.
        series: rows that show one product in other colours or with other labels, in one studio.
        captions_each: rows of each picture, with a caption each.
        one_caption: rows that share one caption, though they show other things.
        one_picture: rows that show one picture, with other captions.
        templates: whether captions are made from eight nouns only.
        splits: whether the first three quarters are for training, and copies stand in the rest.
        within: whether copies stand among the rows for training instead.
        accuracy: share of the rows that the model names right; without it there are no labels.
        known: number of copies that it names right whatever its accuracy.
        seed: seed of the draws.
    """
    rng = np.random.default_rng(seed)
    pictures = [scene(rng) for _ in range(rows)]
    nouns = [str(rng.choice(NOUNS)) for _ in range(rows)]
    said = [f"a {noun}" if templates else f"{noun} number {row}" for row, noun in enumerate(nouns)]
    labels = [row % len(THINGS) for row in range(rows)]
    fresh = iter(range((rows * 3 // 4 if within else rows) - 1, -1, -1))
    for way, count in (planted or {}).items():
        for original in range(count):
            row = next(fresh)
            pictures[row] = copied(pictures[original], way, rng)
            labels[row] = labels[original]
            if accuracy is not None:
                for shown in (row, original):
                    _sign(pictures[shown], labels[shown], right=original < known)
    for turn in range(series):
        pictures[turn * rows // series] = product(turn)
    for _ in range(one_caption):
        said[next(fresh)] = "best deal of the year"
    shared = scene(rng)
    for _ in range(one_picture):
        pictures[next(fresh)] = shared
    values: dict[Role, Sequence[str | None]] = {
        Role.ID: [f"row-{row}" for row in range(rows * captions_each)],
        Role.CAPTION: [f"{text}, {turn}" if turn else text for text in said
                       for turn in range(captions_each)],
    }  # fmt: skip
    if splits:
        values[Role.SPLIT] = ["train" if row < rows * 3 // 4 else "test" for row in range(rows)]
    if accuracy is not None:
        values[Role.LABEL] = [THINGS[label] for label in labels]
        for row in range(next(fresh), -1, -1):
            if row >= sum((planted or {}).values()):
                turn = row // len(THINGS)
                right = int((turn + 1) * accuracy) > int(turn * accuracy)
                _sign(pictures[row], labels[row], right=right)
    rows_shown = [picture for picture in pictures for _ in range(captions_each)]
    names = [*THINGS, *(str(level) for level in range(len(THINGS), 256))]
    return Seer(names), MemoryDataset(rows_shown, values, name="copies")


def _sign(picture: Image.Image, label: int, *, right: bool) -> None:
    """Write the answer that the model is to give into the first pixel."""
    answer = label if right else (label + 1) % len(THINGS)
    picture.putpixel((0, 0), (answer, 0, 0))


def scene(rng: np.random.Generator) -> Image.Image:
    """Draw a few shapes on uneven ground."""
    coarse = Image.fromarray(rng.integers(0, 256, (5, 5, 3), dtype=np.uint8))
    picture = coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for _ in range(5):
        left, top = (int(edge) for edge in rng.integers(-10, SIDE - 10, 2))
        wide, tall = (int(length) for length in rng.integers(12, 40, 2))
        ink = tuple(int(level) for level in rng.integers(0, 256, 3))
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((left, top, left + wide, top + tall), fill=ink)
    return picture


def product(turn: int) -> Image.Image:
    """Draw a bottle on white in one of six colours, with one of several labels."""
    colours = [(30, 110, 60), (150, 30, 40), (40, 60, 150), (210, 170, 40), (90, 60, 40), (20,) * 3]
    picture = Image.new("RGB", (SIDE, SIDE), (244, 244, 242))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((26, 26, 54, 74), 6, fill=colours[turn % 6])
    draw.rectangle((35, 8, 45, 28), fill=colours[turn % 6])
    draw.rectangle((28, 40, 52, 60), fill=(250, 246, 230))
    mark = np.random.default_rng(turn // 6).integers(0, 2, (5, 5))
    for y, x in np.argwhere(mark):
        draw.rectangle((30 + 4 * x, 40 + 4 * y, 33 + 4 * x, 43 + 4 * y), fill=(20, 20, 20))
    return picture


def copied(picture: Image.Image, way: str, rng: np.random.Generator) -> Image.Image:
    """Return a copy of a picture, changed as copies on the web are."""
    wide, tall = picture.size
    match way:
        case "exact":
            return picture.copy()
        case "jpeg":
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=40)
            return Image.open(buffer).convert("RGB")
        case "smaller":
            return picture.resize((wide * 3 // 5, tall * 3 // 5), Image.Resampling.BICUBIC)
        case "brighter":
            return ImageEnhance.Brightness(picture).enhance(float(rng.uniform(0.85, 1.15)))
        case "moved":
            return Image.fromarray(np.roll(np.asarray(picture), (2, -2), axis=(0, 1)))
        case "cropped":
            edge = 0.03
            box = (edge * wide, edge * tall, (1 - edge) * wide, (1 - edge) * tall)
            return picture.resize((wide, tall), Image.Resampling.BICUBIC, box=box)
        case "grey":
            return picture.convert("L").convert("RGB")
        case _:
            raise ValueError(f"no way of copying is called {way!r}")
