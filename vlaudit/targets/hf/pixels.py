"""The pixels that a user sees, between a picture and what an image processor makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

TOLERANCE = 1e-3
RAGGED = "its processor does not give a picture to the model as one rectangle of pixels"


@dataclass(frozen=True)
class Normalisation:
    """What a processor does to pixels in [0, 1] after resizing: `scale * pixels + offset`.

    Attributes:
        scale: float32 of shape (3, 1, 1).
        offset: float32 of shape (3, 1, 1).
    """

    scale: "Tensor"
    offset: "Tensor"

    def apply(self, pixels: "Tensor") -> "Tensor":
        """Return what the model takes for pixels of shape (images, 3, height, width)."""
        return pixels * self.scale.to(pixels) + self.offset.to(pixels)

    def undo(self, values: "Tensor") -> "Tensor":
        """Return the pixels, in [0, 1], that the model's input `values` came from."""
        return ((values - self.offset.to(values)) / self.scale.to(values)).clamp(0, 1)


def prepare(processor: Any, images: Sequence[Image.Image]) -> dict[str, "Tensor"]:
    """Return what an image processor makes of RGB pictures, as tensors by name."""
    made = processor(images=[image.convert("RGB") for image in images], return_tensors="pt")
    return dict(made)


def measure_normalisation(processor: Any) -> Normalisation | None:
    """Return the normalisation of a processor, or None where it is not one per channel.

    It is measured on a black and a white picture, since its parameters go by different names
    in different processors, and checked on noise, which must come back as pixels.
    """
    first: Any = prepare(processor, [Image.new("RGB", (64, 64))])["pixel_values"]
    shape: tuple[int, ...] = tuple(getattr(first, "shape", ()))
    if len(shape) != 4 or shape[:2] != (1, 3):
        return None
    side = shape[2:]
    flat = [Image.new("RGB", (side[1], side[0]), (level,) * 3) for level in (0, 255)]
    black, white = (prepare(processor, [image])["pixel_values"][0].float() for image in flat)
    offset = black.mean(dim=(1, 2), keepdim=True)
    scale = white.mean(dim=(1, 2), keepdim=True) - offset
    spread = max(float(black.std(dim=(1, 2)).max()), float(white.std(dim=(1, 2)).max()))
    if spread > TOLERANCE or float(scale.abs().min()) < TOLERANCE:
        return None
    found = Normalisation(scale, offset)
    noise = np.random.default_rng(0).integers(0, 256, (*side, 3), dtype=np.uint8)
    values = prepare(processor, [Image.fromarray(noise)])["pixel_values"].float()
    back = found.apply(found.undo(values))
    return found if float((back - values).abs().max()) < TOLERANCE else None
