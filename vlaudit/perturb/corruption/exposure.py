"""Pictures under every corruption, and whether they are still named right."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.corruption.types import ALL, SEVERITIES, corrupt, prepared, scale_of
from vlaudit.perturb.named import Names

# Types that rules hold at one severity: every picture is shown at all, so that one is enough.
WHOLE = ("low_light", "occlusion")
UNSEEN = -1


def severities_to_show(
    pictures: int, types: Sequence[str], per_picture: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Deal severities to pictures, each equally often, (pictures, types, severities).

    Raises:
        Inapplicable: there are fewer severities, or no such type.
    """
    if unknown := sorted(set(types) - set(ALL)):
        raise Inapplicable(f"types {', '.join(unknown)} do not exist; there are {', '.join(ALL)}")
    count = len(SEVERITIES)
    if not 1 <= per_picture <= count:
        raise Inapplicable(f"per_picture {per_picture} is not from 1 to {count}")
    shown = np.zeros((pictures, len(types), count), dtype=np.bool_)
    for at, name in enumerate(types):
        first = rng.permutation(pictures) % count
        wanted = count if name in WHOLE else per_picture
        places = (first[:, None] + np.arange(wanted) * (count // wanted)) % count
        np.put_along_axis(shown[:, at], places, values=True, axis=1)
    return shown


def expose(
    load: Callable[[int], Image.Image],
    labels: NDArray[np.int64],
    names: Names,
    shown: NDArray[np.bool_],
    types: Sequence[str],
    rng: np.random.Generator,
    *,
    batch_size: int,
    scaled: bool,
    progress: Callable[[float], None],
) -> tuple[NDArray[np.bool_], NDArray[np.int8]]:
    """Name every picture as it is and under each type, at the severities that it is to be shown.

    Args:
        load: returns the picture at a place.
        labels: right class of each picture, (pictures,).
        names: what names pictures.
        shown: severities to show, (pictures, types, severities).
        types: names of the corruptions.
        rng: source of what is random.
        batch_size: pictures named at once.
        scaled: whether lengths follow the picture's size.
        progress: told which fraction is done.

    Returns:
        Whether each picture is named right as it is, (pictures,), and under each corruption: 1
        right, 0 wrong, -1 not shown so, (pictures, types, severities).
    """
    right = np.full(shown.shape, UNSEEN, dtype=np.int8)
    clean = np.zeros(len(labels), dtype=np.bool_)
    seeds = rng.integers(2**63, size=len(labels))

    def made() -> Iterator[tuple[tuple[int, ...], Image.Image]]:
        for row in range(len(labels)):
            picture = prepared(load(row))
            scale = scale_of(picture) if scaled else 1.0
            own = np.random.default_rng(seeds[row])
            yield (row,), picture
            for kind, severity in np.argwhere(shown[row]).tolist():
                changed = corrupt(picture, types[kind], severity + 1, own, scale=scale)
                yield (row, kind, severity), changed

    batch: dict[tuple[int, ...], Image.Image] = {}
    for place, picture in made():
        batch[place] = picture
        if len(batch) == batch_size:
            _fill(clean, right, batch, names, labels)
            progress(place[0] / len(labels))
            batch = {}
    if batch:
        _fill(clean, right, batch, names, labels)
    progress(1.0)
    return clean, right


def _fill(
    clean: NDArray[np.bool_],
    right: NDArray[np.int8],
    batch: Mapping[tuple[int, ...], Image.Image],
    names: Names,
    labels: NDArray[np.int64],
) -> None:
    for place, name in zip(batch, names(list(batch.values())), strict=True):
        hit = bool(name == labels[place[0]])
        if len(place) == 1:
            clean[place] = hit
        else:
            right[place] = hit
