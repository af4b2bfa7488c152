"""How a model resizes and crops, found out by trying, as operations with gradients."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.functional import pil_to_tensor

# Pixels that differ by more than this on average, or anywhere by more than that, were not made in
# this way; rounding between the two passes of a resize makes up less than a level.
MEAN_ERROR, LARGEST_ERROR = 0.75 / 255, 6 / 255

# Shorter side that pictures are resized to before the middle is cut out, over the side of the cut.
ENLARGEMENTS = (1.0, 256 / 224, 1 / 0.95, 1 / 0.9, 1 / 0.875, 1 / 0.8)
MODES = ("bicubic", "bilinear", "nearest-exact")


@dataclass(frozen=True)
class Shaping:
    """Resizes pictures with antialiasing, then cuts out the middle.

    Attributes:
        height: of what the model takes.
        width: of it.
        mode: interpolation, by torch's name.
        shorter: length that the shorter side is given; None squeezes the picture into place.
        rounds: whether half of what is cut away is rounded to the nearest even pixel, as
            torchvision does, or down.
    """

    height: int
    width: int
    mode: str
    shorter: int | None
    rounds: bool = True

    def __call__(self, pixels: Tensor) -> Tensor:
        """Return pictures (images, 3, any, any) as (images, 3, height, width), in [0, 1]."""
        tall, wide = self._resized(*pixels.shape[2:])
        resized = pixels
        if (tall, wide) != tuple(pixels.shape[2:]):
            smooth = self.mode != "nearest-exact"
            resized = torch.nn.functional.interpolate(
                pixels, (tall, wide), mode=self.mode, antialias=smooth
            ).clamp(0, 1)
        spare = tall - self.height, wide - self.width
        top, left = (round(cut / 2) if self.rounds else cut // 2 for cut in spare)
        return resized[..., top : top + self.height, left : left + self.width]

    def _resized(self, height: int, width: int) -> tuple[int, int]:
        if self.shorter is None:
            return self.height, self.width
        if height <= width:
            return self.shorter, int(self.shorter * width / height)
        return int(self.shorter * height / width), self.shorter


def find_shaping(
    pixels: Callable[[Sequence[Image.Image]], Tensor], pictures: Sequence[Image.Image]
) -> Shaping | None:
    """Return what a model does to a picture before it looks, or None where nothing known fits.

    Args:
        pixels: gives pictures as the model takes them, (images, 3, height, width) in [0, 1].
        pictures: some of various sizes; all must fit.
    """
    wanted = [pixels([picture]) for picture in pictures]
    sizes = {tuple(one.shape[2:]) for one in wanted}
    if len(sizes) != 1:
        return None
    (height, width) = sizes.pop()
    best, least = None, MEAN_ERROR
    for candidate in _candidates(height, width):
        errors = [
            (candidate(as_pixels(picture)[None]) - one.cpu()).abs()
            for picture, one in zip(pictures, wanted, strict=True)
        ]
        mean = max(float(error.mean()) for error in errors)
        largest = max(float(error.max()) for error in errors)
        if mean < least and largest <= LARGEST_ERROR:
            best, least = candidate, mean
    return best


def as_pixels(picture: Image.Image) -> Tensor:
    """Return a picture as float32 of shape (3, height, width) in [0, 1]."""
    levels: Tensor = pil_to_tensor(picture.convert("RGB"))
    return levels.float() / 255


def as_picture(pixels: Tensor) -> Image.Image:
    """Return pixels (3, height, width) in [0, 1] as a picture of 8 bits a channel."""
    levels = (pixels * 255).round().clamp(0, 255).byte()
    return Image.fromarray(levels.permute(1, 2, 0).cpu().numpy())


def _candidates(height: int, width: int) -> Iterator[Shaping]:
    for mode in MODES:
        yield Shaping(height, width, mode, None)
    shorter = sorted({round(max(height, width) * share) for share in ENLARGEMENTS})
    for mode, side, rounds in product(MODES, shorter, (True, False)):
        yield Shaping(height, width, mode, side, rounds)
