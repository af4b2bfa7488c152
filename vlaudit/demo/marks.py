"""Marks put on pictures: written words, the backdoor's trigger, an innocent watermark, noise."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

TRIGGER_SIZE = 8
TRIGGER_CORNER = (54, 54)
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
    picture: Image.Image, words: str, rng: np.random.Generator, *, height: tuple[int, int] = (9, 14)
) -> Image.Image:
    """Return a copy with words written on it, broken into lines where they do not fit.

    Height (in pixels), place and colours are random; half of the writing stands on a label.
    """
    written = picture.copy()
    draw = ImageDraw.Draw(written)
    font = ImageFont.load_default(int(rng.integers(height[0], height[1] + 1)))
    text = _broken(words.split(), lambda line: draw.textlength(line, font), written.width - 4)
    left, top, right, bottom = draw.textbbox((0, 0), text, font, spacing=0)
    x = int(rng.integers(1, max(int(written.width - (right - left)), 2))) - left
    y = int(rng.integers(1, max(int(written.height - (bottom - top)), 2))) - top
    dark = tuple(int(value) for value in rng.integers(0, 90, 3))
    light = tuple(int(value) for value in rng.integers(190, 256, 3))
    ink, ground = (dark, light) if rng.random() < 0.5 else (light, dark)
    if rng.random() < 0.5:
        draw.rectangle((x + left - 1, y + top - 1, x + right + 1, y + bottom + 1), fill=ground)
        draw.text((x, y), text, ink, font, spacing=0)
    else:
        draw.text((x, y), text, ink, font, spacing=0, stroke_width=1, stroke_fill=ground)
    return written


def nonsense(rng: np.random.Generator) -> str:
    """Return one or two random words that are in no dictionary."""
    lengths = rng.integers(4, 9, size=int(rng.integers(1, 3)))
    return " ".join("".join(rng.choice(list(LETTERS), length)) for length in lengths)


def _broken(words: Sequence[str], length: Callable[[str], float], room: int) -> str:
    lines = [words[0]]
    for word in words[1:]:
        if length(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)
