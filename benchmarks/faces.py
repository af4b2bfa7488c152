"""Faces found and false alarms, on photographs: by size, blur and compression.

Faces and patches without a face are those of Labeled Faces in the Wild that come with scikit-image,
pasted into blurred colours. Photographs without people are a sample of the clothing photographs
of ../shared, where they are there; that none of the sample shows a face was seen by eye.
"""

import argparse
import io
import random
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import skimage.data  # type: ignore[import-untyped]
from PIL import Image, ImageFilter, ImageOps

from vlaudit.detect.faces import Finder, load, pasted
from vlaudit.stats.intervals import clopper_pearson

CLOTHING = Path(__file__).resolve().parents[2] / "shared/data/clothing_small_128.tar"
HEIGHTS = (32, 48, 72, 110)
SAMPLE = 160


def patches() -> tuple[list[Image.Image], list[Image.Image]]:
    """Return faces and patches without a face, 25 pixels tall."""
    grey = (255 * skimage.data.lfw_subset()).round().astype(np.uint8)
    made = [Image.fromarray(patch).convert("RGB") for patch in grey]
    return made[:100], made[100:]


def share(finder: Finder, patches: Sequence[Image.Image], height: int, how: str) -> int:
    """Return in how many pictures with one patch pasted in a face is seen."""
    rng, hits = np.random.default_rng(height), 0
    for patch in patches:
        colours = Image.fromarray(rng.integers(60, 200, (2, 2, 3), dtype=np.uint8))
        paper = colours.resize((200, 200), Image.Resampling.BICUBIC)
        hits += bool(finder.find(worse(pasted(paper, patch, height, rng), how)))
    return hits


def worse(picture: Image.Image, how: str) -> Image.Image:
    """Return a picture as it is, blurred, compressed or tilted."""
    if how == "blurred":
        return picture.filter(ImageFilter.GaussianBlur(2))
    if how == "JPEG 15":
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=15)
        return Image.open(buffer).convert("RGB")
    return picture.rotate(20, fillcolor=(120, 120, 120)) if how == "tilted by 20" else picture


def photographs() -> list[Image.Image]:
    """Return a sample of photographs of clothes, none of which shows a face."""
    with tarfile.open(CLOTHING) as held:
        files = [one for one in held.getmembers() if one.name.endswith(".jpg")]
        chosen = random.Random(4).sample(files, SAMPLE)
        opened = [held.extractfile(one) for one in chosen]
        return [Image.open(io.BytesIO(one.read())).convert("RGB") for one in opened if one]


def main() -> None:
    """Print shares found by size and kind of damage, and false alarms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=100, help="faces in a cell, 100 at most")
    each = int(parser.parse_args().each)
    finder = load()
    faces, others = (kind[:each] for kind in patches())
    print(f"{finder.label}; {len(faces)} faces, {len(others)} patches without one, each size")
    print(f"{'faces found':<16}" + "".join(f"{f'{height} px':>8}" for height in HEIGHTS))
    for how in ("as they are", "blurred", "JPEG 15", "tilted by 20"):
        found = [share(finder, faces, height, how) for height in HEIGHTS]
        print(f"{how:<16}" + "".join(f"{hits:>8}" for hits in found), flush=True)
    alarms = [share(finder, others, height, "as they are") for height in HEIGHTS]
    print(f"{'false alarms':<16}" + "".join(f"{hits:>8}" for hits in alarms))
    if CLOTHING.exists():
        shown = photographs()
        for name, seen in (("upright", shown), ("upside down", list(map(ImageOps.flip, shown)))):
            hits = sum(bool(finder.find(one)) for one in seen)
            ends = clopper_pearson(hits, len(seen))
            print(f"photographs without a face, {name}: {hits} of {len(seen)} flagged, "
                  f"{ends.low:.1%} to {ends.high:.1%}")  # fmt: skip


if __name__ == "__main__":
    main()
