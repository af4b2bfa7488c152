"""A model that can only be asked: which class it names, and how strongly, for whole pictures."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import ChoosesAnswers, EmbedsImages, ScoresPairs, Target
from vlaudit.perturb.blackbox.rays import Picture, search
from vlaudit.perturb.blackbox.square import SquareAttack
from vlaudit.perturb.gradient.ball import LinfBall
from vlaudit.perturb.gradient.oracle import Oracle, unanswered
from vlaudit.perturb.subjects import prompts

QUESTION = "What does the picture show?"


# Of each picture: whether it was won, how it then looked, and how many answers were asked for.
Won = list[tuple[bool, Picture, int]]


class Witness(Protocol):
    """Answers about pictures, and an attack that lives on such answers."""

    @property
    def calls(self) -> int:
        """Requests that one answer takes."""
        ...

    @property
    def attack_name(self) -> str:
        """Name of the attack, for people."""
        ...

    def names(self, pictures: Sequence[Picture]) -> list[int | None]:
        """Return the class that each picture is named; None where no class is."""
        ...

    def attack(
        self,
        pictures: Sequence[Picture],
        labels: Sequence[int],
        *,
        budget: int,
        queries: int,
        generator: torch.Generator,
    ) -> Won:
        """Return for each picture whether it was won, how it then looked, and the answers taken."""
        ...


def misnamed(witness: Witness, pictures: Sequence[Picture], labels: Sequence[int]) -> list[bool]:
    """Tell for each picture whether it is named another class; no name is no other class."""
    names = witness.names(pictures)
    return [name not in (None, label) for name, label in zip(names, labels, strict=True)]


def shaken(picture: Picture, budget: int, generator: torch.Generator) -> Picture:
    """Return a picture every value of which moved up or down by `budget` levels at random."""
    coin = torch.randint(2, picture.shape, generator=generator).numpy() * 2 - 1
    moved = np.clip(picture.astype(np.int64) + budget * coin, 0, 255)
    return np.asarray(moved, dtype=np.uint8)


class Scorer:
    """Attacks by scores: Square, on pictures as they are."""

    attack_name = "Square, which sees scores"

    def __init__(
        self,
        target: ScoresPairs,
        classes: Sequence[str],
        templates: Sequence[str],
        *,
        batch_size: int,
    ) -> None:
        """Ask `target` about every class in every template."""
        self._target = target
        self._texts = prompts(classes, templates)
        self._classes = len(classes)
        self._batch_size = batch_size

    @property
    def calls(self) -> int:
        """Requests that one answer takes where pictures and texts are scored pair by pair."""
        return len(self._texts)

    def names(self, pictures: Sequence[Picture]) -> list[int | None]:
        """Return the class of the highest mean score; None where a score is not a number."""
        scores = self._scores([Image.fromarray(picture) for picture in pictures])
        silent = unanswered(scores).tolist()
        named: list[int] = scores.argmax(1).tolist()
        return [None if mute else name for mute, name in zip(silent, named, strict=True)]

    def attack(
        self,
        pictures: Sequence[Picture],
        labels: Sequence[int],
        *,
        budget: int,
        queries: int,
        generator: torch.Generator,
    ) -> Won:
        """Run Square on the pictures of each size together."""
        found: dict[int, tuple[bool, Picture, int]] = {}
        oracle = Oracle(self._of_pixels, batch_size=self._batch_size)
        for shape in {picture.shape: None for picture in pictures}:
            which = [index for index, picture in enumerate(pictures) if picture.shape == shape]
            clean = torch.from_numpy(np.stack([pictures[index] for index in which]))
            attempt, asked = SquareAttack(queries)(
                oracle,
                clean.permute(0, 3, 1, 2).float() / 255,
                torch.tensor([labels[index] for index in which]),
                LinfBall(budget / 255),
                generator=generator,
                progress=lambda fraction: None,
            )
            for place, index in enumerate(which):
                won = bool(attempt.won[place])
                found[index] = won, _as_levels(attempt.pictures[place]), int(asked[place])
        return [found[index] for index in range(len(pictures))]

    def _of_pixels(self, pixels: Tensor) -> Tensor:
        return self._scores([Image.fromarray(_as_levels(one)) for one in pixels])

    def _scores(self, images: Sequence[Image.Image]) -> Tensor:
        scores = torch.from_numpy(self._target.score_pairs(images, self._texts))
        return scores.reshape(len(images), self._classes, -1).mean(2)


class Chooser:
    """Names pictures by a choice among the classes."""

    def __init__(self, target: ChoosesAnswers, classes: Sequence[str]) -> None:
        """Ask `target` to choose among the classes."""
        self._target = target
        self._classes = list(classes)

    def names(self, pictures: Sequence[Picture]) -> list[int | None]:
        """Return the class that is chosen for each picture; None where none is."""
        images = [Image.fromarray(picture) for picture in pictures]
        chosen = self._target.choose_answers(images, [QUESTION] * len(images), self._classes)
        return [choice.option for choice in chosen]


class Decider:
    """Attacks by names alone: RayS."""

    attack_name = "RayS, which sees names only"

    def __init__(self, names: Callable[[Sequence[Picture]], list[int | None]], calls: int) -> None:
        """Take what names pictures, and the requests that one name takes."""
        self._names = names
        self.calls = calls

    def names(self, pictures: Sequence[Picture]) -> list[int | None]:
        """Return the class that each picture is named; None where no class is."""
        return self._names(pictures)

    def attack(
        self,
        pictures: Sequence[Picture],
        labels: Sequence[int],
        *,
        budget: int,
        queries: int,
        generator: torch.Generator,
    ) -> Won:
        """Run RayS on all pictures side by side; it draws nothing."""

        def ask(tried: Sequence[Picture], which: Sequence[int]) -> list[bool]:
            return misnamed(self, tried, [labels[index] for index in which])

        walks = search(ask, pictures, budget=budget, queries=queries)
        return [(walk.won, walk.picture, walk.asked) for walk in walks]


def choose_witness(
    target: Target,
    classes: Sequence[str],
    templates: Sequence[str],
    *,
    feedback: str,
    batch_size: int,
) -> Witness:
    """Return who answers, and the attack: on `scores`, `decisions`, or `auto`.

    By default scores are asked for where they come from embeddings, for which all classes cost one
    look; otherwise a choice, which is one question where scores are one for each class.

    Raises:
        Inapplicable: the target does not give such answers.
    """
    if feedback not in ("auto", "scores", "decisions"):
        raise Inapplicable(f"feedback {feedback!r} does not exist; set scores, decisions or auto")
    asks = feedback != "scores" and not isinstance(target, EmbedsImages)
    if asks and isinstance(target, ChoosesAnswers):
        return Decider(Chooser(target, classes).names, calls=1)
    if not isinstance(target, ScoresPairs):
        raise Inapplicable("the target neither scores pairs nor chooses among answers as set")
    scorer = Scorer(target, classes, templates, batch_size=batch_size)
    return Decider(scorer.names, scorer.calls) if feedback == "decisions" else scorer


def _as_levels(pixels: Tensor) -> Picture:
    levels = (pixels * 255).round().clamp(0, 255).byte().permute(1, 2, 0)
    return np.ascontiguousarray(levels.cpu().numpy())
