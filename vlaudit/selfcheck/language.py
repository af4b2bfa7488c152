"""Words dealt at random between groups, and a text encoder that ties one group to concepts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset
from vlaudit.core.probe import Features
from vlaudit.core.target import Matrix
from vlaudit.metrics.association import Concept, effect_size, read_concepts, wording
from vlaudit.metrics.zero_shot import prompts
from vlaudit.selfcheck.world import Planted, World

SPREADS = 6.0


class MovedTexts:
    """The features of an audit, with some texts moved."""

    def __init__(self, features: Features, by: Mapping[str, NDArray[np.float32]]) -> None:
        """Move the embedding of each text of `by`, (dimensions,), and bring it to length 1."""
        self._features = features
        self._by = by

    def images(self, data: Dataset) -> Matrix:
        """Return the normalised embeddings of these rows, (rows, dimensions)."""
        return self._features.images(data)

    def texts(self, texts: Sequence[str]) -> Matrix:
        """Return the normalised embeddings of these texts, (texts, dimensions)."""
        found = np.array(self._features.texts(texts))
        for at, text in enumerate(texts):
            if text in self._by:
                found[at] += self._by[text]
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)

    def scores(self, data: Dataset, texts: Sequence[str]) -> Matrix:
        """Return the logits of each row against each text, (rows, texts)."""
        return self._features.scores(data, texts)


def deal_words(world: World, rng: np.random.Generator) -> World:
    """Deal the words of every two groups at random between them."""
    dealt: list[str] = []
    for names in read_concepts(world.settings["names"]):
        words = rng.permutation([*names.first, *names.second]).tolist()
        first, second = words[: len(names.first)], words[len(names.first) :]
        dealt.append(f"{names.name}: {', '.join(first)} | {', '.join(second)}")
    return replace(world, settings={**world.settings, "names": dealt})


def leaning_words(world: World, rng: np.random.Generator) -> Planted:
    """Move the words of one group towards the first pole of every concept."""
    settings, by = world.settings, dict[str, NDArray[np.float32]]()
    names = read_concepts(settings["names"])[0]
    asked = wording(settings["concepts"], settings["nonsense"], settings["templates"], rng)
    for template in settings["templates"]:
        toward = np.sum([_direction(world, one, template) for one in asked.concepts], axis=0)
        toward /= max(float(np.linalg.norm(toward)), 1e-9)
        (own,) = prompts([*names.first, *names.second], [template])
        spread = float((world.features.texts(own) @ toward).std())
        (first,) = prompts(names.first, [template])
        by |= dict.fromkeys(first, np.asarray(SPREADS * spread * toward, dtype=np.float32))
    moved = replace(world, features=MovedTexts(world.features, by))
    words = [*names.first, *names.second]
    leaning = asked.of_words(moved.features, words).mean(axis=0)
    sizes = np.abs(effect_size(leaning[: len(names.first)], leaning[len(names.first) :]))
    meant, idle = (sizes[part] for part in asked.halves)
    harm = float(meant.mean() - (idle.mean() if idle.size else 0.0))
    return Planted(moved, {"association_by_meaning": harm})


def _direction(world: World, concept: Concept, template: str) -> NDArray[np.float32]:
    one, two = (
        world.features.texts(prompts(pole, [template])[0]).mean(axis=0)
        for pole in (concept.first, concept.second)
    )
    apart = one - two
    return np.asarray(apart / max(float(np.linalg.norm(apart)), 1e-9), dtype=np.float32)
