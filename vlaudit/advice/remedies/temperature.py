"""One temperature for each group."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from vlaudit.advice.naming import FEWEST, TEMPLATE, Task, effect, task
from vlaudit.advice.remedy import Effect, Remedy, Trial
from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.zero_shot import mean_logits
from vlaudit.stats.intervals import mean


def simulate(on: Trial) -> Iterator[Effect]:
    """Learn temperatures from one half of the rows, and compare confidence in the other."""
    fitted, held = task(on.fit), task(on.held_out)
    attribute = next((name for name in held.groups if name in fitted.groups), None)
    if attribute is None:
        raise Inapplicable("no attribute has two groups in both halves of the rows")
    known, unseen = (_logits(on, part) for part in (fitted, held))
    whole = temperature(known, fitted.labels)
    of_group = {
        group: temperature(known[rows], fitted.labels[rows])
        for group, rows in _members(fitted, attribute).items()
    }
    for group, rows in _members(held, attribute).items():
        trust = [
            _overconfidence(unseen[rows] / heat, held.labels[rows])
            for heat in (whole, of_group.get(group, whole))
        ]
        before, after = (mean(part, bounds=(-1, 1), rng=on.rng) for part in trust)
        yield effect(f"confidence above accuracy, {attribute} {group}", before, after)


def temperature(logits: NDArray[np.float64], labels: NDArray[np.intp]) -> float:
    """Return the temperature under which the labels are likeliest (Guo et al. 2017)."""

    def loss(log_heat: float) -> float:
        likely = log_softmax(logits / np.exp(log_heat), axis=1)
        return -float(likely[np.arange(labels.size), labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-4, 6), method="bounded").x))


def _logits(on: Trial, part: Task) -> NDArray[np.float64]:
    return mean_logits(on.features, part.data, part.classes, [TEMPLATE]).astype(np.float64)


def _members(part: Task, attribute: str) -> dict[str, NDArray[np.intp]]:
    of_row = np.array([group or "" for group in part.groups[attribute]])
    found = {str(group): np.flatnonzero(of_row == group) for group in np.unique(of_row) if group}
    return {group: rows for group, rows in found.items() if rows.size >= FEWEST}


def _overconfidence(logits: NDArray[np.float64], labels: NDArray[np.intp]) -> NDArray[np.float64]:
    trust = softmax(logits, axis=1).max(axis=1)
    return np.asarray(trust - (logits.argmax(axis=1) == labels))


REMEDIES = (
    Remedy(
        title="A temperature for each group",
        helps=("bias.zero_shot_parity.*", "bias.quality_of_service.*", "reliability.calibration.*"),
        words="Where the group is known and may be used, scale logits by a temperature of its "
        "own, so that confidence means the same for everybody. It changes no answer.",
        cites=("https://arxiv.org/abs/1706.04599", "https://arxiv.org/abs/1709.02012"),
        simulate=simulate,
    ),
)
