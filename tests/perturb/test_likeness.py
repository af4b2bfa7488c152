"""Inversion finds what a model holds of a name."""

import numpy as np

from vlaudit.perturb.likeness import invert
from vlaudit.selftest.fakes.rebuildable import PEOPLE, build, likenesses_of


def test_pictures_correlate_with_the_likeness_that_is_held() -> None:
    target, _ = build(memory=1.0)
    made = invert(target, PEOPLE, [0, 3], np.random.default_rng(0), steps=30)
    again = invert(target, PEOPLE, [0, 3], np.random.default_rng(0), steps=30)
    likenesses = likenesses_of(len(PEOPLE), seed=0)
    for picture, same, person in zip(made, again, (0, 3), strict=True):
        pixels = np.asarray(picture, dtype=np.float64)
        assert (pixels == np.asarray(same)).all()
        fits = [
            np.corrcoef(pixels.transpose(2, 0, 1).ravel(), likeness.ravel())[0, 1]
            for likeness in likenesses
        ]
        assert int(np.argmax(fits)) == person
        assert fits[person] > 0.5
