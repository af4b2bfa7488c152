"""Runs of APGD on the same pictures, one lot after the other."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from vlaudit.perturb.gradient.attempt import Attempt
from vlaudit.perturb.gradient.ball import Ball
from vlaudit.perturb.gradient.losses import LIKELIHOOD, aimed, likeliest_wrong, margin
from vlaudit.perturb.gradient.oracle import Oracle, wrong
from vlaudit.perturb.gradient.runs import Runs, reviews

FIRST_REVIEW, REACH, LATE = 3, 0.05, 0.75


class Campaign:
    """Runs of APGD on the same pictures, and what they achieved together.

    A picture is won, and all its runs end, at the first iterate of any of them whose 8-bit
    rounding is misnamed; its last iterate need not be.

    Attributes:
        labels: true classes, (images,).
        attempt: what was achieved so far.
        logits: answers to the clean pictures, (images, classes).
        origin: margins of the clean pictures, (images,).
        aim: target of the run that came nearest, (images,).
        rival: wrong class that came nearest, (images,).
        gradients: how many were asked for.
    """

    def __init__(
        self,
        oracle: Oracle,
        clean: Tensor,
        labels: Tensor,
        ball: Ball,
        *,
        steps: int,
        generator: torch.Generator,
    ) -> None:
        """Prepare to attack pictures (images, 3, height, width) of true classes (images,).

        `steps` is the length of the longest run, by which a success counts as late.
        """
        self._oracle, self._clean, self._ball = oracle, clean, ball
        self._steps, self._generator = steps, generator
        self.labels = labels
        self.attempt = Attempt.at(clean)
        self.logits = oracle.logits(clean)
        self.origin = margin(self.logits, labels)
        self.aim = torch.full_like(labels, LIKELIHOOD)
        self.rival = likeliest_wrong(self.logits, labels, rank=0)
        self.gradients = 0

    def run(
        self,
        images: Tensor,
        targets: Tensor,
        *,
        steps: int,
        patience: float = math.inf,
        start: Tensor | None = None,
        progress: Callable[[float], None] = lambda fraction: None,
    ) -> None:
        """Take so many steps with a run for each pair of a picture and a target, (runs,).

        Args:
            images: positions of pictures.
            targets: what to aim at; see `losses.aimed`.
            steps: gradient steps a run.
            patience: a run ends once, after t steps, from the third on, its margin lacks more
                than patience / t, at least a twentieth, of what it has gained; the share is
                divided by runs a picture, so that the more there are, the fewer stay.
            start: first points of the runs; random ones of the ball otherwise.
            progress: told the fraction done.
        """
        if start is None:
            start = self._ball.start(self._clean[images], self._generator)
        runs = Runs.starting(images, targets, start, size=self._ball.first_step)
        periods = reviews(steps).to(images.device)
        for step in range(steps + 1):
            if not len(runs):
                break
            runs = self._advanced(runs.reviewed(periods), late=step > LATE * self._steps)
            runs = runs.keep(~self.attempt.won[runs.image])
            if step >= FIRST_REVIEW and len(runs):
                lack = _lack(runs.peak, self.origin[runs.image])
                crowd = len(runs) / len(self.labels)
                runs = runs.keep(lack <= max(patience / (step * crowd), REACH))
            progress(step / steps)

    def standing(self) -> Tensor:
        """Return the positions of the pictures not won yet, the nearest to it first."""
        nearest_first = self.lack().argsort()
        return nearest_first[~self.attempt.won[nearest_first]]

    def lack(self) -> Tensor:
        """Return what each margin lacks as a share of what it has gained, (images,)."""
        return _lack(self.attempt.peak, self.origin)

    def _advanced(self, runs: Runs, *, late: bool) -> Runs:
        """Return all runs a step further, their successes written down."""
        labels = self.labels[runs.image]
        points = runs.ahead(self._clean[runs.image], self._ball)
        logits, loss, gradient = self._oracle.ascend(
            points, lambda z, part: aimed(z, labels[part], runs.target[part])
        )
        self.gradients += len(points)
        seen = margin(logits, labels)
        runs = runs.arrived(points, loss, gradient, seen)
        self._note_nearest(runs, logits, seen)
        fooled = wrong(logits, labels)
        if fooled.any():
            self._record_won(runs.keep(fooled), late=late)
        return runs

    def _note_nearest(self, runs: Runs, logits: Tensor, seen: Tensor) -> None:
        """Keep the largest margin of each picture, and what brought it about."""
        before = self.attempt.peak[runs.image]
        self.attempt.peak.scatter_reduce_(0, runs.image, seen, "amax")
        nearer = (seen > before) & (seen == self.attempt.peak[runs.image])
        images = runs.image[nearer]
        self.aim[images] = runs.target[nearer]
        self.rival[images] = likeliest_wrong(logits, self.labels[runs.image], rank=0)[nearer]

    def _record_won(self, runs: Runs, *, late: bool) -> None:
        """Write down which of the misnamed pictures are so in 8 bits too."""
        clean, labels = self._clean[runs.image], self.labels[runs.image]
        pictures = self._ball.quantise(runs.now, clean)
        holds = survives(self._oracle, pictures, clean, labels, self._ball)
        self.attempt.record(runs.image[holds], pictures[holds], late=late)


def survives(oracle: Oracle, pictures: Tensor, clean: Tensor, labels: Tensor, ball: Ball) -> Tensor:
    """Tell for each 8-bit picture whether it lies in the ball and is misnamed, (images,)."""
    return wrong(oracle.logits(pictures), labels) & ball.contains(pictures, clean)


def _lack(peak: Tensor, origin: Tensor) -> Tensor:
    return -peak / (peak - origin).clamp(min=1e-12)
