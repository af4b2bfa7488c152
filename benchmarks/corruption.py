"""Holds the corruptions against imagecorruptions 1.1.2, pixel by pixel and in CPU seconds.

That library needs older packages than vlaudit does, so that this runs in an environment of its own,
with the root of this repository as PYTHONPATH:

    pip install numpy==1.26.4 scipy==1.11.4 scikit-image==0.20.0 "setuptools<81" "pillow<11"
    pip install opencv-python-headless==4.9.0.80 && pip install --no-deps imagecorruptions==1.1.2
    python benchmarks/corruption.py [--write tests/perturb/corruption/reference.json]

Both draw from generators of one seed. Frost is drawn here and photographed there, so that means and
contrast alone can be compared. `--write` keeps the means of 4 x 4 parts of the library's pictures.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.perturb.corruption.types import EXTRA, SEVERITIES, STANDARD, corrupt

Pixels = NDArray[np.uint8]
SEED = 7


class Drawing:
    """`numpy` with `numpy.random` answered by one generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Answer by a generator."""
        self.random = SimpleNamespace(
            normal=rng.normal, uniform=rng.uniform, poisson=rng.poisson, randint=rng.integers
        )
        self.float_ = np.float64

    def __getattr__(self, name: str) -> Any:
        """Return what numpy has under this name."""
        return getattr(np, name)


def scene(side: int) -> Pixels:
    """Return a picture with smooth parts, edges, texture and all colours, (side, side, 3)."""
    y, x = np.mgrid[:side, :side] / side
    waves = np.stack([np.sin(7 * x + 3 * y), np.cos(5 * y - 2 * x), np.sin(9 * x * y)], axis=-1)
    picture = 128 + 90 * waves
    picture[(x - 0.3) ** 2 + (y - 0.4) ** 2 < 0.03] = (230, 40, 30)
    picture[(abs(x - 0.7) < 0.12) & (abs(y - 0.65) < 0.2)] = (20, 60, 200)
    picture[(y > 0.85) & ((x * 16).astype(int) % 2 == 0)] = 250
    return np.asarray(np.clip(picture, 0, 255), dtype=np.uint8)


def library() -> Callable[[Pixels, str, int], Pixels]:
    """Return imagecorruptions, with the two calls mended that newer packages refuse."""
    import skimage as sk
    from imagecorruptions import corruptions as made

    smooth, random_noise = made.gaussian, sk.util.random_noise

    def gaussian(image: Any, sigma: Any, multichannel: bool = False, **more: Any) -> Any:
        return smooth(image, sigma=sigma, channel_axis=-1 if multichannel else None, **more)

    def apply(picture: Pixels, name: str, severity: int) -> Pixels:
        rng = np.random.default_rng(SEED)
        made.np, made.gaussian = Drawing(rng), gaussian
        made.sk.util.random_noise = lambda x, mode, amount: random_noise(
            x, mode=mode, amount=amount, seed=rng
        )
        changed = getattr(made, name)(Image.fromarray(picture), severity)
        return np.asarray(changed, dtype=np.float64).astype(np.uint8)

    return apply


def own(picture: Pixels, name: str, severity: int) -> Pixels:
    """Return the picture under the corruption of vlaudit."""
    rng = np.random.default_rng(SEED)
    return np.asarray(corrupt(Image.fromarray(picture), name, severity, rng))


def timed(make: Callable[[], Pixels], least: float = 0.3) -> tuple[Pixels, float]:
    """Return what is made, and the fewest CPU seconds that it took."""
    made, spent, best = make(), 0.0, float("inf")
    while spent < least:
        start = time.process_time()
        made = make()
        best = min(best, taken := time.process_time() - start)
        spent += max(taken, 1e-4)
    return made, best


def parts(picture: Pixels) -> list[list[int]]:
    """Return the mean of 4 x 4 parts of each channel in tenths of a level, (16, 3)."""
    side = picture.shape[0] // 4
    blocks = picture.astype(np.float64).reshape(4, side, 4, side, 3).mean(axis=(1, 3))
    return [[round(10 * value) for value in block] for block in blocks.reshape(16, 3).tolist()]


def main() -> None:
    """Print the differences and the seconds of each type; all severities together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--write", type=Path, default=None)
    options = parser.parse_args()
    reference, picture = library(), scene(options.side)
    kept: dict[str, Any] = {"side": options.side, "seed": SEED}
    ratios = []
    print(f"{'type':18} mean |difference|  beyond 1 level   contrast   ms, there   ms, here")
    for name in {**STANDARD, **EXTRA}:
        apart, far, contrast, there, here = [], [], [], 0.0, 0.0
        for severity in SEVERITIES:
            theirs, first = timed(lambda n=name, s=severity: reference(picture, n, s))
            ours, second = timed(lambda n=name, s=severity: own(picture, n, s))
            gap = np.abs(theirs.astype(int) - ours)
            apart.append(gap.mean())
            far.append((gap > 1).mean())
            contrast.append(ours.std() / theirs.std())
            there, here = there + first, here + second
            kept[f"{name} {severity}"] = parts(theirs)
        ratios.append(there / here)
        print(
            f"{name:18} {max(apart):10.3f} levels {max(far):14.2%} {min(contrast):6.2f}-"
            f"{max(contrast):.2f} {200 * there:9.1f} {200 * here:10.1f}"
        )
    print(f"faster by {np.exp(np.mean(np.log(ratios))):.2f} (geometric mean over types)")
    if options.write:
        options.write.write_text(json.dumps(kept, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
