"""What an attack raises: functions of logits that are positive once a picture is misnamed.

Each takes logits (images, classes), true labels (images,) and targets (images,), of which an
untargeted loss ignores the last, and returns one value an image.
"""

from collections.abc import Callable

import torch
from torch import Tensor

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]


def cross_entropy(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """Return the log-odds of a wrong name, an increasing function of cross-entropy.

    Cross-entropy is softplus of this value, so both rank points alike and their gradients differ
    by a positive factor only; but that factor vanishes in floating point once the model is sure,
    which at the logit scale of CLIP it nearly always is.
    """
    return _others(logits, labels).logsumexp(1) - _own(logits, labels)


def margin(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """Return the best wrong logit minus the true one; fit for two classes and any scale."""
    return _others(logits, labels).amax(1) - _own(logits, labels)


def targeted_margin(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """Return the logit of the target class minus the true one; `margin` where both are the same."""
    aimed = _own(logits, targets) - _own(logits, labels)
    return torch.where(targets == labels, margin(logits, labels, targets), aimed)


def likeliest_wrong(logits: Tensor, labels: Tensor, *, rank: int) -> Tensor:
    """Return the wrong class of the given rank for each image; rank 0 is the likeliest."""
    return _others(logits, labels).argsort(1, descending=True)[:, rank]


def _own(logits: Tensor, labels: Tensor) -> Tensor:
    return logits.gather(1, labels[:, None])[:, 0]


def _others(logits: Tensor, labels: Tensor) -> Tensor:
    own = torch.zeros_like(logits, dtype=torch.bool).scatter(1, labels[:, None], True)
    return logits.masked_fill(own, -torch.inf)
