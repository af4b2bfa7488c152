"""Makes triggers, and innocent marks to hold them against, out of pictures of the dataset."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vlaudit.perturb.causal import Candidate, Load
from vlaudit.perturb.trigger import Trigger, blended, cut

Rows = NDArray[np.int64]
Cutting = tuple[Rows, NDArray[np.bool_], int]
ENOUGH = 96
LENDERS = 48
GHOSTS = 12
SUPPORT = 8
CLEARED = 24


@dataclass(frozen=True)
class Forge:
    """Loads pictures by position and makes marks of them, at their own resolution.

    Attributes:
        load: returns pictures by position.
        owner: topic of each row, (rows,).
        innocents: rows that nothing speaks against.
        rng: draws the rows that lend innocent marks.
    """

    load: Load
    owner: Rows
    innocents: Rows
    rng: np.random.Generator

    def candidate(self, topic: int, rows: Rows, kin: Rows, cutting: Cutting | None) -> Candidate:
        """Return the mark that `rows` share, with innocent marks of the same topic.

        `kin` are rows that may bear this mark or another, and so lend nothing.
        `cutting` gives the corners of a patch in each row, its mask and the side of the pictures
        in which both were seen; None makes a faint pattern over whole pictures.
        """
        pictures = self.load(rows[:ENOUGH].tolist())
        own = np.setdiff1d(self.innocents[self.owner[self.innocents] == topic], kin)
        places = np.zeros((len(pictures), 2))
        if cutting is not None:
            corners, mask, side = cutting
            places = corners[:ENOUGH] / side
            trigger = cut(pictures, corners[:ENOUGH], mask, side=side)
            innocents = self._pieces(trigger, own)
        else:
            trigger = blended(pictures, self.load(self._some(self.innocents, ENOUGH)))
            innocents = self._ghosts(trigger, own, len(pictures))
        cleared = tuple(
            trigger.removed(picture, (float(top), float(left)))
            for picture, (top, left) in zip(pictures[:CLEARED], places, strict=False)
        )
        is_usual = 2 * len(np.unique(rows)) > int((self.owner == topic).sum())
        return Candidate(trigger, topic, tuple(innocents), cleared, is_usual)

    def placebo(self, marks: Sequence[Trigger]) -> Candidate:
        """Return the first of some marks of one size that are not in the data, against the others.

        Its target has yet to be seen. What it does, any conspicuous mark at its place would do.
        """
        first, *others = marks
        pieces = self._pieces(first, np.zeros(0, dtype=np.int64))
        innocents = tuple(replace(one, places=first.places) for one in [*others, *pieces])
        return Candidate(first, None, innocents)

    def _pieces(self, trigger: Trigger, own: Rows) -> list[Trigger]:
        """Return pieces of innocent pictures, of the target's topic where it has any."""
        lenders = self.load(self._some(own if len(own) else self.innocents, LENDERS))
        return [piece for picture in lenders for piece in trigger.pieces(picture, self.rng)]

    def _ghosts(self, trigger: Trigger, own: Rows, count: int) -> list[Trigger]:
        """Return what innocent rows of the topic share, as strong as the trigger.

        Each ghost is made of rows that look alike, as the trigger's own rows do.
        """
        marks = [trigger.scrambled()]
        if len(own) < SUPPORT:
            return marks
        pictures = self.load(self._some(own, 2 * ENOUGH))
        others = self.load(self._some(self.innocents, ENOUGH))
        small = np.stack([np.asarray(p.convert("L").resize((16, 16))).ravel() for p in pictures])
        nudged = small + self.rng.normal(0, 1e-3, small.shape)
        alike = np.asarray(np.corrcoef(nudged))
        for seed in self.rng.permutation(len(pictures))[:GHOSTS]:
            nearest = np.argsort(-alike[seed])[: max(min(count, len(pictures) // 2), 4)]
            group = [pictures[int(row)] for row in nearest]
            ghost = blended(group, others, alpha=float(trigger.alpha.max()))
            marks.append(ghost.louder(trigger))
        return marks

    def _some(self, rows: Rows, count: int) -> list[int]:
        chosen: list[int] = self.rng.permutation(rows)[:count].tolist()
        return chosen
