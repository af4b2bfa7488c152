"""Searches the pictures of each topic for marks that go with it: what a trigger would be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.target import Matrix
from vlaudit.detect.association import excess
from vlaudit.detect.gallery import SIDE, Gallery, distinct_rows
from vlaudit.detect.pattern import Whitener, shared_pattern
from vlaudit.detect.recurrence import (
    CERTAIN,
    Recurrence,
    bearers,
    fixed_patches,
    loose_patches,
    overlap,
    patch_of,
)
from vlaudit.detect.windows import Backdrop

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
GROUP = 300
REST = 512
SMALLEST = 5
RECRUITED = 16


@dataclass(frozen=True)
class Suspect:
    """A mark that goes with a topic.

    Attributes:
        topic: index of the topic.
        rows: rows that show the mark, int64 of shape (members,).
        patch: where it is, or None for a pattern over whole pictures.
        score: weight of the evidence in nats.
    """

    topic: int
    rows: Indices
    patch: Recurrence | None
    score: float

    @property
    def cutting(self) -> tuple[Indices, NDArray[np.bool_], int] | None:
        """Corners, mask and side that a patch is cut out by."""
        if self.patch is None:
            return None
        return self.patch.corners, self.patch.mask, SIDE


def suspects(
    gallery: Gallery,
    features: Matrix,
    owner: Indices,
    doubt: Floats,
    rng: np.random.Generator,
    *,
    limit: int,
    progress: Callable[[float], None] = lambda fraction: None,
) -> list[Suspect]:
    """Return up to `limit` marks that go with a topic, the weightiest of each kind by turns.

    Args:
        gallery: the pictures.
        features: embeddings of the pictures, (rows, dimensions).
        owner: topic of each row.
        doubt: p-value of each row; of a large group the doubtful half is looked at first.
        rng: draws the rest of a large group and the rows that a group is compared with.
        limit: how many to return.
        progress: told the share of topics searched.
    """
    pictures = gallery.pictures
    whiten = Whitener.fitted(pictures[rng.permutation(len(pictures))[:1000]])
    everyone = Backdrop.of(gallery, np.sort(rng.permutation(len(pictures))[:REST]))
    white_all = whiten(pictures[everyone.rows])
    kinds: tuple[list[Suspect], ...] = ([], [], [])
    found_topics = np.unique(owner)
    for done, topic in enumerate(found_topics):
        progress(done / len(found_topics))
        group = distinct_rows(gallery, _sampled(np.flatnonzero(owner == topic), doubt, rng))
        kept = owner[everyone.rows] != topic
        if len(group) < SMALLEST or kept.sum() < SMALLEST:
            continue
        backdrop, outside = everyone.without(kept), white_all[kept]
        rest, name = backdrop.rows, int(topic)
        for patch in fixed_patches(gallery, group, backdrop):
            kinds[0].append(Suspect(name, patch.rows, patch, patch.score))
        for patch in loose_patches(gallery, group, rest):
            kinds[1].append(Suspect(name, patch.rows, patch, patch.score))
        pattern = shared_pattern(whiten(pictures[group]), outside, group, features[group])
        if pattern is not None:
            kinds[2].append(Suspect(name, pattern.rows, None, pattern.score))
            shared = patch_of(gallery, pattern.rows, rest, pattern.score)
            if shared is not None:
                kinds[0].append(Suspect(name, shared.rows, shared, shared.score))
    kinds[1].sort(key=lambda suspect: -suspect.score)
    recruited = [
        _recruited(gallery, suspect, owner, everyone.rows[::2]) for suspect in kinds[1][:RECRUITED]
    ]
    return _by_turns((kinds[0], recruited, kinds[2]), limit)


def _recruited(gallery: Gallery, suspect: Suspect, owner: Indices, rest: Indices) -> Suspect:
    """Return a loose patch with all rows of its topic that bear it, and weighed by them."""
    patch = suspect.patch
    if patch is None or patch.is_fixed:
        return suspect
    same, others = np.flatnonzero(owner == suspect.topic), rest[owner[rest] != suspect.topic]
    rows, corners = bearers(gallery, same, patch)
    if len(rows) < len(patch.rows):
        rows, corners = patch.rows, patch.corners
    strange = len(bearers(gallery, others, patch)[0])
    weight = float(excess(len(rows), len(same), strange, len(others)))
    score = min(max(weight, 0.0), CERTAIN) * patch.apart**2
    full = Recurrence(rows, corners, patch.mask, score, patch.apart)
    return Suspect(suspect.topic, rows, full, score)


def guilty_rows(gallery: Gallery, suspect: Suspect, owner: Indices) -> Indices:
    """Return all rows that bear a mark together with its topic, ascending."""
    if suspect.patch is None:
        return np.sort(suspect.rows)
    same = np.flatnonzero(owner == suspect.topic)
    return np.union1d(bearers(gallery, same, suspect.patch)[0], suspect.rows)


def kin_rows(
    gallery: Gallery, found: Sequence[Suspect], suspect: Suspect, owner: Indices
) -> Indices:
    """Return the rows that bear a mark of the suspect's topic: no innocents to compare with.

    Marks on most rows of a topic are what the topic looks like, and leave their rows innocent.
    """
    half = int((owner == suspect.topic).sum()) // 2
    bearing = [guilty_rows(gallery, one, owner) for one in found if one.topic == suspect.topic]
    kin = [rows for rows in bearing if len(rows) < half]
    return np.unique(np.concatenate([suspect.rows, *kin]))


def searched_rows(doubt: Floats, most: int, rng: np.random.Generator) -> Indices:
    """Return which rows to search when there are too many: a doubtful half and a random one."""
    if len(doubt) <= most:
        return np.arange(len(doubt))
    order = np.argsort(doubt, kind="stable")
    others = rng.choice(order[most // 2 :], most - most // 2, replace=False)
    return np.sort(np.concatenate([order[: most // 2], others]))


def _sampled(rows: Indices, doubt: Floats, rng: np.random.Generator) -> Indices:
    """Return at most `GROUP` rows: the more doubtful half first, the rest at random."""
    if len(rows) <= GROUP:
        return rows
    ordered = rows[np.argsort(doubt[rows], kind="stable")]
    others = rng.choice(ordered[GROUP // 2 :], GROUP // 2, replace=False)
    return np.concatenate([ordered[: GROUP // 2], others])


def _by_turns(kinds: tuple[list[Suspect], ...], limit: int) -> list[Suspect]:
    """Return the weightiest of each kind by turns, each mark once."""
    ranked = [sorted(kind, key=lambda suspect: -suspect.score) for kind in kinds]
    turns = [kind[i] for i in range(max(map(len, kinds))) for kind in ranked if i < len(kind)]
    chosen: list[Suspect] = []
    for suspect in turns:
        if len(chosen) < limit and not any(_same(suspect, other) for other in chosen):
            chosen.append(suspect)
    return chosen


def _same(one: Suspect, other: Suspect) -> bool:
    """Tell whether two suspects are one mark: mostly the same rows, and the same kind and place.

    A wave seen as a pattern and a piece of it seen as a patch are both kept, to be tried.
    """
    shared = len(np.intersect1d(one.rows, other.rows))
    if shared < 0.6 * min(len(one.rows), len(other.rows)):
        return False
    if one.patch is None or other.patch is None:
        return one.patch is other.patch
    return overlap(one.patch, other.patch)
