"""Losses, against torch's own and by hand."""

import torch

from vlaudit.perturb.gradient.losses import (
    LIKELIHOOD,
    MARGIN,
    aimed,
    cross_entropy,
    likeliest_wrong,
    margin,
)

LOGITS = torch.tensor([[3.0, 1.0, 2.0], [0.5, 0.0, 4.0]])
LABELS = torch.tensor([0, 1])


def test_margins_by_hand() -> None:
    assert margin(LOGITS, LABELS).tolist() == [-1.0, 4.0]
    assert aimed(LOGITS, LABELS, torch.tensor([1, 0])).tolist() == [-2.0, 0.5]


def test_each_image_has_an_aim_of_its_own() -> None:
    soft = cross_entropy(LOGITS, LABELS)
    aims = aimed(LOGITS, LABELS, torch.tensor([LIKELIHOOD, MARGIN]))
    assert aims.tolist() == [soft[0].item(), 4.0]


def test_no_gradient_leaks_from_an_aim_that_an_image_has_not() -> None:
    logits = LOGITS.clone().requires_grad_()
    value = aimed(logits, LABELS, torch.tensor([1, MARGIN])).sum()
    (gradient,) = torch.autograd.grad(value, logits)
    assert gradient.tolist() == [[-1.0, 1.0, 0.0], [0.0, -1.0, 1.0]]


def test_wrong_classes_are_ranked_without_the_true_one() -> None:
    assert likeliest_wrong(LOGITS, LABELS, rank=0).tolist() == [2, 2]
    assert likeliest_wrong(LOGITS, LABELS, rank=1).tolist() == [1, 0]


def test_cross_entropy_is_softplus_of_the_log_odds() -> None:
    torch.testing.assert_close(
        torch.nn.functional.softplus(cross_entropy(LOGITS, LABELS)),
        torch.nn.functional.cross_entropy(LOGITS, LABELS, reduction="none"),
    )


def test_gradient_points_as_cross_entropy_does() -> None:
    for scale in (1.0, 10.0):
        ours = (LOGITS * scale).requires_grad_()
        theirs = (LOGITS * scale).requires_grad_()
        published = torch.nn.functional.cross_entropy(theirs, LABELS, reduction="sum")
        (one,) = torch.autograd.grad(cross_entropy(ours, LABELS).sum(), ours)
        (other,) = torch.autograd.grad(published, theirs)
        cosine = torch.nn.functional.cosine_similarity(one, other)
        torch.testing.assert_close(cosine, torch.ones(2), atol=1e-3, rtol=0)


def test_gradient_does_not_vanish_when_the_model_is_sure() -> None:
    sure = torch.tensor([[200.0, 0.0]], requires_grad=True)
    value = cross_entropy(sure, torch.tensor([0])).sum()
    assert torch.autograd.grad(value, sure)[0].tolist() == [[-1.0, 1.0]]
