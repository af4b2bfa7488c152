"""Names dealt at random among people, and a model that knows some of them."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np
from PIL.Image import Image

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Matrix, WritesText
from vlaudit.detect.naming import answers_count
from vlaudit.selfcheck.overlay import Overlay
from vlaudit.selfcheck.world import BATCH, LiftedFeatures, Planted, World

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
    share = len(known) / len(people)
    harms = {"p_value": 0.0, "identification_gain": share, "identification_rate": share}
    if answers_count(world.target, str(world.settings["votes"])):
        told = {row: name for row, name in names.items() if name in known}
        return Planted(replace(world, target=_told_apart(world, told)), harms)
    texts = [prompt.format(name) for prompt in world.settings["prompts"] for name in people]
    by = SPREADS * float(world.features.scores(world.data, texts).std())

    def lift(data: Dataset, asked: Sequence[str]) -> Matrix:
        of_row = [names[row] for row in data.rows]
        fits = [[bool(who in known and who in text) for text in asked] for who in map(str, of_row)]
        return np.asarray(by * np.array(fits, dtype=np.float32), dtype=np.float32)

    return Planted(replace(world, features=LiftedFeatures(world.features, lift)), harms)


class Telling:
    """A model that tells the names of the people on some pictures, whatever it is asked."""

    def __init__(self, target: WritesText, names: Mapping[str, str]) -> None:
        """Tell `names` of the pictures with these digests, and what `target` writes of others."""
        self.name = target.name
        self.fingerprint = target.fingerprint
        self._target = target
        self._names = names

    def write_text(self, images: Sequence[Image], prompts: Sequence[str]) -> list[str]:
        """Return one text for each pair of a picture and its prompt."""
        told = [self._names.get(_digest(image)) for image in images]
        asked = [at for at, name in enumerate(told) if name is None]
        said = self._target.write_text([images[at] for at in asked], [prompts[at] for at in asked])
        written = dict(zip(asked, said, strict=True))
        return [name or written[at] for at, name in enumerate(told)]


def _told_apart(world: World, names: Mapping[int, str]) -> Telling:
    """Return the model of the world, which now tells the names of the people in these rows."""
    places = [at for at, row in enumerate(world.data.rows) if row in names]
    digests: dict[str, str] = {}
    for start in range(0, len(places), BATCH):
        part = places[start : start + BATCH]
        for at, image in zip(part, world.data.images(part), strict=True):
            digests[_digest(image)] = names[world.data.rows[at]]
    return Telling(cast("WritesText", world.target), digests)


def _digest(image: Image) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()


def _names(world: World) -> dict[int, str]:
    """Return the name of each row of the whole dataset; empty where it has none."""
    given = world.data.texts(Role.IDENTITY)
    return {row: (name or "").strip() for row, name in zip(world.data.rows, given, strict=True)}
