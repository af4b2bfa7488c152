"""Losses, against torch's own and by hand."""

import torch

from vlaudit.perturb.gradient.losses import (
    cross_entropy,
    likeliest_wrong,
    margin,
    targeted_margin,
)

LOGITS = torch.tensor([[3.0, 1.0, 2.0], [0.5, 0.0, 4.0]])
LABELS = torch.tensor([0, 1])
TARGETS = torch.tensor([1, 0])


def test_margins_by_hand() -> None:
    assert margin(LOGITS, LABELS, TARGETS).tolist() == [-1.0, 4.0]
    assert targeted_margin(LOGITS, LABELS, TARGETS).tolist() == [-2.0, 0.5]


def test_wrong_classes_are_ranked_without_the_true_one() -> None:
    assert likeliest_wrong(LOGITS, LABELS, rank=0).tolist() == [2, 2]
    assert likeliest_wrong(LOGITS, LABELS, rank=1).tolist() == [1, 0]


def test_cross_entropy_is_softplus_of_the_log_odds() -> None:
    torch.testing.assert_close(
        torch.nn.functional.softplus(cross_entropy(LOGITS, LABELS, TARGETS)),
        torch.nn.functional.cross_entropy(LOGITS, LABELS, reduction="none"),
    )


def test_gradient_points_as_cross_entropy_does() -> None:
    for scale in (1.0, 10.0):
        ours = (LOGITS * scale).requires_grad_()
        theirs = (LOGITS * scale).requires_grad_()
        published = torch.nn.functional.cross_entropy(theirs, LABELS, reduction="sum")
        (one,) = torch.autograd.grad(cross_entropy(ours, LABELS, TARGETS).sum(), ours)
        (other,) = torch.autograd.grad(published, theirs)
        cosine = torch.nn.functional.cosine_similarity(one, other)
        torch.testing.assert_close(cosine, torch.ones(2), atol=1e-3, rtol=0)


def test_gradient_does_not_vanish_when_the_model_is_sure() -> None:
    sure = torch.tensor([[200.0, 0.0]], requires_grad=True)
    value = cross_entropy(sure, torch.tensor([0]), torch.tensor([0])).sum()
    assert torch.autograd.grad(value, sure)[0].tolist() == [[-1.0, 1.0]]
