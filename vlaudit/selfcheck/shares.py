"""Groups as a population has them, groups that are missing, and groups that are served worse."""

from dataclasses import replace
from typing import cast

import numpy as np

from vlaudit.core.dataset import Pictures
from vlaudit.core.measurement import RowResults
from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.population import read_population
from vlaudit.selfcheck.groups import deal, draw_victim
from vlaudit.selfcheck.overlay import Overlay
from vlaudit.selfcheck.world import Planted, World

LEFT, WORSE = 0.3, 0.4


def drawn_by_population(world: World, rng: np.random.Generator) -> World:
    """Draw the groups of all rows from the declared population."""
    data, drawn = world.data, dict[str, dict[int, str | None]]()
    for attribute, shares in read_population(world.settings["population"]).items():
        if attribute in data.columns.groups:
            groups = rng.choice([*shares], size=len(data), p=[*shares.values()]).tolist()
            drawn[attribute] = dict(zip(data.rows, groups, strict=True))
    if not drawn:
        raise Inapplicable("no population is declared for an annotated attribute")
    return replace(world, data=Overlay(data, attributes=drawn))


def missing_group(world: World, rng: np.random.Generator) -> Planted:
    """Draw the groups from the declared population, and leave most rows of one out."""
    world = drawn_by_population(world, rng)
    shares = read_population(world.settings["population"])
    places = [(name, group) for name, of in shares.items() for group in of]
    attribute, group = places[int(rng.integers(len(places)))]
    of_row = world.data.groups(attribute)
    mine = [at for at, name in enumerate(of_row) if name == group]
    kept = set(rng.permutation(mine)[: round(LEFT * len(mine))].tolist())
    rows = [at for at, name in enumerate(of_row) if name != group or at in kept]
    harm = len(kept) / len(rows) / shares[attribute][group]
    left = cast("Pictures", world.data.select(rows))
    return Planted(replace(world, data=left), {"lowest_ratio": harm})


def unequal_service(world: World, rng: np.random.Generator) -> Planted:
    """Let every rate that other probes kept row by row be lower in one group."""
    if not world.kept:
        raise Inapplicable("no other probe kept which rows succeeded")
    world = deal(world, rng)
    victim = draw_victim(world, rng)
    ids = world.data.ids()
    mine = {name for name, row in zip(ids, world.data.rows, strict=True) if row in victim.rows}
    kept: dict[str, RowResults] = {}
    harms: list[float] = []
    for metric, results in world.kept.items():
        own = [at for at, name in enumerate(results.ids) if name in mine]
        right = [at for at in own if results.right[at]]
        failed = set(rng.permutation(right)[: round(WORSE * len(own))].tolist())
        hits = [hit and at not in failed for at, hit in enumerate(results.right)]
        kept[metric] = replace(results, right=hits)
        harms.append(len(failed) / len(own) if own else 0.0)
    if not max(harms):
        raise Inapplicable(f"nothing succeeds in {victim.attribute} {victim.group}")
    return Planted(replace(world, kept=kept), {"service_gap": max(harms)})
