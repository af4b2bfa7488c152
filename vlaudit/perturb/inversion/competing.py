"""The classes that compete for the smallest trigger."""

from collections.abc import Sequence

import numpy as np

from vlaudit.core.dataset import Dataset, Role, class_name
from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.subjects import prompts

ENOUGH = 10


def competing(
    data: Dataset,
    template: str,
    rng: np.random.Generator,
    *,
    at_most: int,
    at_least: int,
    words: Sequence[str] = (),
) -> dict[str, str]:
    """Return the labels of the rows, or else their captions, and further words where few.

    Words that no picture shows compete as well: a planted target that is no label is near to some
    word, and what triggers of other words take is what it is held against.

    Args:
        data: the rows; they may have neither labels nor captions.
        template: makes a prompt of a label or a word; captions are taken as they are.
        rng: draws classes where there are too many.
        at_most: number of labels or captions that compete.
        at_least: number of classes that there must be.
        words: further words, the first of which are taken.

    Returns:
        The prompt of each class by its name.

    Raises:
        Inapplicable: there are too few classes to compare, or the template has no place for one.
    """
    role = Role.LABEL if data.columns.has(Role.LABEL) else Role.CAPTION
    texts = data.texts(role) if data.columns.has(role) else []
    found = sorted({class_name(text) for text in texts if text and text.strip()})
    if len(found) > at_most:
        drawn = rng.permutation(len(found))[:at_most]
        found = [found[place] for place in sorted(drawn.tolist())]
    asked = prompts(found, [template if role is Role.LABEL else "{}"])
    further = [word for word in words if word not in found][: max(ENOUGH - len(found), 0)]
    classes = dict(zip([*found, *further], [*asked, *prompts(further, [template])], strict=True))
    if len(classes) < at_least:
        raise Inapplicable(
            f"{len(classes)} classes are too few to compare; give rows with at least {at_least} "
            "labels or captions"
        )
    return classes
