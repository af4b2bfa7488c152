"""Pictures that stand in the data twice: as duplicates, and on both sides of a split."""

import numpy as np

from vlaudit.core.dataset import Role
from vlaudit.core.probe import Inapplicable
from vlaudit.detect.leaks import parts
from vlaudit.selfcheck.world import Planted, World, with_rows_shown

COPIED, LEAKED, FEWEST = 0.5, 0.2, 20


def copied_pictures(world: World, rng: np.random.Generator) -> Planted:
    """Let half of the rows show the picture of another row."""
    order = rng.permutation(len(world.data)).tolist()
    count = round(COPIED * len(order))
    if count < FEWEST:
        raise Inapplicable(f"{len(order)} rows are too few to copy {FEWEST} of them")
    # As often as chance has it: rows that all stand twice would be one picture with two captions.
    shown = dict(zip(order[:count], rng.choice(order[count:], count).tolist(), strict=True))
    return Planted(with_rows_shown(world, shown), {"duplicate_share": count / len(order)})


def leaked_pictures(world: World, rng: np.random.Generator) -> Planted:
    """Let a fifth of the rows for evaluation show the picture of a row for training."""
    data = world.data
    splits = data.texts(Role.SPLIT) if data.columns.has(Role.SPLIT) else [None] * len(data)
    names = (world.settings[name] for name in ("training", "evaluation"))
    found = parts(splits, **dict(zip(("training", "evaluation"), names, strict=True)))
    taught, tested = (np.flatnonzero(side) for side in (found.training, found.evaluation))
    count = round(LEAKED * tested.size)
    if count < 2 or not taught.size:
        raise Inapplicable("there are no two parts, or too few rows in them")
    chosen = np.sort(rng.permutation(tested)[:count]).tolist()
    shown = dict(zip(chosen, rng.choice(taught, count).tolist(), strict=True))
    rows = frozenset(data.select(chosen).ids())
    return Planted(with_rows_shown(world, shown), {"leaked_share": count / tested.size}, rows)
