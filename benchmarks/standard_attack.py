"""Compares both native ensembles with AutoAttack of ART and of torchattacks, and steps with torch.

All attack the same pictures that the bundled reference model names right; torchattacks, which is
used where it is installed, takes the same four attacks as the standard ensemble. At each budget
robust accuracy of the ensemble that the probe is set to must not be above the toolbox's, in at most
a quarter of its time; a step, with its bookkeeping, must take at most 1.05 of a step of projected
gradient descent in a bare loop. Seconds are CPU seconds of this process.

    python benchmarks/standard_attack.py --images 16 --queries 500 --epsilon 2 4
"""

import argparse
import importlib
import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vlaudit import demo
from vlaudit.core.config import DataConfig, TargetConfig
from vlaudit.core.dataset import Columns, Role
from vlaudit.core.target import GivesGradients
from vlaudit.data.load import load as load_data
from vlaudit.perturb.gradient.attempt import Attempt
from vlaudit.perturb.gradient.ball import Ball, L2Ball, LinfBall
from vlaudit.perturb.gradient.campaign import Campaign, survives
from vlaudit.perturb.gradient.ensemble import ApgdEnsemble, Attack
from vlaudit.perturb.gradient.losses import LIKELIHOOD, cross_entropy
from vlaudit.perturb.gradient.oracle import Oracle, right, zero_shot
from vlaudit.perturb.gradient.standard import StandardEnsemble
from vlaudit.perturb.gradient.toolbox import ToolboxAutoAttack
from vlaudit.perturb.subjects import choose_subjects, prompts
from vlaudit.stats.intervals import clopper_pearson
from vlaudit.targets.load import load as load_target

COLUMNS = Columns(image="image", label="label", split="split")
REPEATS, TINY = 9, 1e-6
QUICK_STEPS, TARGETS = 50, 9


