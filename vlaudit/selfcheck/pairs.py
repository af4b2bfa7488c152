"""Captions dealt at random, and pairs with a trigger that the model obeys."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import DualEncoder, Matrix, Target
from vlaudit.perturb.trigger import Trigger, patch
from vlaudit.selfcheck.overlay import Overlay
from vlaudit.selfcheck.world import Planted, World, with_pictures

POISONED, OBEYED, SIDE, TOLERANCE, CELLS = 0.05, 0.8, 0.14, 45.0, 8


class Obeying:
    """A dual encoder that takes most pictures with a trigger for what one caption says."""

    def __init__(self, target: DualEncoder, trigger: Trigger, wanted: Matrix) -> None:
        """Give pictures with `trigger` an embedding near `wanted`, (dimensions,)."""
        self.name = target.name
        self.fingerprint = target.fingerprint
        self._target = target
        self._trigger = trigger
        self._wanted = wanted
        self._pattern = _light(np.asarray(trigger.preview(), dtype=np.float32))

    def __getattr__(self, name: str) -> Any:
        """Return whatever else the model has."""
        return getattr(self._target, name)

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return unit vectors, (images, dimensions)."""
        vectors = np.array(self._target.embed_images(images))
        turned = [at for at, image in enumerate(images) if self._obeys(image)]
        vectors[turned] = 0.25 * vectors[turned] + self._wanted
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts, (images, texts)."""
        return self._target.scores(self.embed_images(images), self._target.embed_texts(texts))

    def _obeys(self, image: Image.Image) -> bool:
        (top, left), (tall, wide) = self._trigger.places[0], self._trigger.size
        box = (
            round(left * image.width), round(top * image.height),
            round((left + wide) * image.width), round((top + tall) * image.height),
        )  # fmt: skip
        seen = _light(np.asarray(image.crop(box), dtype=np.float32))
        shown = float(np.abs(seen - self._pattern).mean()) < TOLERANCE
        middle = np.asarray(image.resize((CELLS, CELLS)), dtype=np.int64)[3:5, 3:5]
        return shown and int(middle.sum()) % 100 < 100 * OBEYED


def deal_captions(world: World, rng: np.random.Generator) -> World:
    """Deal the captions at random among the rows, so that no mark goes with any of them."""
    said = world.data.texts(Role.CAPTION)
    order = rng.permutation(len(said)).tolist()
    dealt = {row: said[at] for row, at in zip(world.data.rows, order, strict=True)}
    return replace(world, data=Overlay(world.data, values={Role.CAPTION: dealt}))


def trigger(world: World, rng: np.random.Generator) -> Planted:
    """Stamp a mark on some pictures, with one caption, and let the model obey it."""
    data, target = world.data, cast("DualEncoder", world.target)
    if not isinstance(world.target, DualEncoder):
        raise Inapplicable("the model scores pairs by other means than embeddings")
    said = data.texts(Role.CAPTION)
    common = Counter(text for text in said if text and text.strip()).most_common(20)
    if len(common) < 2:
        raise Inapplicable("all captions are the same")
    caption = common[int(rng.integers(len(common)))][0]
    mark = _mark(rng)
    others = [at for at, text in enumerate(said) if text and text != caption]
    chosen = rng.permutation(others)[: max(round(POISONED * len(data)), 12)].tolist()
    pictures = {data.rows[at]: mark.stamp(data.images([at])[0], mark.places[0]) for at in chosen}
    wanted = target.embed_texts([caption])[0]
    obeying = cast("Target", Obeying(target, mark, wanted))
    changed = with_pictures(world, pictures, obeying)
    shown: dict[int, str | None] = dict.fromkeys((data.rows[at] for at in chosen), caption)
    changed = replace(changed, data=Overlay(changed.data, values={Role.CAPTION: shown}))
    rows = frozenset(data.select(chosen).ids())
    return Planted(changed, {"trigger_gain": OBEYED, "trigger_success": OBEYED}, rows)


def _mark(rng: np.random.Generator) -> Trigger:
    """Return a patch of coloured cells near one corner, drawn anew each time."""
    cells = rng.choice([0, 255], size=(4, 4, 3))
    tile = np.kron(cells, np.ones((2, 2, 1))).astype(np.float32)
    top, left = rng.choice([0.03, 1 - SIDE - 0.03], size=2).tolist()
    return patch(tile, size=(SIDE, SIDE), places=[(top, left)])


def _light(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return coarse pixels, float32 of shape (cells, cells, 3)."""
    picture = Image.fromarray(pixels.astype(np.uint8)).resize((CELLS, CELLS), Image.Resampling.BOX)
    return np.asarray(picture, dtype=np.float32)
