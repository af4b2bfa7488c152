"""Pictures of one scene whose groups are dealt anew, and groups that fare worse within scenes."""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from vlaudit.core.dataset import Role
from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.counterfactual import blocks
from vlaudit.selfcheck.naming import name_rows
from vlaudit.selfcheck.overlay import Overlay
from vlaudit.selfcheck.world import Planted, World
from vlaudit.stats.subjects import set_names

GAP = 0.3


def deal_within_sets(world: World, rng: np.random.Generator) -> World:
    """Deal the groups at random among the pictures of each scene, all attributes together."""
    data, dealt = world.data, dict[str, dict[int, str | None]]()
    members: dict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(_sets(world)):
        if name:
            members[name].append(at)
    moves = {
        at: of
        for rows in members.values()
        for at, of in zip(rows, rng.permutation(rows).tolist(), strict=True)
    }
    for attribute in data.columns.groups:
        of_row = data.groups(attribute)
        dealt[attribute] = {data.rows[at]: of_row[of] for at, of in moves.items()}
    return replace(world, data=Overlay(data, attributes=dealt))


def paired_gap(world: World, rng: np.random.Generator) -> Planted:
    """Relabel pictures of one group, named right, in some of the scenes that it is in."""
    world = deal_within_sets(world, rng)
    data = world.data
    if not data.columns.has(Role.LABEL):
        raise Inapplicable("without labels no picture is named right or wrong")
    sets = _sets(world)
    groups = {name: data.groups(name) for name in data.columns.groups}
    places = [
        (attribute, group, [at for part in parts for at in part.rows.get(group, ())])
        for attribute in groups
        for parts in [blocks(sets, groups, attribute)]
        for group in sorted({name for part in parts for name in part.rows})
    ]
    if not places:
        raise Inapplicable("no scene is shown with two groups")
    _, group, mine = max(places, key=lambda place: len(place[2]))
    found = name_rows(world)
    right = {at for at, hit in zip(found.rows, found.right, strict=True) if hit}
    able = [at for at in mine if at in right]
    count = round(GAP * len(mine))
    if len(able) < count or not count:
        raise Inapplicable(f"too few pictures of {group} are named right")
    labels = data.texts(Role.LABEL)
    others = sorted({label for label in labels if label})
    wrong = {
        data.rows[at]: str(rng.choice([label for label in others if label != labels[at]]))
        for at in rng.permutation(able)[:count].tolist()
    }
    changed = replace(world, data=Overlay(data, values={Role.LABEL: wrong}))
    return Planted(changed, {"paired_accuracy_gap": count / len(mine)})


def _sets(world: World) -> list[str | None]:
    return set_names(world.data.ids(), world.data.texts(Role.COUNTERFACTUAL_OF))
