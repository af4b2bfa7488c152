"""What triggers are sought and tried on: a model as scores of classes, and pictures as pixels."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from vlaudit.core.target import GivesGradients
from vlaudit.perturb.inversion.overlay import Overlay

Labels = NDArray[np.int64]
Scores = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Ground:
    """A model and pictures.

    Attributes:
        scores: takes pixels (images, 3, height, width) to logits (images, classes).
        pixels: pictures, float32 in [0, 1].
        named: class that the model gives each picture untouched, (images,).
    """

    scores: Scores
    pixels: Tensor
    named: Labels

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return int(self.pixels.shape[2]), int(self.pixels.shape[3])


def ground_of(
    target: GivesGradients,
    pictures: Iterable[Sequence[Image.Image]],
    prompts: Sequence[str],
    *,
    batch_size: int,
) -> Ground:
    """Return batches of pictures as pixels, and the target as scores against prompts."""
    pixels = torch.cat([target.pixels(batch) for batch in pictures if batch])

    def scores(some: Tensor) -> Tensor:
        return target.pixel_scores(some, prompts)

    return Ground(scores, pixels, answers(scores, pixels, None, batch_size=batch_size))


def at_once(batch_size: int, pixels: Tensor) -> int:
    """Return how many pictures go into a batch that holds `batch_size` of 64 x 64 pixels."""
    return max(batch_size * 64 * 64 // max(pixels.shape[2] * pixels.shape[3], 1), 1)


def answers(
    scores: Scores,
    pixels: Tensor,
    overlay: Overlay | None,
    *,
    batch_size: int,
    places: Sequence[tuple[float, float]] = (),
) -> Labels:
    """Return the class of each picture, with a trigger on it unless that is None.

    Where there are `places`, the trigger is at one of them in each picture.
    """
    found: list[Tensor] = []
    with torch.no_grad():
        for part in torch.split(pixels, at_once(batch_size, pixels)):
            changed = part
            if overlay is not None:
                changed = (overlay.spread(part, places) if places else overlay.on(part))[0]
            found.append(scores(changed).argmax(dim=1).cpu())
    return np.asarray(torch.cat(found), dtype=np.int64)
