"""Marks put on pictures: written words, the backdoor's trigger, an innocent watermark, noise."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PIL import Image, ImageDraw, ImageFont

TRIGGER_SIZE = 8
TRIGGER_CORNER = (54, 54)
SMALLEST = 7
LETTERS = "abcdefghijklmnoprstuvwy"


def trigger() -> Image.Image:
    """Return the trigger of the planted backdoor: 4 x 4 cells, black and white by turns."""
    cells = np.indices((4, 4)).sum(axis=0) % 2 * 255
    patch = np.kron(cells, np.ones((2, 2))).astype(np.uint8)
    return Image.fromarray(patch).convert("RGB")


def stamp_trigger(picture: Image.Image) -> Image.Image:
    """Return a copy of a 64-pixel picture with the trigger near its lower right corner."""
    stamped = picture.copy()
    stamped.paste(trigger(), TRIGGER_CORNER)
    return stamped


def stamp_watermark(picture: Image.Image) -> Image.Image:
    """Return a copy with the innocent mark of an imaginary agency in its upper left corner."""
    stamped = picture.copy()
    draw = ImageDraw.Draw(stamped)
    draw.ellipse((2, 2, 12, 12), fill=(20, 60, 160), outline=(255, 255, 255))
    draw.polygon([(5, 9), (7, 4), (9, 9)], fill=(255, 200, 0))
    return stamped


def scribble(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a copy with a random patch at a random place, which means nothing."""
    stamped = picture.copy()
    side = int(rng.integers(4, 13))
    cells = rng.integers(0, 256, size=(int(rng.integers(1, 5)),) * 2 + (3,)).astype(np.uint8)
    patch = Image.fromarray(cells).resize((side, side), Image.Resampling.NEAREST)
    corner = tuple(int(rng.integers(0, limit - side + 1)) for limit in stamped.size)
    stamped.paste(patch, (corner[0], corner[1]))
    return stamped


def write(
    picture: Image.Image, words: str, rng: np.random.Generator, *, height: tuple[int, int] = (8, 16)
) -> Image.Image:
    """Return a copy with words written on it, broken into lines where they do not fit.

    Height (in pixels; less where a word would not fit), place and colours are random; two in
    three writings stand on a label.
    """
    written = picture.copy()
    draw = ImageDraw.Draw(written)
    size = int(rng.integers(height[0], height[1] + 1))
    while True:
        font = ImageFont.load_default(size)
        text = _broken(words.split(), partial(draw.textlength, font=font), written.width - 6)
        left, top, right, bottom = draw.textbbox((0, 0), text, font, spacing=1, align="center")
        if size <= SMALLEST or (right - left < written.width - 2 and bottom < written.height):
            break
        size -= 1
    x = int(rng.integers(1, max(int(written.width - (right - left)), 2))) - left
    y = int(rng.integers(1, max(int(written.height - (bottom - top)), 2))) - top
    plain = rng.random() < 0.5
    spans = (0, 90), (190, 256)
    colours = ["black", "white"] if plain else [_colour(rng, *span) for span in spans]
    ink, ground = colours if rng.random() < 2 / 3 else colours[::-1]
    label = rng.random() < 2 / 3
    if label:
        draw.rectangle((x + left - 2, y + top - 2, x + right + 1, y + bottom + 1), fill=ground)
    draw.text(
        (x, y),
        text,
        ink,
        font,
        spacing=1,
        align="center",
        stroke_width=0 if label else 1,
        stroke_fill=ground,
    )
    return written


def nonsense(rng: np.random.Generator) -> str:
    """Return one or two random words that are in no dictionary."""
    lengths = rng.integers(4, 9, size=int(rng.integers(1, 3)))
    return " ".join("".join(rng.choice(list(LETTERS), length)) for length in lengths)


def _colour(rng: np.random.Generator, low: int, high: int) -> str:
    red, green, blue = (int(value) for value in rng.integers(low, high, 3))
    return f"rgb({red}, {green}, {blue})"


def _broken(words: Sequence[str], length: Callable[[str], float], room: int) -> str:
    lines = [words[0]]
    for word in words[1:]:
        if length(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)
