"""Made-up models whose strength against changes of pixels is known for every picture.

A picture is named right until its pixels have moved, along a direction of its own, by more than
its strength on average. Every pixel moves towards the middle of its range, so that none is held
back by its end: a budget above the strength turns the picture, and none below does.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
from PIL.Image import Image

from vlaudit.core.dataset import Pictures, Role, class_name
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import GivesGradients, Matrix
from vlaudit.selfcheck.album import as_target, named_in
from vlaudit.selfcheck.world import Planted, World

if TYPE_CHECKING:
    from torch import Tensor

STRONG, FRAIL, FRAIL_SHARE, HIDDEN_SHARE, STEEP, CELLS, AT_ONCE = 40.0, 0.4, 0.9, 0.5, 200.0, 12, 16


class OfKnownStrength:
    """Names the pictures it knows, each until it has moved by its own strength."""

    def __init__(
        self, target: GivesGradients, images: Sequence[Image], labels: Sequence[str],
        strengths: Sequence[float], *, hidden: bool = False,
    ) -> None:  # fmt: skip
        """Know `images` by their `labels` and `strengths`, in 1/255 of the range of pixels.

        With `hidden`, the gradient is rounded away, which makes no picture stronger.
        """
        import torch

        self.name, self.fingerprint = target.name, target.fingerprint
        self._target = target
        batches = [images[at : at + AT_ONCE] for at in range(0, len(images), AT_ONCE)]
        self._known = torch.cat([target.pixels(part).detach() for part in batches])
        self._classes = sorted(set(labels))
        self._labels = [self._classes.index(label) for label in labels]
        self._strengths = torch.tensor(strengths, device=self._known.device) / 255
        self._toward = torch.where(self._known < 0.5, 1.0, -1.0)
        self._marks = _mark(self._known)
        self._hidden = hidden

    def pixels(self, images: Sequence[Image]) -> "Tensor":
        """Return the pictures as the user's model takes them, before normalisation."""
        return self._target.pixels(images)

    def pixel_scores(self, pixels: "Tensor", texts: Sequence[str]) -> "Tensor":
        """Return logits, (images, texts), differentiable in pixels unless that is hidden."""
        import torch

        row = (_mark(pixels.detach()) @ self._marks.T).argmax(dim=1)
        if self._hidden:
            pixels = pixels.detach() + 0 * pixels
        moved = ((pixels - self._known[row]) * self._toward[row]).flatten(1).mean(dim=1)
        left = STEEP * (self._strengths[row] - moved)
        named = [named_in(text, self._classes) for text in texts]
        meant = torch.tensor([self._classes.index(n) if n else -1 for n in named]).to(row.device)
        own = torch.tensor(self._labels).to(row.device)[row][:, None]
        right, wrong = meant == own, meant == (own + 1) % len(self._classes)
        others = torch.full((len(row), len(texts)), -STEEP, device=pixels.device)
        return torch.where(right, left[:, None], torch.where(wrong, 0.0, others))

    def score_pairs(self, images: Sequence[Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts, (images, texts)."""
        scores = self.pixel_scores(self.pixels(images), texts).detach()
        return np.asarray(scores.cpu().numpy(), dtype=np.float32)


def strong_model(world: World, rng: np.random.Generator) -> World:
    """Let a made-up model name every picture right under any change below 40/255."""
    return _made_up(world, rng, 0.0)[0]


def frail_model(world: World, rng: np.random.Generator) -> Planted:
    """Let a made-up model be turned by less than the budget on nine tenths of the pictures."""
    changed, share = _made_up(world, rng, FRAIL_SHARE)
    left = 1 - share
    return Planted(changed, {"robust_accuracy": left, "robust_accuracy_doubled": left})


def hiding_model(world: World, rng: np.random.Generator) -> Planted:
    """Let a made-up model hide its gradients, and be turned without them on half the pictures."""
    changed, share = _made_up(world, rng, HIDDEN_SHARE, hidden=True)
    return Planted(changed, {"blackbox_excess": share})


def _made_up(
    world: World, rng: np.random.Generator, frail: float, *, hidden: bool = False
) -> tuple[World, float]:
    """Return the world with a model that is frail on a share of the labelled rows."""
    if not isinstance(world.target, GivesGradients):
        raise Inapplicable("the model takes no pixels")
    labels = world.data.texts(Role.LABEL)
    rows = [at for at, label in enumerate(labels) if label and label.strip()]
    if len({labels[at] for at in rows}) < 2:
        raise Inapplicable("pictures of one class cannot be named wrong")
    weak = set(rng.permutation(len(rows))[: round(frail * len(rows))].tolist())
    strength = FRAIL * float(world.settings["epsilon"])
    data = cast("Pictures", world.data.select(rows))
    model = OfKnownStrength(
        world.target, data.images(range(len(rows))), [class_name(labels[at] or "") for at in rows],
        [strength if at in weak else STRONG for at in range(len(rows))], hidden=hidden,
    )  # fmt: skip
    return replace(world, target=as_target(model), data=data), len(weak) / len(rows)


def _mark(pixels: "Tensor") -> "Tensor":
    """Return what a picture is known again by: coarse pixels without mean, of length 1."""
    import torch

    coarse = torch.nn.functional.adaptive_avg_pool2d(pixels, CELLS).flatten(1)
    coarse = coarse - coarse.mean(dim=1, keepdim=True)
    return cast("Tensor", coarse / coarse.norm(dim=1, keepdim=True).clamp_min(1e-9))
