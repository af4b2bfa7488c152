"""The model as an attack sees it: logits and their gradients, in batches that fit memory."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from vlaudit.core.target import GivesGradients
from vlaudit.perturb.subjects import prompts

T = TypeVar("T")


class Oracle:
    """Answers for any number of pictures and counts what it was asked.

    A batch that does not fit memory is halved and asked again, down to one picture.

    Attributes:
        scores: the model itself, differentiable in its pixels, any number of which it is given.
        batch_size: the most pictures asked at once; falls when memory runs out.
        forwards: pictures scored so far, those differentiated included.
        gradients: pictures differentiated so far.
        unanswered: pictures scored so far that got a score that is not a number.
    """

    def __init__(
        self,
        scores: Callable[[Tensor], Tensor],
        *,
        batch_size: int,
        check: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        """Take `scores`: pixels (images, 3, height, width) to logits (images, classes).

        `check` gives the logits of 8-bit pictures as the model itself takes them, where `scores`
        only resembles that.
        """
        self.scores = scores
        self._check = check
        self.batch_size = batch_size
        self.forwards = 0
        self.gradients = 0
        self.unanswered = 0

    def logits(self, pixels: Tensor) -> Tensor:
        """Return logits, float32 of shape (images, classes), without a graph."""
        return self._look(self.scores, pixels)

    def verify(self, pictures: Tensor) -> Tensor:
        """Return the logits that 8-bit pictures get once they are given to the model itself."""
        return self._look(self._check or self.scores, pictures)

    def _look(self, scores: Callable[[Tensor], Tensor], pixels: Tensor) -> Tensor:
        def ask(part: slice) -> Tensor:
            with torch.no_grad():
                return scores(pixels[part]).float()

        logits = torch.cat(self._in_batches(ask, len(pixels)))
        self.forwards += len(pixels)
        self.unanswered += int(unanswered(logits).sum())
        return logits

    def ascend(
        self, pixels: Tensor, loss: Callable[[Tensor, slice], Tensor]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits, the loss of each image and its gradient with respect to the pixels.

        Only pixels are differentiated; parameters of the model never receive gradients.

        Args:
            pixels: float32 tensor of shape (images, 3, height, width).
            loss: takes the logits of some images and which they are; returns one value an image.
        """

        def ask(part: slice) -> tuple[Tensor, Tensor, Tensor]:
            leaf = pixels[part].detach().requires_grad_()
            with torch.enable_grad():
                logits = self.scores(leaf).float()
                values = loss(logits, part)
                gradient = input_gradient(values, leaf, torch.ones_like(values))
            return logits.detach(), values.detach(), gradient

        answers = self._in_batches(ask, len(pixels))
        self.forwards += len(pixels)
        self.gradients += len(pixels)
        logits, values, gradients = (_joined(parts) for parts in zip(*answers, strict=True))
        self.unanswered += int(unanswered(logits).sum())
        return logits, values, gradients

    def _in_batches(self, ask: Callable[[slice], T], count: int) -> list[T]:
        answers: list[T] = []
        start = 0
        while start < count:
            part = slice(start, min(start + self.batch_size, count))
            try:
                answers.append(ask(part))
            except RuntimeError as error:
                if self.batch_size == 1 or not _out_of_memory(error):
                    raise
                self.batch_size = max(1, min(self.batch_size, count) // 2)
                continue
            start = part.stop
        return answers


def zero_shot(
    target: GivesGradients,
    classes: Sequence[str],
    templates: Sequence[str],
    *,
    batch_size: int,
) -> Oracle:
    """Return the zero-shot classifier that `target` makes: mean logit of each class's prompts."""
    texts = prompts(classes, templates)

    def scores(pixels: Tensor) -> Tensor:
        logits = _by_channel(lambda laid: target.pixel_scores(laid, texts), pixels)
        return logits.reshape(len(pixels), len(classes), len(templates)).mean(2)

    return Oracle(scores, batch_size=batch_size)


def _by_channel(ask: Callable[[Tensor], Tensor], pixels: Tensor) -> Tensor:
    """Ask with the channels of a pixel side by side in memory, a third faster for convolutions."""
    try:
        return ask(pixels.contiguous(memory_format=torch.channels_last))
    except RuntimeError as error:
        if "view" not in str(error):
            raise
        return ask(pixels)  # the model takes the usual order for granted


def right(logits: Tensor, labels: Tensor) -> Tensor:
    """Tell for each image whether its label has the highest logit; no answer is never right."""
    return (logits.argmax(1) == labels) & ~unanswered(logits)


def wrong(logits: Tensor, labels: Tensor) -> Tensor:
    """Tell for each image whether its label is not what the model names; no answer is wrong."""
    return ~right(logits, labels)


def unanswered(logits: Tensor) -> Tensor:
    """Tell for each image whether a logit is not a number, so that nothing is named, (images,)."""
    return logits.isnan().any(1)


def input_gradient(values: Tensor, leaf: Tensor, weights: Tensor, *, keep: bool = False) -> Tensor:
    """Return the gradient of the weighted sum, without NaN; zero where the model cuts the graph.

    `keep` lets the same values be differentiated again.
    """
    if not values.requires_grad:
        return torch.zeros_like(leaf)
    (gradient,) = torch.autograd.grad(
        values, leaf, weights, allow_unused=True, materialize_grads=True, retain_graph=keep
    )
    return gradient.nan_to_num(0.0, 0.0, 0.0)


def _joined(parts: Sequence[Tensor]) -> Tensor:
    """Return the parts as one, without a copy where there is one only."""
    return parts[0] if len(parts) == 1 else torch.cat([*parts])


def _out_of_memory(error: RuntimeError) -> bool:
    """Tell whether memory ran out; on the CPU torch says so in words only."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
