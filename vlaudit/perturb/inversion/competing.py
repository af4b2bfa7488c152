"""The classes that compete for the smallest trigger."""

from collections.abc import Sequence

import numpy as np

from vlaudit.core.dataset import Dataset, Role, class_name
from vlaudit.core.probe import Inapplicable

ENOUGH = 10
FEWEST = 5


def competing(
    data: Dataset, words: Sequence[str], rng: np.random.Generator, *, at_most: int
) -> list[str]:
    """Return the labels of the rows, or else their captions, and further words where few.

    Words that no picture shows compete as well: a planted target that is no label is near to some
    word, and what triggers of other words take is what it is held against.

    Args:
        data: the rows; they may have neither labels nor captions.
        words: further words, the first of which are taken.
        rng: draws classes where there are too many.
        at_most: number of labels or captions that compete.

    Raises:
        Inapplicable: there are too few classes to compare.
    """
    role = Role.LABEL if data.columns.has(Role.LABEL) else Role.CAPTION
    texts = data.texts(role) if data.columns.has(role) else []
    found = sorted({class_name(text) for text in texts if text and text.strip()})
    if len(found) > at_most:
        drawn = rng.permutation(len(found))[:at_most]
        found = [found[place] for place in sorted(drawn.tolist())]
    further = [word for word in words if word not in found]
    found += further[: max(ENOUGH - len(found), 0)]
    if len(found) < FEWEST:
        raise Inapplicable(
            f"{len(found)} classes are too few to compare triggers of; name more as `words`"
        )
    return found
