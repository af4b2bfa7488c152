"""Embeddings moved away from where they were, or towards a text, by small changes of pixels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from vlaudit.core.target import GivesGradients, Matrix
from vlaudit.perturb.gradient.ascent import climbed
from vlaudit.perturb.gradient.ball import Ball
from vlaudit.perturb.gradient.losses import aimed
from vlaudit.perturb.gradient.oracle import Oracle

# Cosines this near are those of equal pictures.
EQUAL = 1e-6


@runtime_checkable
class EmbedsPixels(GivesGradients, Protocol):
    """Lets pixels be optimised against its embeddings of them."""

    def embed_pixels(self, pixels: Tensor) -> Tensor:
        """Return L2-normalised embeddings, (images, dimensions), differentiable in pixels."""
        ...

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return L2-normalised embeddings, (texts, dimensions)."""
        ...


@dataclass(frozen=True)
class Shifted:
    """Where the embeddings of changed pictures went.

    Attributes:
        distance: half the squared distance to the clean embedding, 1 - cosine, (images,).
        found: whether no clean picture is nearer than the picture's own, (images,).
        hijacked: whether the chosen text fits best, (images,).
    """

    distance: Tensor
    found: Tensor
    hijacked: Tensor


class Gallery:
    """Clean pictures and texts, among which a picture is looked for.

    Attributes:
        clean: float32 of shape (images, 3, height, width) in [0, 1].
        home: their embeddings, (images, dimensions).
        texts: embeddings, (texts, dimensions).
        best: text that fits each picture best, int64 of shape (images,).
    """

    def __init__(self, oracle: Oracle, clean: Tensor, texts: Tensor) -> None:
        """Embed pictures; `oracle` gives the embeddings of pixels."""
        self._oracle = oracle
        self.clean, self.texts = clean, texts
        self.home = oracle.logits(clean)
        self.best = (self.home @ texts.T).argmax(1)

    def displaced(
        self,
        ball: Ball,
        *,
        steps: int,
        generator: torch.Generator,
        progress: Callable[[float], None],
    ) -> Tensor:
        """Return 8-bit pictures whose embeddings lie as far from home as APGD brings them.

        What is raised is half the squared distance of embeddings of length 1, which fine-tuning
        for robust embeddings lowers (Schlarmann et al. 2024).
        """

        def distance(seen: Tensor, part: slice) -> Tensor:
            return 1 - (seen * self.home[part]).sum(1)

        return climbed(
            self._oracle, self.clean, ball, distance, steps, generator=generator, progress=progress
        )

    def led(
        self,
        chosen: Tensor,
        ball: Ball,
        *,
        steps: int,
        generator: torch.Generator,
        progress: Callable[[float], None],
    ) -> Tensor:
        """Return 8-bit pictures that fit text `chosen`, (images,), as well as APGD can make them.

        What is raised is the lead of that text over the one that fits best of the others.
        """

        def lead(seen: Tensor, part: slice) -> Tensor:
            likeness = seen @ self.texts.T
            rival = likeness.scatter(1, chosen[part, None], -torch.inf).argmax(1)
            return aimed(likeness, rival, chosen[part])

        return climbed(
            self._oracle, self.clean, ball, lead, steps, generator=generator, progress=progress
        )

    def nudged(self, ball: Ball, generator: torch.Generator) -> Tensor:
        """Return 8-bit pictures moved at random, as far as the ball reaches: the control."""
        coin = torch.randint(2, self.clean.shape, generator=generator).to(self.clean) * 2 - 1
        size = self.clean.new_full((len(self.clean), 1, 1, 1), ball.first_step)
        moved = ball.project(ball.climb(self.clean, coin, size), self.clean)
        return ball.quantise(moved, self.clean)

    def look(self, pictures: Tensor, chosen: Tensor) -> Shifted:
        """Return where the embeddings of changed pictures are."""
        seen = self._oracle.logits(pictures)
        own = (seen * self.home).sum(1)
        return Shifted(
            distance=(1 - own).clamp(0, 2),
            found=own >= (seen @ self.home.T).amax(1) - EQUAL,
            hijacked=(seen @ self.texts.T).argmax(1) == chosen,
        )
