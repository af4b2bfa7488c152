"""Written personal data: how much is found by height of the letters, blur and compression.

Needs `pip install 'vlaudit[ocr]'`. Cards are drawn here; nothing is downloaded.
"""

import io
import time

import numpy as np
from PIL import Image, ImageFilter

from vlaudit.detect.ocr import inscribe, load, personal
from vlaudit.detect.pii.planted import decoys, plant
from vlaudit.detect.pii.scan import scanner

HEIGHTS = (6, 8, 10, 14, 20)
QUALITIES = {"clean": (0.0, 95), "blurred": (1.0, 95), "JPEG 20": (0.0, 20), "both": (1.0, 20)}
EACH = 21


def photographed(card: Image.Image, blur: float, quality: int) -> Image.Image:
    """Return a card as a camera and a website leave it."""
    buffer = io.BytesIO()
    card.filter(ImageFilter.GaussianBlur(blur)).save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def main() -> None:
    """Print recall on personal data and false alarms on decoys, and the time a picture takes."""
    reader, tool, rng = load(), scanner("shipped"), np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(60, 200, (3, 3, 3), dtype=np.uint8))
    paper = coarse.resize((200, 120), Image.Resampling.BICUBIC)
    plants, innocent = plant(["x"], rng, EACH), decoys(["x"], rng, EACH)
    print(f"{reader.label}; {EACH} pieces of personal data, {EACH} decoys in each cell")
    print(
        f"{'recall':<12}" + "".join(f"{f'{height} px':>9}" for height in HEIGHTS) + "  false alarms"
    )
    start, pictures = time.process_time(), 0
    for name, (blur, quality) in QUALITIES.items():
        found = dict.fromkeys(HEIGHTS, 0)
        alarms = 0
        for height in HEIGHTS:
            for it in (*plants, *(innocent if height == HEIGHTS[-2] else ())):
                card = inscribe(paper, it.text[it.start : it.end], height, rng)
                seen = personal(reader.read(photographed(card, blur, quality)), tool)
                pictures += 1
                if it.tier is None:
                    alarms += any(one.entity.tier != "indirect" for one in seen)
                else:
                    found[height] += any(one.entity.tier == it.tier for one in seen)
        cells = "".join(f"{found[height] / EACH:>9.2f}" for height in HEIGHTS)
        print(f"{name:<12}{cells}{alarms:>10} of {EACH}")
    print(f"{(time.process_time() - start) / pictures:.3f} s of processor time a picture")


if __name__ == "__main__":
    main()
