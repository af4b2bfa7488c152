"""How likely a model finds an answer, token by token."""

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vlaudit.core.target import Vector

if TYPE_CHECKING:
    from torch import Tensor

GREY = (128, 128, 128)


def mean_log_likelihood(logits: "Tensor", labels: "Tensor", counted: "Tensor") -> "Tensor":
    """Return the mean log-likelihood of the counted tokens of each row, float32 of shape (rows,).

    The mean, not the sum: long answers are not to lose for their length.

    Args:
        logits: of shape (rows, positions, vocabulary); position t predicts label t.
        labels: token ids, of shape (rows, positions).
        counted: which labels belong to the answer, bool of shape (rows, positions).
    """
    of_labels, counted = _of_labels(logits, labels, counted)
    return (of_labels * counted).sum(dim=1) / counted.sum(dim=1).clamp(min=1)


def by_token(logits: "Tensor", labels: "Tensor", counted: "Tensor") -> list[Vector]:
    """Return the log-likelihood of each counted token, one float32 array for each row.

    Args:
        logits: of shape (rows, positions, vocabulary); position t predicts label t.
        labels: token ids, of shape (rows, positions).
        counted: which labels belong to the answer, bool of shape (rows, positions).
    """
    of_labels, counted = _of_labels(logits, labels, counted)
    pairs = zip(of_labels.float().cpu().numpy(), counted.cpu().numpy(), strict=True)
    return [np.asarray(row[chosen], dtype=np.float32) for row, chosen in pairs]


def _of_labels(logits: "Tensor", labels: "Tensor", counted: "Tensor") -> tuple["Tensor", "Tensor"]:
    """Return the log-likelihoods of labels from the first counted one on, and what is counted."""
    import torch

    first = int(counted.any(dim=0).int().argmax())
    logits, labels, counted = logits[:, first:], labels[:, first:], counted[:, first:]
    chances = torch.log_softmax(logits.float(), dim=-1)
    return chances.gather(-1, labels.clamp(min=0)[..., None])[..., 0], counted


def empty_picture() -> Image.Image:
    """Return the grey picture whose answers calibrate those to others."""
    return Image.new("RGB", (224, 224), GREY)
