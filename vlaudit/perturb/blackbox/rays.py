"""RayS of Chen and Gu (2020): a search for the nearest corner by yes or no alone."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
LEVELS = 255


@dataclass(frozen=True)
class Walk:
    """What a search came to.

    Attributes:
        won: whether a picture within the budget was misnamed.
        picture: the nearest misnamed picture, or the clean one where there was none.
        radius: largest change of it, in levels; 256 where none was misnamed.
        asked: answers asked for.
    """

    won: bool
    picture: Picture
    radius: int
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
    smaller blocks, and kept where fewer levels then suffice. Nothing but right or wrong is asked,
    about 8-bit pictures, for all pictures side by side.

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
    nearest: dict[int, tuple[int, Picture]] = {}
    for query in range(queries):
        if not waiting:
            break
        which = list(waiting)
        answers = misnamed([waiting[index][1] for index in which], which)
        for index, answer in zip(which, answers, strict=True):
            asked[index] += 1
            if answer and waiting[index][0] < nearest.get(index, (LEVELS + 1,))[0]:
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


def _walk(clean: Picture, budget: int) -> Generator[tuple[int, Picture], bool, None]:
    """Yield neighbours with their radius, and be told whether each is misnamed."""
    levels = np.moveaxis(clean.astype(np.int16), 2, 0).ravel()
    signs = np.ones(levels.size, dtype=np.int16)
    radius = LEVELS + 1
    for flipped in _blocks(levels.size):
        tried = signs.copy()
        tried[flipped] *= -1
        if not (yield radius - 1, _moved(clean, levels, tried, radius - 1)):
            continue
        low, high = 0, radius - 1
        while high - low > 1 and high > budget:
            middle = (low + high) // 2
            if (yield middle, _moved(clean, levels, tried, middle)):
                high = middle
            else:
                low = middle
        signs, radius = tried, high
        if radius <= budget:
            return


def _blocks(size: int) -> Generator[slice, None, None]:
    """Yield nothing, then all blocks of a half, a quarter, and so on down to single values."""
    yield slice(0, 0)
    parts = 1
    while parts <= size:
        length = -(-size // parts)
        for start in range(0, size, length):
            yield slice(start, start + length)
        parts *= 2


def _moved(clean: Picture, levels: NDArray[np.int16], signs: NDArray[np.int16], by: int) -> Picture:
    height, width, channels = clean.shape
    moved = np.clip(levels + by * signs, 0, LEVELS).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(moved.reshape(channels, height, width), 0, 2))
