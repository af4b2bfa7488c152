"""Reads what is written in pictures, and finds personal data in it."""

import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vlaudit.core.errors import MissingExtraError
from vlaudit.detect.pii.kind import Tier
from vlaudit.detect.pii.scan import Entity, Scanner

Box = tuple[int, int, int, int]
ENLARGED, SMALL_SIDE, LARGEST_SIDE = 2, 480, 1600


@dataclass(frozen=True)
class Line:
    """A line of writing.

    Attributes:
        text: what it says, as far as it can be read.
        box: left, top, right and bottom in pixels of the picture.
    """

    text: str
    box: Box

    def __repr__(self) -> str:
        """Show the place, never the text."""
        return f"Line({len(self.text)} characters at {self.box})"


@dataclass(frozen=True)
class Written:
    """Personal data in a picture: what it is and where, without the data itself."""

    entity: Entity
    box: Box


@dataclass(frozen=True)
class Reader:
    """A reader of writing and its name, which is printed beside the numbers that depend on it."""

    label: str
    lines: Callable[[NDArray[np.uint8]], list[Line]]

    def read(self, picture: Image.Image) -> list[Line]:
        """Return the lines of an RGB picture, small pictures enlarged and large ones reduced."""
        width, height = picture.size
        scale = ENLARGED if min(width, height) < SMALL_SIDE else 1.0
        scale = min(scale, LARGEST_SIDE / max(width, height))
        sides = max(round(width * scale), 1), max(round(height * scale), 1)
        pixels = np.asarray(picture.resize(sides, Image.Resampling.BICUBIC))
        return [
            Line(line.text, _bounded([edge / scale for edge in line.box], width, height))
            for line in self.lines(pixels)
        ]


@cache
def load() -> Reader:
    """Return RapidOCR with the weights that its package brings along.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        rapidocr: Any = importlib.import_module("rapidocr")
        importlib.import_module("onnxruntime")
    except ImportError as error:
        raise MissingExtraError(extra="ocr", purpose="reading text in pictures") from error
    # Threads of onnxruntime spin while they wait: more than half of the cores slows everything.
    threads = max(1, min(4, (os.cpu_count() or 1) // 2))
    engine = rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.width_height_ratio": -1,
            "Det.limit_type": "max",
            "Det.limit_side_len": LARGEST_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )

    def lines(pixels: NDArray[np.uint8]) -> list[Line]:
        found = engine(pixels[:, :, ::-1])
        if found.txts is None:
            return []
        boxes = [(*points.min(axis=0), *points.max(axis=0)) for points in found.boxes]
        return [
            Line(text, (int(box[0]), int(box[1]), int(box[2]), int(box[3])))
            for text, box in zip(found.txts, boxes, strict=True)
        ]

    version = importlib.import_module("importlib.metadata").version("rapidocr")
    return Reader(f"RapidOCR {version}", lines)


def personal(lines: Sequence[Line], scanner: Scanner) -> list[Written]:
    """Return the personal data in the lines of one picture.

    Lines are read together, with spaces between them and without: an address is often broken at
    its "@". Names are believed only where there are spaces.
    """
    found: dict[tuple[str, Box], Written] = {}
    for joint in (" ", ""):
        text = joint.join(line.text for line in lines)
        for entity in scanner.scan([text])[0] if lines else ():
            if joint == " " or entity.tier is not Tier.NAME:
                box = _around(entity, lines, len(joint))
                found.setdefault((entity.name, box), Written(entity, box))
    return [
        one
        for one in found.values()
        if not any(
            other is not one
            and other.entity.name == one.entity.name
            and _within(one.box, other.box)
            for other in found.values()
        )
    ]


def _around(entity: Entity, lines: Sequence[Line], joint: int) -> Box:
    """Return the box around the lines that a piece of personal data stands in."""
    boxes = [box for start, end, box in _places(lines, joint) if entity.overlaps(start, end)]
    edges = np.array(boxes)
    low, high = edges.min(axis=0), edges.max(axis=0)
    return int(low[0]), int(low[1]), int(high[2]), int(high[3])


def _places(lines: Sequence[Line], joint: int) -> Iterator[tuple[int, int, Box]]:
    start = 0
    for line in lines:
        yield start, start + len(line.text), line.box
        start += len(line.text) + joint


def _within(inner: Box, outer: Box) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and inner[2] <= outer[2]
        and inner[3] <= outer[3]
        and inner != outer
    )


def _bounded(edges: Sequence[float], width: int, height: int) -> Box:
    limits = (width, height, width, height)
    kept = [int(min(max(edge, 0), limit)) for edge, limit in zip(edges, limits, strict=True)]
    return kept[0], kept[1], kept[2], kept[3]


def inscribe(picture: Image.Image, text: str, height: int, rng: np.random.Generator) -> Image.Image:
    """Return an RGB picture with a text on it, in letters of about `height` pixels, on a label.

    A picture that is too small for the text is enlarged. Place and colours are drawn; half of the
    labels are dark.
    """
    font = ImageFont.load_default(height)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    wide, tall = right - left + height, bottom - top + height
    grown = max(1.0, 1.1 * wide / picture.width, 2 * tall / picture.height)
    written = picture.resize((round(picture.width * grown), round(picture.height * grown)))
    x, y = (
        int(rng.integers(0, room + 1)) for room in (written.width - wide, written.height - tall)
    )
    dark = bool(rng.random() < 0.5)
    paper = tuple(int(level) for level in rng.integers(0, 60, 3) + (0 if dark else 190))
    draw = ImageDraw.Draw(written)
    draw.rectangle((x, y, x + wide, y + tall), fill=paper)
    ink = (240, 240, 240) if dark else (20, 20, 20)
    draw.text((x + height / 2 - left, y + height / 2 - top), text, fill=ink, font=font)
    return written