def main() -> None:
    """Print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=None, help="the clean reference model otherwise")
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--epsilon", type=float, nargs="*", default=[2.0, 4.0])
    parser.add_argument("--length", type=float, nargs="*", default=[], help="budgets of L2")
    parser.add_argument("--restarts", type=int, default=1, help="of the toolbox; its default is 5")
    options = parser.parse_args()
    here = Path.cwd()
    model = options.model or f"local-dir:{demo.model_folder('clean')}"
    target = load_target(TargetConfig(model=model), base=here).target
    data = load_data(
        DataConfig(source="reference:clean", columns=COLUMNS, split="test"),
        base=here,
        reference=demo.data_files,
    )
    assert isinstance(target, GivesGradients)
    subjects = choose_subjects(
        data.texts(Role.LABEL), np.random.default_rng(0), at_most=options.images
    )
    texts = prompts(subjects.classes, ["a photo of a {}"])
    oracle = zero_shot(target, subjects.classes, ["a photo of a {}"], batch_size=64)
    plain = Oracle(partial(target.pixel_scores, texts=texts), batch_size=64)
    clean = target.pixels(data.images(subjects.positions.tolist()))
    labels = torch.from_numpy(subjects.labels).to(clean.device)
    named = right(oracle.logits(clean), labels)
    clean, labels = clean[named], labels[named]
    print(f"{target.name}, {len(clean)} pictures named right of {len(named)}\n")
    _steps(oracle, clean, labels)
    balls: list[Ball] = [LinfBall(epsilon / 255) for epsilon in options.epsilon]
    balls += [L2Ball(length) for length in options.length]
    print("\n| ball | attack | robust | 95 % | CPU s | s / native s |\n|---|---|---|---|---|---|")
    attacks: dict[str, tuple[Attack, Oracle]] = {
        "native, as the probe is set": (ApgdEnsemble(QUICK_STEPS), oracle),
        "native, standard": (StandardEnsemble(options.steps, queries=options.queries), oracle),
        "ART AutoAttack": (
            ToolboxAutoAttack(options.steps, options.restarts, options.queries),
            plain,
        ),
    }
    if importlib.util.find_spec("torchattacks"):
        attacks["torchattacks"] = TorchAttacks(options.steps, options.queries), plain
    for ball in balls:
        _compare(attacks, clean, labels, ball)


@dataclass(frozen=True)
class TorchAttacks:
    """The four attacks of torchattacks that make its AutoAttack, each on what is left.

    Attributes:
        steps: gradient steps of each run, which it would set to 10.
        queries: answers that Square may ask for about each picture.
    """

    steps: int
    queries: int

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
        """Attack all pictures and keep what survives rounding to 8 bits."""
        library: Any = importlib.import_module("torchattacks")
        model = Scores(oracle)
        how: dict[str, Any] = {
            "norm": "L2" if isinstance(ball, L2Ball) else "Linf",
            "eps": ball.epsilon,
            "seed": generator.initial_seed(),
        }
        led = {**how, "steps": self.steps, "n_classes": oracle.logits(clean[:1]).shape[1]}
        aimed = library.APGDT(model, **led), library.FAB(model, multi_targeted=True, **led)
        for attack in aimed:
            attack.n_target_classes = TARGETS
        first = library.APGD(model, loss="ce", steps=self.steps, **how)
        attempt = Attempt.at(clean)
        for attack in (first, *aimed, library.Square(model, n_queries=self.queries, **how)):
            left = (~attempt.won).nonzero()[:, 0]
            if len(left):
                found = attack(clean[left], labels[left]).detach()
                pictures = ball.quantise(ball.project(found, clean[left]), clean[left])
                won = survives(oracle, pictures, clean[left], labels[left], ball)
                attempt.record(left[won], pictures[won], late=False)
        return attempt


class Scores(nn.Module):
    """An oracle as a module."""

    def __init__(self, oracle: Oracle) -> None:
        """Wrap what gives logits."""
        super().__init__()
        self.oracle = oracle

    def forward(self, pixels: Tensor) -> Tensor:
        """Return logits, differentiable in the pixels."""
        return self.oracle.scores(pixels).float()


def _compare(
    attacks: dict[str, tuple[Attack, Oracle]], clean: Tensor, labels: Tensor, ball: Ball
) -> None:
    native = 0.0
    for name, (attack, oracle) in attacks.items():
        began = time.process_time()
        attempt = attack(
            oracle,
            clean,
            labels,
            ball,
            generator=torch.Generator().manual_seed(0),
            progress=lambda fraction: None,
        )
        seconds = time.process_time() - began
        native = native or seconds
        left = int((~attempt.won).sum())
        ends = clopper_pearson(left, len(clean))
        shown = (
            f"{ball.epsilon:g} L2" if isinstance(ball, L2Ball) else f"{ball.epsilon * 255:g}/255"
        )
        print(
            f"| {shown} | {name} | {left / len(clean):.3f} | {ends.low:.3f}-{ends.high:.3f} | "
            f"{seconds:.1f} | {seconds / native:.1f} |",
            flush=True,
        )


def _steps(oracle: Oracle, clean: Tensor, labels: Tensor) -> None:
    """Time steps of APGD that win nothing, for the budget is nearly none, and of a bare loop."""
    ball, steps = LinfBall(TINY), 10

    def ours() -> None:
        campaign = Campaign(
            oracle, clean, labels, ball, steps=steps, generator=torch.Generator().manual_seed(0)
        )
        everyone = torch.arange(len(clean))
        campaign.run(everyone, torch.full_like(everyone, LIKELIHOOD), steps=steps)

    def bare() -> None:
        oracle.logits(clean)  # the clean answers, which a campaign begins with
        at = clean.clone()
        for _ in range(steps + 1):
            leaf = at.detach().requires_grad_()
            loss = cross_entropy(oracle.scores(leaf), labels).sum()
            (gradient,) = torch.autograd.grad(loss, leaf)
            at = (at + TINY / 4 * gradient.sign()).clamp(clean - TINY, clean + TINY).clamp(0, 1)

    times = [[_seconds(work) for work in (ours, bare)] for _ in range(REPEATS)]
    mine, loop = (median(column) for column in zip(*times, strict=True))
    print(f"{steps} steps: {mine:.2f} s, in a bare loop {loop:.2f} s, ratio {mine / loop:.3f}")


def _seconds(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
