"""Runs of APGD on the same pictures, one lot after the other."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from vlaudit.perturb.gradient.attempt import Attempt
from vlaudit.perturb.gradient.ball import Ball
from vlaudit.perturb.gradient.losses import LIKELIHOOD, Loss, aimed, likeliest_wrong, margin
from vlaudit.perturb.gradient.oracle import Oracle, wrong
from vlaudit.perturb.gradient.runs import Runs, reviews

FIRST_REVIEW, REACH, LATE = 3, 0.05, 0.75


class Campaign:
    """Runs of APGD on the same pictures, and what they achieved together.

    A picture is won, and all its runs end, at the first iterate of any of them whose 8-bit
    rounding is misnamed; its last iterate need not be.

    Attributes:
        oracle: the model.
        clean: the pictures, (images, 3, height, width).
        ball: what may be reached around each of them.
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
        self.oracle, self.clean, self.ball = oracle, clean, ball
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
        loss: Loss = aimed,
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
            loss: what the runs raise.
            progress: told the fraction done.
        """
        if start is None:
            start = self.ball.start(self.clean[images], self._generator)
        runs = Runs.starting(images, targets, start, size=self.ball.first_step)
        periods = reviews(steps).to(images.device)
        for step in range(steps + 1):
            if not len(runs):
                break
            late = step > LATE * self._steps
            runs = self._advanced(runs.reviewed(periods), loss, late=late)
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

    def try_pictures(self, images: Tensor, pixels: Tensor, *, late: bool = False) -> None:
        """Write down which of the pictures, rounded to 8 bits in the ball, are misnamed.

        Args:
            images: positions of the pictures that they are versions of, (tries,).
            pixels: what to try, (tries, 3, height, width).
            late: whether they were found in the last quarter of the steps only.
        """
        if not len(images):
            return
        clean, labels = self.clean[images], self.labels[images]
        pictures = self.ball.quantise(self.ball.project(pixels, clean), clean)
        holds = survives(self.oracle, pictures, clean, labels, self.ball)
        self.attempt.record(images[holds], pictures[holds], late=late)

    def lack(self) -> Tensor:
        """Return what each margin lacks as a share of what it has gained, (images,)."""
        return _lack(self.attempt.peak, self.origin)

    def _advanced(self, runs: Runs, loss: Loss, *, late: bool) -> Runs:
        """Return all runs a step further, their successes written down."""
        labels = self.labels[runs.image]
        points = runs.ahead(self.clean[runs.image], self.ball)
        logits, height, gradient = self.oracle.ascend(
            points, lambda z, part: loss(z, labels[part], runs.target[part])
        )
        self.gradients += len(points)
        seen = margin(logits, labels)
        runs = runs.arrived(points, height, gradient, seen)
        self._note_nearest(runs, logits, seen)
        fooled = wrong(logits, labels)
        if fooled.any():
            won = runs.keep(fooled)
            self.try_pictures(won.image, won.now, late=late)
        return runs

    def _note_nearest(self, runs: Runs, logits: Tensor, seen: Tensor) -> None:
        """Keep the largest margin of each picture, and what brought it about."""
        before = self.attempt.peak[runs.image]
        self.attempt.peak.scatter_reduce_(0, runs.image, seen, "amax")
        nearer = (seen > before) & (seen == self.attempt.peak[runs.image])
        images = runs.image[nearer]
        self.aim[images] = runs.target[nearer]
        self.rival[images] = likeliest_wrong(logits, self.labels[runs.image], rank=0)[nearer]


def survives(oracle: Oracle, pictures: Tensor, clean: Tensor, labels: Tensor, ball: Ball) -> Tensor:
    """Tell for each 8-bit picture whether it lies in the ball and is misnamed, (images,)."""
    return wrong(oracle.verify(pictures), labels) & ball.contains(pictures, clean)


def _lack(peak: Tensor, origin: Tensor) -> Tensor:
    return -peak / (peak - origin).clamp(min=1e-12)
