"""What an attack raises: functions of logits that are positive once a picture is misnamed.

Each takes logits (images, classes) and true labels (images,) and returns one value an image.
"""

from collections.abc import Callable

import torch
from torch import Tensor

# Takes logits (images, classes), true labels (images,) and targets (images,).
Loss = Callable[[Tensor, Tensor, Tensor], Tensor]

# Targets that are no class: any wrong one, by cross-entropy or by the margin.
LIKELIHOOD, MARGIN = -1, -2


def aimed(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """Return for each image what an attack on its target raises, (images,).

    Args:
        logits: floats of shape (images, classes).
        labels: true classes, int64 of shape (images,).
        targets: `LIKELIHOOD`, `MARGIN` or the wrong class to favour, int64 of shape (images,).
    """
    favoured = _own(logits, targets.clamp(min=0)) - _own(logits, labels)
    untargeted = torch.where(
        targets == LIKELIHOOD, cross_entropy(logits, labels), margin(logits, labels)
    )
    return torch.where(targets < 0, untargeted, favoured)


def logits_ratio(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """Return what `aimed` does, as a share of the spread of the largest logits, (images,).

    The difference of logits ratio of Croce and Hein (2020): for a wrong class it takes four
    classes, for the margin three; with fewer it is what `aimed` returns.
    """
    top = logits.topk(min(4, logits.shape[1]), 1).values
    raised = aimed(logits, labels, targets)
    if top.shape[1] < 3:
        return raised
    below = torch.where(targets < 0, top[:, 2], top[:, 2:].mean(1))
    return raised / (top[:, 0] - below).clamp(min=1e-12)


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the log-odds of a wrong name, an increasing function of cross-entropy.

    Cross-entropy is softplus of this value, so both rank points alike and their gradients differ
    by a positive factor only; but that factor vanishes in floating point once the model is sure,
    which at the logit scale of CLIP it nearly always is.
    """
    return _others(logits, labels).logsumexp(1) - _own(logits, labels)


def margin(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the best wrong logit minus the true one; fit for two classes and any scale."""
    return _others(logits, labels).amax(1) - _own(logits, labels)


def likeliest_wrong(logits: Tensor, labels: Tensor, *, rank: int) -> Tensor:
    """Return the wrong class of the given rank for each image; rank 0 is the likeliest."""
    return _others(logits, labels).argsort(1, descending=True)[:, rank]


def _own(logits: Tensor, labels: Tensor) -> Tensor:
    return logits.gather(1, labels[:, None])[:, 0]


def _others(logits: Tensor, labels: Tensor) -> Tensor:
    own = torch.zeros_like(logits, dtype=torch.bool).scatter(1, labels[:, None], True)
    return logits.masked_fill(own, -torch.inf)
