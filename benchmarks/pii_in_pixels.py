"""Written personal data: how much is found by height of the letters, blur, compression and tilt.

Needs `pip install 'vlaudit[ocr]'`. Cards are drawn here; nothing is downloaded.
"""

import argparse
import io
import time

import numpy as np
from PIL import Image, ImageFilter

from vlaudit.detect.ocr import inscribe, load, personal
from vlaudit.detect.pii.planted import decoys, plant
from vlaudit.detect.pii.scan import scanner

HEIGHTS = (6, 8, 10, 14, 20)
QUALITIES = {
    "clean": (0.0, 95, 0),
    "blurred": (1.0, 95, 0),
    "JPEG 20": (0.0, 20, 0),
    "both": (1.0, 20, 0),
    "tilted by 5": (0.0, 95, 5),
    "tilted by 15": (0.0, 95, 15),
}


def photographed(card: Image.Image, blur: float, quality: int, tilt: int) -> Image.Image:
    """Return a card as a hand, a camera and a website leave it."""
    buffer = io.BytesIO()
    turned = card.rotate(tilt, Image.Resampling.BICUBIC, expand=True, fillcolor=(128, 128, 128))
    turned.filter(ImageFilter.GaussianBlur(blur)).save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def main() -> None:
    """Print recall on personal data and false alarms on decoys, and the time a picture takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=21, help="pieces of personal data in a cell")
    each = int(parser.parse_args().each)
    reader, tool, rng = load(), scanner("shipped"), np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(60, 200, (3, 3, 3), dtype=np.uint8))
    paper = coarse.resize((200, 120), Image.Resampling.BICUBIC)
    plants, innocent = plant(["x"], rng, each), decoys(["x"], rng, each)
    print(f"{reader.label}; {each} pieces of personal data, {each} decoys in each cell")
    print(
        f"{'recall':<13}" + "".join(f"{f'{height} px':>9}" for height in HEIGHTS) + "  false alarms"
    )
    start, pictures = time.process_time(), 0
    for name, quality in QUALITIES.items():
        found = dict.fromkeys(HEIGHTS, 0)
        alarms = 0
        for height in HEIGHTS:
            for it in (*plants, *(innocent if height == HEIGHTS[-2] else ())):
                card = inscribe(paper, it.text[it.start : it.end], height, rng)
                seen = personal(reader.read(photographed(card, *quality)), tool)
                pictures += 1
                if it.tier is None:
                    alarms += any(one.entity.tier != "indirect" for one in seen)
                else:
                    found[height] += any(one.entity.tier == it.tier for one in seen)
        cells = "".join(f"{found[height] / each:>9.2f}" for height in HEIGHTS)
        print(f"{name:<13}{cells}{alarms:>10} of {each}", flush=True)
    print(f"{(time.process_time() - start) / pictures:.3f} s of processor time a picture")


if __name__ == "__main__":
    main()
