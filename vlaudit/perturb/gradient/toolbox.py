"""AutoPGD and AutoAttack of the Adversarial Robustness Toolbox, as back-ends and cross-checks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vlaudit.perturb.gradient.attempt import Attempt
from vlaudit.perturb.gradient.ball import Ball, L2Ball
from vlaudit.perturb.gradient.campaign import survives
from vlaudit.perturb.gradient.oracle import Oracle, input_gradient


@dataclass(frozen=True)
class ToolboxAutoPgd:
    """ART's AutoProjectedGradientDescent, with the published step of twice the budget.

    Attributes:
        steps: gradient steps of each run.
        restarts: runs of each loss from fresh random starts.
        losses: ART's names; its logit-ratio loss needs three classes and is left out below.
    """

    steps: int
    restarts: int = 1
    losses: tuple[str, ...] = ("cross_entropy", "difference_logits_ratio")

    def __call__(
        self,
        oracle: Oracle,
        clean: Tensor,
        labels: Tensor,
        ball: Ball,
        *,
        generator: torch.Generator,
        progress: Callable[[float], None],
    ) -> Attempt:
        """Run ART on all pictures and keep what survives rounding to 8 bits."""
        classes = oracle.logits(clean[:1]).shape[1]
        losses = [name for name in self.losses if name == "cross_entropy" or classes > 2]
        attempt = Attempt.at(clean)
        for run, loss in enumerate(losses):
            left = (~attempt.won).nonzero()[:, 0]
            if len(left):
                seed = int(torch.randint(2**31, (1,), generator=generator))
                found = self._generate(
                    oracle, clean[left], labels[left], ball, loss, classes, seed=seed
                )
                pictures = ball.quantise(found, clean[left])
                won = survives(oracle, pictures, clean[left], labels[left], ball)
                attempt.record(left[won], pictures[won], late=False)
            progress((run + 1) / len(losses))
        return attempt

    def _generate(
        self,
        oracle: Oracle,
        clean: Tensor,
        labels: Tensor,
        ball: Ball,
        loss: str,
        classes: int,
        *,
        seed: int,
    ) -> Tensor:
        attack = _auto_pgd(
            _estimator(oracle, clean, classes),
            ball,
            self.steps,
            self.restarts,
            loss,
            oracle.batch_size,
        )
        return _generated(attack, clean, labels, seed=seed)


@dataclass(frozen=True)
class ToolboxAutoAttack:
    """ART's AutoAttack: its APGD with two losses, DeepFool and its Square, in this order.

    Attributes:
        steps: gradient steps of each run.
        restarts: runs of APGD and of Square; ART's default is 5.
        queries: steps of Square, each of which asks three times.
    """

    steps: int = 100
    restarts: int = 1
    queries: int = 5000

    def __call__(
        self,
        oracle: Oracle,
        clean: Tensor,
        labels: Tensor,
        ball: Ball,
        *,
        generator: torch.Generator,
        progress: Callable[[float], None],
    ) -> Attempt:
        """Run ART on all pictures and keep what survives rounding to 8 bits."""
        from art.attacks.evasion import AutoAttack, DeepFool, SquareAttack

        classes = oracle.logits(clean[:1]).shape[1]
        estimator = _estimator(oracle, clean, classes)
        losses = ("cross_entropy", "difference_logits_ratio")[: 2 if classes > 2 else 1]
        size = oracle.batch_size
        attacks = [
            _auto_pgd(estimator, ball, self.steps, self.restarts, loss, size) for loss in losses
        ]
        attacks.append(DeepFool(estimator, self.steps, 1e-3, 10, size, verbose=False))
        attacks.append(
            SquareAttack(
                estimator,
                norm=_order(ball),
                max_iter=self.queries,
                eps=ball.epsilon,
                p_init=0.8,
                nb_restarts=self.restarts,
                batch_size=size,
                verbose=False,
            )
        )
        whole = AutoAttack(
            estimator, _order(ball), ball.epsilon, ball.first_step, attacks, batch_size=size
        )
        seed = int(torch.randint(2**31, (1,), generator=generator))
        pictures = ball.quantise(
            ball.project(_generated(whole, clean, labels, seed=seed), clean), clean
        )
        won = survives(oracle, pictures, clean, labels, ball)
        attempt = Attempt.at(clean)
        attempt.record(won.nonzero()[:, 0], pictures[won], late=False)
        progress(1.0)
        return attempt


def _estimator(oracle: Oracle, clean: Tensor, classes: int) -> Any:
    """Return the oracle as ART takes a model."""
    from art.estimators.classification import PyTorchClassifier

    return PyTorchClassifier(
        model=_Classifier(oracle, clean.device),
        loss=nn.CrossEntropyLoss(),
        input_shape=tuple(clean.shape[1:]),
        nb_classes=classes,
        clip_values=(0.0, 1.0),
        device_type="cpu" if clean.device.type == "cpu" else "gpu",
    )


def _auto_pgd(
    estimator: Any, ball: Ball, steps: int, restarts: int, loss: str, batch_size: int
) -> Any:
    from art.attacks.evasion import AutoProjectedGradientDescent

    return AutoProjectedGradientDescent(
        estimator,
        norm=_order(ball),
        eps=ball.epsilon,
        eps_step=ball.first_step,
        max_iter=steps,
        nb_random_init=restarts,
        batch_size=batch_size,
        loss_type=loss,
        verbose=False,
    )


def _order(ball: Ball) -> float:
    return 2 if isinstance(ball, L2Ball) else np.inf


def _generated(attack: Any, clean: Tensor, labels: Tensor, *, seed: int) -> Tensor:
    """Return what an attack of ART makes of the pictures."""
    before = np.random.get_state()
    np.random.seed(seed)  # ART draws from numpy's global generator and from no other
    try:
        found = attack.generate(clean.cpu().numpy(), labels.cpu().numpy())
    finally:
        np.random.set_state(before)
    return torch.from_numpy(found).to(clean)


class _Classifier(nn.Module):
    """An oracle as a module, on the device of its pictures."""

    def __init__(self, oracle: Oracle, device: torch.device) -> None:
        super().__init__()
        self.oracle = oracle
        self.device = device

    def forward(self, pixels: Tensor) -> Tensor:
        """Return logits, differentiable in `pixels` only."""
        logits: Tensor = _Scores.apply(pixels.to(self.device), self.oracle)
        return logits


class _Scores(torch.autograd.Function):
    """Logits whose backward pass stops at the pixels, so that no parameter gets a gradient."""

    @staticmethod
    def forward(ctx: Any, pixels: Tensor, oracle: Oracle) -> Tensor:
        """Return logits and remember how they follow from the pixels alone."""
        if not ctx.needs_input_grad[0]:
            return oracle.logits(pixels)
        leaf = pixels.detach().requires_grad_()
        with torch.enable_grad():
            logits = oracle.scores(leaf).float()
        ctx.graph = leaf, logits
        return logits.detach()

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, None]:
        """Return the gradient of the pixels."""
        leaf, logits = ctx.graph
        return input_gradient(logits, leaf, outer[0], keep=True), None
