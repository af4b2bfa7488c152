"""Names dealt at random among people, and a model that knows some of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Matrix
from vlaudit.selfcheck.overlay import Overlay
from vlaudit.selfcheck.world import LiftedFeatures, Planted, World

KNOWN, SPREADS = 0.25, 4.0


def deal_names(world: World, rng: np.random.Generator) -> World:
    """Deal the names at random among the rows that have one."""
    names = _names(world)
    rows = [row for row, name in names.items() if name]
    order = rng.permutation(len(rows)).tolist()
    dealt = {row: names[rows[at]] for row, at in zip(rows, order, strict=True)}
    return replace(world, data=Overlay(world.data, values={Role.IDENTITY: dealt}))


def acquainted(world: World, rng: np.random.Generator) -> Planted:
    """Let the model find the names of a quarter of the people fitting on their pictures."""
    world = deal_names(world, rng)
    names, fewest = _names(world), int(world.settings["min_pictures"])
    counts = Counter(name for name in names.values() if name)
    people = sorted(name for name, count in counts.items() if count >= fewest)
    if not people:
        raise Inapplicable("nobody has enough pictures")
    known = set(rng.permutation(people)[: max(1, round(KNOWN * len(people)))].tolist())
    texts = [prompt.format(name) for prompt in world.settings["prompts"] for name in people]
    by = SPREADS * float(world.features.scores(world.data, texts).std())

    def lift(data: Dataset, asked: Sequence[str]) -> Matrix:
        of_row = [names[row] for row in data.rows]
        fits = [[bool(who in known and who in text) for text in asked] for who in map(str, of_row)]
        return np.asarray(by * np.array(fits, dtype=np.float32), dtype=np.float32)

    share = len(known) / len(people)
    harms = {"p_value": 0.0, "identification_gain": share, "identification_rate": share}
    return Planted(replace(world, features=LiftedFeatures(world.features, lift)), harms)


def _names(world: World) -> dict[int, str]:
    """Return the name of each row of the whole dataset; empty where it has none."""
    given = world.data.texts(Role.IDENTITY)
    return {row: (name or "").strip() for row, name in zip(world.data.rows, given, strict=True)}
