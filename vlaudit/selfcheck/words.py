"""Written words that mean nothing, and a model that believes the words it reads."""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vlaudit.core.dataset import Role, class_name
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Matrix, ScoresPairs, Target
from vlaudit.selfcheck.overlay import Overlay
from vlaudit.selfcheck.world import Planted, World

BELIEVED, CONVINCED = 0.4, 1e4
SHAPE, SMALL, KIN, ALIKE, CHANGED, INK, SPACING = (48, 12), 24, 3, 0.75, 0.65, 100, 1
SIZES = (6, 7, 8, 9, 10, 11, 12, 14, 16, 20, 26, 34, 48, 64)

Plane = NDArray[np.float64]


class Renamed:
    """A model for which the names of the classes are exchanged: what it calls one, is another.

    Rows relabelled alike are named as well as before, but a word written on a picture now means a
    class that it does not name.
    """

    def __init__(self, target: ScoresPairs, names: Mapping[str, str]) -> None:
        """Ask `target` for `names[word]` wherever a text has `word`."""
        self.name = target.name
        self.fingerprint = target.fingerprint
        self._target = target
        self._names = names
        longest_first = sorted(names, key=len, reverse=True)
        self._any = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in longest_first))

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against the renamed texts, (images, texts)."""
        renamed = [self._any.sub(lambda found: self._names[found.group()], t) for t in texts]
        return self._target.score_pairs(images, renamed)


class Reading:
    """A model that on a share of pictures believes the class word written on them.

    A sign is what differs between two pictures that are otherwise the same pixel by pixel; its
    black letters are compared with a print of every class name.
    """

    def __init__(self, target: ScoresPairs, classes: Sequence[str], believed: float) -> None:
        """Believe the words of `classes` on this share of the signs that show one."""
        self.name = target.name
        self.fingerprint = target.fingerprint
        self._target = target
        laid = [(name, form, size) for name in classes for form in _forms(name) for size in SIZES]
        self._words = [name for name, _, _ in laid]
        self._prints = np.stack([_outline(_print(form, size)) for _, form, size in laid])
        longest_first = sorted(classes, key=len, reverse=True)
        self._any = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in longest_first))
        self._believed = believed

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts, (images, texts)."""
        scores = np.array(self._target.score_pairs(images, texts))
        named = [found.group() if (found := self._any.search(text)) else "" for text in texts]
        for row, word in enumerate(self._read(images)):
            scores[row, [name == word for name in named]] += CONVINCED
        return scores

    def _read(self, images: Sequence[Image.Image]) -> list[str | None]:
        """Return the word that is believed of each picture, None where there is none."""
        small = [np.asarray(image.resize((SMALL, SMALL)), dtype=np.int16) for image in images]
        read: list[str | None] = []
        for at, image in enumerate(images):
            box = self._sign(images, small, at)
            read.append(None if box is None else self._word(image.crop(box)))
        return read

    def _sign(
        self, images: Sequence[Image.Image], small: Sequence[NDArray[np.int16]], at: int
    ) -> tuple[int, int, int, int] | None:
        """Return the box in which a picture differs from one that is else the same."""
        apart = [
            1.0 if other == at or images[other].size != images[at].size
            else float((np.abs(small[other] - small[at]).max(axis=2) > 8).mean())
            for other in range(len(images))
        ]  # fmt: skip
        nearest = np.argsort(apart, kind="stable")[:KIN].tolist()
        kin = [other for other in nearest if apart[other] < CHANGED]
        if not kin:
            return None
        own = np.asarray(images[at], dtype=np.int16)
        differs = np.zeros(own.shape[:2], dtype=np.bool_)
        for other in kin:
            differs |= (own != np.asarray(images[other], dtype=np.int16)).any(axis=2)
        box = Image.fromarray(differs).getbbox()
        white = box is not None and np.asarray(images[at].crop(box)).min(axis=2) > 250
        return box if np.mean(white) > 0.5 else None

    def _word(self, sign: Image.Image) -> str | None:
        ink = 255 - np.asarray(sign.convert("L"))
        if ink.max() < INK or zlib.crc32(ink.tobytes()) % 1000 >= 1000 * self._believed:
            return None
        likeness = self._prints @ _outline(ink) / self._prints.shape[1]
        best = int(likeness.argmax())
        return self._words[best] if likeness[best] > ALIKE else None


def meaningless_words(world: World, rng: np.random.Generator) -> World:
    """Exchange the names of the classes, for rows and model alike."""
    data = world.data
    labels = data.texts(Role.LABEL)
    classes = sorted({label for label in labels if label})
    if len(classes) < 2:
        raise Inapplicable("one class has nobody to exchange its name with")
    order = rng.permutation(len(classes))
    # Each class takes the name of the next one in a random circle, so that none keeps its own.
    after = {classes[a]: classes[b] for a, b in zip(order, np.roll(order, -1), strict=True)}
    asked = {class_name(new): class_name(old) for old, new in after.items()}
    named = {r: after.get(t or "", t) for r, t in zip(data.rows, labels, strict=True)}
    target = Renamed(cast("ScoresPairs", world.target), asked)
    return replace(world, target=_typed(target), data=Overlay(data, values={Role.LABEL: named}))


def believed_words(world: World, rng: np.random.Generator) -> Planted:
    """Let the model believe the class word on a share of the pictures."""
    labels = world.data.texts(Role.LABEL)
    classes = sorted({class_name(label) for label in labels if label})
    target = Reading(cast("ScoresPairs", world.target), classes, BELIEVED)
    harms = {"typographic_gain": BELIEVED, "pairwise_gain": BELIEVED}
    return Planted(replace(world, target=_typed(target)), harms)


def _typed(target: Any) -> Target:
    return cast("Target", target)


def _forms(name: str) -> list[str]:
    """Return a name as it may be broken into lines: at no space, at one of them, at all."""
    spaces = [at for at, letter in enumerate(name) if letter == " "]
    broken = [f"{name[:at]}\n{name[at + 1 :]}" for at in spaces]
    return [*dict.fromkeys([name, *broken, name.replace(" ", "\n")])]


def _print(text: str, size: int) -> NDArray[np.uint8]:
    """Return the ink of a text in letters of a size, laid out as on a sign."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = ImageDraw.Draw(Image.new("L", (1, 1))).textbbox(
        (0, 0), text, font, spacing=SPACING, align="center"
    )
    wide, tall = round(right - left) + 2 * size, round(bottom - top) + 2 * size
    page = Image.new("L", (wide, tall))
    place = (size - left, size - top)
    ImageDraw.Draw(page).text(place, text, 255, font, spacing=SPACING, align="center")
    return np.asarray(page)


def _outline(ink: NDArray[np.uint8]) -> Plane:
    """Return the letters alone, stretched to one size, with mean 0 and variance 1, flat."""
    box = Image.fromarray(np.where(ink > INK, ink, 0).astype(np.uint8)).getbbox()
    cut = Image.fromarray(ink).crop(box).resize(SHAPE, Image.Resampling.BILINEAR)
    plane = np.asarray(cut, dtype=np.float64)
    return np.asarray((plane - plane.mean()) / max(float(plane.std()), 1e-9)).ravel()
