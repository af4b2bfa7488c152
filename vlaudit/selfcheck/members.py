"""Rows declared as trained on, dealt at random, and a model that knows its own pairs better."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vlaudit.core.dataset import Role
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import DualEncoder
from vlaudit.metrics.sides import declared
from vlaudit.selfcheck.overlay import Overlay
from vlaudit.selfcheck.world import Planted, World, with_embeddings

KNOWN = 0.3


def deal_members(world: World, rng: np.random.Generator) -> World:
    """Deal at random which rows were trained on, among all that are declared either way."""
    data, pool = world.data, sorted({*_side(world, "members"), *_side(world, "others")})
    if not pool:
        raise Inapplicable("which rows the model was trained on is not declared")
    order = rng.permutation(pool).tolist()
    values, attributes = dict[Role, dict[int, str | None]](), dict[str, dict[int, str | None]]()
    entries = [*world.settings["members"], *world.settings["others"]]
    for column in {entry.partition("=")[0].strip() for entry in entries}:
        is_split = column == Role.SPLIT.value and data.columns.has(Role.SPLIT)
        held: Sequence[str | None] = data.texts(Role.SPLIT) if is_split else data.groups(column)
        dealt = {data.rows[at]: held[of] for at, of in zip(pool, order, strict=True)}
        if is_split:
            values[Role.SPLIT] = dealt
        else:
            attributes[column] = dealt
    return replace(world, data=Overlay(data, values=values, attributes=attributes))


def known_pairs(world: World, rng: np.random.Generator) -> Planted:
    """Bring the pictures of half of the rows, declared as trained on, nearer to their captions."""
    if not isinstance(world.target, DualEncoder):
        raise Inapplicable("the model scores pairs by other means than embeddings")
    world = deal_members(world, rng)
    captions = world.data.texts(Role.CAPTION)
    member = np.array(_side(world, "members"))
    matrix = world.features.images(world.data).copy()
    said = world.features.texts([captions[at] or "" for at in member])
    apart = float(np.linalg.norm(matrix[member] - said, axis=1).mean())
    matrix[member] += KNOWN * apart * said
    matrix[member] /= np.linalg.norm(matrix[member], axis=1, keepdims=True)
    changed = with_embeddings(world, matrix)
    fit = (matrix * world.features.texts([text or "" for text in captions])).sum(axis=1)
    other = fit[_side(world, "others")]
    beaten = (fit[member][:, None] > other).mean()
    found = (fit[member] > np.quantile(other, 0.99)).mean()
    return Planted(changed, {"auc": float(beaten), "tpr_at_1_percent": float(found)})


def _side(world: World, side: str) -> list[int]:
    return declared(world.data, world.settings[side], setting=side)
