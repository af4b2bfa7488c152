"""RayS of Chen and Gu (2020): a search for the nearest corner by yes or no alone."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
LEVELS, SIDES = 255, 2
# Radii this near, in levels or as a share, count as equal.
FINEST = 0.01
GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True)
class Walk:
    """What a search came to.

    Attributes:
        won: whether a picture within the budget was misnamed.
        picture: the nearest misnamed picture, or the clean one where there was none.
        radius: change of its values on average, in levels; none changed by a whole level more. 256
            where none was misnamed.
        asked: answers asked for.
    """

    won: bool
    picture: Picture
    radius: float
    asked: int


def search(
    misnamed: Callable[[Sequence[Picture], Sequence[int]], Sequence[bool]],
    pictures: Sequence[Picture],
    *,
    budget: int,
    queries: int,
    progress: Callable[[float], None] = lambda fraction: None,
) -> list[Walk]:
    """Look for each picture's nearest misnamed neighbour until it lies within the budget.

    Every value moves up or down by the same number of levels; the signs are flipped in ever
    smaller blocks, and kept where fewer levels then suffice. Blocks are boxes of the picture,
    where the published ones are runs of values. Nothing but right or wrong is asked, about 8-bit
    pictures, for all pictures side by side.

    Args:
        misnamed: tells for some pictures, and which they are, whether each is misnamed.
        pictures: uint8 of shape (height, width, 3) each, of any sizes.
        budget: largest change in levels that counts as a success.
        queries: most answers asked for each picture.
        progress: told the fraction of the queries done.
    """
    walks = [_walk(picture, budget) for picture in pictures]
    asked = [0] * len(walks)
    waiting = {index: next(walk) for index, walk in enumerate(walks)}
    nearest: dict[int, tuple[float, Picture]] = {}
    for query in range(queries):
        if not waiting:
            break
        which = list(waiting)
        answers = misnamed([waiting[index][1] for index in which], which)
        for index, answer in zip(which, answers, strict=True):
            asked[index] += 1
            if answer and waiting[index][0] < nearest.get(index, (LEVELS + 1.0,))[0]:
                nearest[index] = waiting[index]
            try:
                waiting[index] = walks[index].send(answer)
            except StopIteration:
                del waiting[index]
        progress((query + 1) / queries)
    return [
        Walk(radius <= budget, picture, radius, asked[index])
        for index, clean in enumerate(pictures)
        for radius, picture in [nearest.get(index, (LEVELS + 1, clean))]
    ]


def _walk(clean: Picture, budget: int) -> Generator[tuple[float, Picture], bool, None]:
    """Yield neighbours with their radius, and be told whether each is misnamed."""
    levels = clean.astype(np.float64)
    # Values move by whole levels: so many of them by one more that they move by the radius on
    # average, for a flip of a small block rarely saves a whole level.
    spread = (np.arange(levels.size) * GOLDEN % 1).reshape(levels.shape)

    def moved(signs: NDArray[np.float64], radius: float) -> Picture:
        by = np.minimum(np.floor(radius + spread), np.ceil(radius))
        return np.asarray(np.clip(levels + signs * by, 0, LEVELS), dtype=np.uint8)

    signs, radius = np.ones_like(levels), float(LEVELS + 1)
    for block in _blocks(levels.shape):
        tried = signs.copy()
        tried[block] *= -1
        high = radius - max(FINEST, FINEST * radius)
        if not (yield high, moved(tried, high)):
            continue
        low = 0.0
        while high - low > max(FINEST, FINEST * high) and high > budget:
            middle = (low + high) / 2
            if (yield middle, moved(tried, middle)):
                high = middle
            else:
                low = middle
        signs, radius = tried, high
        if radius <= budget:
            return


def _blocks(shape: tuple[int, ...]) -> Generator[tuple[slice, ...], None, None]:
    """Yield an empty block, then ever smaller ones; single values again and again at last."""
    yield (slice(0, 0),)
    parts = [1, 1, 1]
    halve = 0
    while True:
        lengths = [-(-side // part) for side, part in zip(shape, parts, strict=True)]
        corners = [range(0, side, length) for side, length in zip(shape, lengths, strict=True)]
        for corner in product(*corners):
            yield tuple(
                slice(start, start + length) for start, length in zip(corner, lengths, strict=True)
            )
        # Columns are halved, then rows; the channels part once, after the first of both.
        if parts[2] == 1 and halve == SIDES:
            parts[2] = shape[2]
        else:
            side = 1 - halve % SIDES
            parts[side] = min(2 * parts[side], shape[side])
            halve += 1
