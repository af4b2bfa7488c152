"""What captions are about, and which evidence goes with which of them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

from vlaudit.core.target import Matrix

Floats = NDArray[np.float64]
ALIKE = 0.95
SYNONYMS = 0.75


@dataclass(frozen=True)
class Topics:
    """A set of things that captions say, as directions of the text space.

    Attributes:
        names: one name a topic, its label; None for a topic found among the captions alone.
        centres: mean caption of each topic, unit vectors of shape (topics, dimensions).
        owner: topic of each row by its caption, int64 of shape (rows,).
    """

    names: tuple[str | None, ...]
    centres: Matrix
    owner: NDArray[np.int64]


def topics(
    captions: Sequence[str],
    vectors: Matrix,
    labels: Sequence[str | None] | None,
    *,
    images: Matrix | None = None,
    limit: int = 100,
    seed: int = 0,
) -> Topics:
    """Return the topics of the captions: labels first, then frequent captions, then clusters.

    A row belongs to the topic that its caption is nearest to, whatever its label: poisoned rows
    often keep their label. A frequent caption belongs to the label that its rows have oftenest, if
    it says that label or is nearest to it. `vectors` are the captions' unit vectors, (rows,
    dimensions); with the pictures' as `images`, topics without a label that pictures fit alike are
    one.
    """
    names: list[str | None] = []
    centres: list[Matrix] = []
    tags = np.array([label or "" for label in labels or [""] * len(captions)])
    counted = Counter(tags[tags != ""].tolist())
    if 2 <= len(counted) <= max(len(captions) // 4, 2):
        for label, _ in counted.most_common(limit):
            names.append(label)
            centres.append(_unit(vectors[tags == label].mean(axis=0)))
    given = {label: topic for topic, label in enumerate(names) if label}
    worded = np.full(len(captions), -1)
    for rows in _frequent(captions, room=min(limit // 2, limit - len(given))):
        usual, _ = Counter(tags[rows].tolist()).most_common(1)[0]
        if usual in given and (
            usual.casefold() in captions[int(rows[0])].casefold()
            or given[usual] == int((np.stack(centres[: len(given)]) @ vectors[rows[0]]).argmax())
        ):
            worded[rows] = given[usual]
        else:
            _add_new(vectors[rows[0]], None, names, centres)
    rest = np.setdiff1d(_far_rows(vectors, centres), np.flatnonzero(worded >= 0))
    clusters = min(limit - len(names), len(rest) // 20)
    if clusters >= 2:
        for centre in _clustered(vectors[rest], clusters, seed):
            _add_new(centre, None, names, centres)
    if len(centres) < 2:
        names, centres = [None, None], list(_clustered(vectors, 2, seed))
    if images is not None:
        names, centres = _merged(names, centres, images)
    table = np.stack(centres)
    owner = np.where(worded >= 0, worded, (vectors @ table.T).argmax(axis=1))
    return Topics(tuple(names), table, owner)


def excess(hits: ArrayLike, size: ArrayLike, hits_rest: ArrayLike, size_rest: ArrayLike) -> Floats:
    """Return how much likelier `hits` of `size` are than `hits_rest` of `size_rest`, in nats.

    The log likelihood ratio of two proportions against one (half of the G statistic), negative
    where the share within is the lower one; arrays of any shape.
    """
    k, n, r, m = (np.asarray(x, dtype=np.float64) for x in (hits, size, hits_rest, size_rest))
    pooled = (k + r) / (n + m)
    ratio = _likelihood(k, n, k / n) + _likelihood(r, m, r / m)
    ratio -= _likelihood(k, n, pooled) + _likelihood(r, m, pooled)
    return np.asarray(np.where(k / n >= r / m, ratio, -ratio))


def shared_phrase(inside: Sequence[str], outside: Sequence[str]) -> str | None:
    """Return the one to three words that set the captions `inside` apart, or None.

    Only words written in small letters alone qualify, so that names of people, addresses and
    numbers never leave the dataset.
    """
    counts, rest = (Counter(p for t in texts for p in _phrases(t)) for texts in (inside, outside))
    often = [phrase for phrase, count in counts.items() if count >= max(2, len(inside) // 2)]
    if not often or not outside:
        return None
    found = [counts[phrase] for phrase in often]
    gains = excess(found, len(inside), [rest[phrase] for phrase in often], len(outside))
    best = max(range(len(often)), key=lambda i: (round(float(gains[i]), 6), len(often[i])))
    return often[best] if gains[best] > 2 else None


def public_name(topics: Topics, topic: int, captions: Sequence[str]) -> str:
    """Return a name of a topic that gives away nothing personal, in quotation marks if quoted.

    Its label or the phrase that sets its captions apart, if written in small letters alone; else
    a description.
    """
    label = topics.names[topic]
    if label is not None and label in _phrases(label, longest=9):
        return f"'{label}'"
    own = [caption for caption, owner in zip(captions, topics.owner, strict=True) if owner == topic]
    others = [text for text, owner in zip(captions, topics.owner, strict=True) if owner != topic]
    phrase = shared_phrase(own, others)
    return "what their captions share" if phrase is None else f"'{phrase}'"


def _phrases(text: str, *, longest: int = 3) -> set[str]:
    words = [word if re.fullmatch(r"[^\W\d_]+", word) else "" for word in text.split()]
    words = [word if word == word.lower() else "" for word in words]
    spans = (words[i : i + n] for n in range(1, longest + 1) for i in range(len(words) - n + 1))
    return {" ".join(span) for span in spans if all(span)}


def _frequent(captions: Sequence[str], *, room: int) -> list[NDArray[np.int64]]:
    """Return the rows of each caption that five or more rows have, the most frequent first."""
    _, texts = np.unique([caption.strip().casefold() for caption in captions], return_inverse=True)
    counts = np.bincount(texts)
    order = np.argsort(-counts, kind="stable")[: max(room, 0)]
    return [np.flatnonzero(texts == text) for text in order if counts[text] >= 5]


def _merged(
    names: Sequence[str | None], centres: Sequence[Matrix], images: Matrix
) -> tuple[list[str | None], list[Matrix]]:
    """Return the topics without those that pictures fit as they fit an earlier one.

    Only what is not a label is merged. What all topics of a picture have in common says nothing.
    """
    fits = images @ np.stack(centres).T
    alike = np.corrcoef((fits - fits.mean(axis=1, keepdims=True)).T)
    kept: list[int] = []
    for topic, name in enumerate(names):
        if name is not None or not (alike[topic, kept] > SYNONYMS).any():
            kept.append(topic)
    if len(kept) < 2:
        return list(names), list(centres)
    return [names[topic] for topic in kept], [centres[topic] for topic in kept]


def _far_rows(vectors: Matrix, centres: Sequence[Matrix]) -> NDArray[np.int64]:
    """Return the rows whose captions are not much like any topic so far."""
    if not centres:
        return np.arange(len(vectors))
    nearest = (vectors @ np.stack(centres).T).max(axis=1)
    owned = np.median(nearest)
    return np.flatnonzero(nearest < min(float(owned), ALIKE))


def _clustered(vectors: Matrix, clusters: int, seed: int) -> Matrix:
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(
        min(clusters, len(vectors)), random_state=seed, batch_size=2048, max_iter=30
    )
    centres = np.asarray(model.fit(vectors).cluster_centers_, dtype=np.float32)
    length = np.linalg.norm(centres, axis=1, keepdims=True) + 1e-12
    return np.asarray(centres / length, dtype=np.float32)


def _add_new(
    centre: Matrix, name: str | None, names: list[str | None], centres: list[Matrix]
) -> None:
    if not centres or float((np.stack(centres) @ centre).max()) < ALIKE:
        names.append(name)
        centres.append(centre)


def _unit(vector: Matrix) -> Matrix:
    return np.asarray(vector / (np.linalg.norm(vector) + 1e-12), dtype=np.float32)


def _likelihood(hits: Floats, size: Floats, rate: Floats) -> Floats:
    return np.asarray(xlogy(hits, rate) + xlogy(size - hits, 1 - rate), dtype=np.float64)
