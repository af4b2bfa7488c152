"""The oracle: batches, memory, gradients and counts."""

from collections.abc import Sequence

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from vlaudit.perturb.gradient.losses import margin
from vlaudit.perturb.gradient.oracle import Oracle, right, wrong, zero_shot

PIXELS = torch.rand((10, 3, 4, 4), generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(10) % 5


def small_model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 5))


def raise_margin(logits: Tensor, part: slice) -> Tensor:
    return margin(logits, LABELS[part])


def test_answers_do_not_depend_on_the_batch_size() -> None:
    whole, parts = (Oracle(small_model(), batch_size=size) for size in (64, 3))
    torch.testing.assert_close(whole.logits(PIXELS), parts.logits(PIXELS))
    for one, other in zip(
        whole.ascend(PIXELS, raise_margin), parts.ascend(PIXELS, raise_margin), strict=True
    ):
        torch.testing.assert_close(one, other)
    assert (parts.forwards, parts.gradients) == (20, 10)


def test_parameters_never_get_gradients() -> None:
    model = small_model()
    Oracle(model, batch_size=4).ascend(PIXELS, raise_margin)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_batches_shrink_until_they_fit() -> None:
    model = small_model()

    def cramped(pixels: Tensor) -> Tensor:
        if len(pixels) > 2:
            raise torch.OutOfMemoryError("no room")
        scores: Tensor = model(pixels)
        return scores

    oracle = Oracle(cramped, batch_size=64)
    torch.testing.assert_close(oracle.logits(PIXELS), Oracle(model, batch_size=64).logits(PIXELS))
    assert oracle.batch_size == 2


def test_other_errors_are_not_taken_for_a_lack_of_memory() -> None:
    def broken(pixels: Tensor) -> Tensor:
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes"):
        Oracle(broken, batch_size=64).logits(PIXELS)


def test_half_precision_answers_become_single() -> None:
    model = small_model()
    oracle = Oracle(lambda pixels: model(pixels).bfloat16(), batch_size=64)
    logits, values, gradient = oracle.ascend(PIXELS, raise_margin)
    assert {logits.dtype, values.dtype, gradient.dtype} == {torch.float32}


def test_a_model_without_gradient_or_with_nan_yields_zeros() -> None:
    def cut(pixels: Tensor) -> Tensor:
        return torch.ones((len(pixels), 5))

    assert not Oracle(cut, batch_size=4).ascend(PIXELS, raise_margin)[2].any()

    def broken(pixels: Tensor) -> Tensor:
        return pixels.flatten(1)[:, :5].sqrt() * torch.nan

    assert not Oracle(broken, batch_size=4).ascend(PIXELS, raise_margin)[2].any()


def test_no_answer_is_never_right() -> None:
    logits = torch.tensor([[1.0, 0.0], [0.0, 1.0], [torch.nan, 1.0], [torch.inf, 1.0]])
    labels = torch.zeros(4, dtype=torch.int64)
    assert right(logits, labels).tolist() == [True, False, False, True]
    assert wrong(logits, labels).tolist() == [False, True, True, False]


class Zoo:
    """Names everything by the mean of its red channel; refuses other layouts if told to."""

    name = "zoo"
    fingerprint = "2" * 64

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict

    def pixels(self, images: Sequence[Image.Image]) -> Tensor:
        return torch.zeros((len(images), 3, 4, 4))

    def pixel_scores(self, pixels: Tensor, texts: Sequence[str]) -> Tensor:
        flat = pixels.view(len(pixels), 3, 16) if self.strict else pixels.flatten(2)
        return flat[:, 0].mean(1, keepdim=True) * torch.arange(len(texts))


def test_models_that_insist_on_their_layout_are_served() -> None:
    strict, free = (
        zero_shot(Zoo(strict=strict), ["a", "b"], ["{}", "my {}"], batch_size=4).logits(PIXELS)
        for strict in (True, False)
    )
    torch.testing.assert_close(strict, free)
