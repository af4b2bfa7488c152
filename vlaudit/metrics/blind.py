"""Whether two sets of rows can be told apart without any model: the blind baseline of an attack.

An attack on membership that does no better than this measures how the sets were gathered.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
FOLDS = 5
SIDE, LEVELS = 8, 16
MOST_WORDS = 4000


def told_by_captions(captions: Sequence[str], member: Bools, rng: np.random.Generator) -> Floats:
    """Return how much each caption looks like one of a member to a classifier that never saw it.

    Words and runs of letters, weighed by tf-idf, and a logistic regression.

    Args:
        captions: the texts, (rows,).
        member: which rows are members, (rows,).
        rng: draws the folds.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    def make() -> Any:
        words = TfidfVectorizer(
            token_pattern=r"\S+", ngram_range=(1, 2), max_features=MOST_WORDS, sublinear_tf=True
        )
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), max_features=MOST_WORDS)
        return make_pipeline(make_union(words, letters), LogisticRegression(C=3.0, max_iter=300))

    # A lone space is a text too, but gives no features and no vocabulary.
    texts = np.array([text.strip() or "-" for text in captions], dtype=object)
    return cross_fitted(make, texts, member, rng)


def told_by_pictures(
    pictures: Sequence[Image.Image], member: Bools, rng: np.random.Generator
) -> Floats:
    """Return how much each RGB picture looks like one of a member, (rows,).

    Size, colours, sharpness and a tiny copy, and a forest of extremely random trees.
    """
    return told_by_features(np.stack([features(one) for one in pictures]), member, rng)


def told_by_features(seen: Floats, member: Bools, rng: np.random.Generator) -> Floats:
    """Return how much each row of features looks like one of a member, (rows,)."""
    from sklearn.ensemble import ExtraTreesClassifier

    seed = int(rng.integers(2**31))

    def make() -> Any:
        return ExtraTreesClassifier(60, min_samples_leaf=3, random_state=seed, n_jobs=1)

    return cross_fitted(make, seen, member, rng)


def told_by_directions(seen: Floats, member: Bools, rng: np.random.Generator) -> Floats:
    """Return how much each embedding looks like one of a member to a line between them, (rows,)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def make() -> Any:
        return make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=300))

    return cross_fitted(make, seen, member, rng)


def features(picture: Image.Image) -> Floats:
    """Return sizes, histogram, sharpness at three scales and an 8x8 copy of an RGB picture."""
    small = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float64)
    grey = np.asarray(picture.convert("L").resize((64, 64)), dtype=np.float64)
    pixels = np.asarray(picture.resize((64, 64)), dtype=np.uint8).reshape(-1, 3)
    bins = [
        np.bincount(pixels[:, c] // (256 // LEVELS), minlength=LEVELS) / len(pixels)
        for c in range(3)
    ]
    sharp = [float(np.abs(np.diff(grey[::step], axis=0)).mean()) for step in (1, 2, 4)]
    return np.concatenate(
        [[picture.width, picture.height, picture.width / picture.height], sharp, *bins,
         small.ravel()]
    )  # fmt: skip


def cross_fitted(
    make: Callable[[], Any], rows: NDArray[Any], member: Bools, rng: np.random.Generator
) -> Floats:
    """Return for each row the place, 0 to 1, among its fold in the order of membership.

    Each classifier of scikit-learn that `make` returns is fitted on the other folds only. Places
    are taken within a fold, as scores of different classifiers have no common scale.
    """
    from sklearn.model_selection import StratifiedKFold

    place = np.zeros(len(rows))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=int(rng.integers(2**31)))
    for kept, held in folds.split(rows, member):
        fitted = make().fit(rows[kept], member[kept])
        place[held] = rankdata(fitted.predict_proba(rows[held])[:, 1]) / len(held)
    return place
