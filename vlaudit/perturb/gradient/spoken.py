"""Pictures changed within a budget so that a model writes what it would not."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from vlaudit.core.dataset import Dataset
from vlaudit.core.target import GivesGradients
from vlaudit.perturb.forbidden import Attempt, Ban, Channel, Request
from vlaudit.perturb.gradient.ascent import climbed
from vlaudit.perturb.gradient.ball import LinfBall
from vlaudit.perturb.gradient.oracle import Oracle
from vlaudit.perturb.gradient.shaping import as_picture

AT_ONCE = 16


@runtime_checkable
class WritesFromPixels(GivesGradients, Protocol):
    """Lets pixels be optimised against what it writes about them."""

    def pixel_likelihoods(
        self, pixels: Tensor, prompts: Sequence[str], texts: Sequence[str]
    ) -> Tensor:
        """Return the log-likelihood of each text after its prompt, differentiable in pixels.

        Of shape (images,), summed over the tokens of the text.
        """
        ...


def persuaded(
    model: WritesFromPixels,
    pictures: Sequence[Image.Image],
    prompt: str,
    text: str,
    *,
    epsilon: float,
    steps: int,
    seed: int,
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[list[Image.Image], list[Image.Image]]:
    """Return pictures after which a text is as likely as APGD can make it, and a control.

    Both are 8-bit pictures of the size that the model takes; in the control every value is moved
    by the whole budget, up or down at random.

    Args:
        model: the model.
        pictures: RGB.
        prompt: what the model is asked about each of them.
        text: what it is to write.
        epsilon: budget of each value, as a share of the range, such as 16 / 255.
        steps: gradient steps.
        seed: of the random start and of the control.
        progress: told the fraction done.
    """
    clean = model.pixels(pictures).detach()
    ball, chance = LinfBall(epsilon), torch.Generator().manual_seed(seed)

    def scores(pixels: Tensor) -> Tensor:
        count = len(pixels)
        return model.pixel_likelihoods(pixels, [prompt] * count, [text] * count)[:, None]

    best = climbed(
        Oracle(scores, batch_size=AT_ONCE), clean, ball, lambda seen, _: seen[:, 0], steps,
        generator=chance, progress=progress,
    )  # fmt: skip
    coin = torch.randint(2, clean.shape, generator=chance).to(clean) * 2 - 1
    control = ball.quantise(ball.project(clean + epsilon * coin, clean), clean)
    return [as_picture(one) for one in best], [as_picture(one) for one in control]


def forced(
    model: object,
    ban: Ban,
    data: Dataset,
    channel: Channel,
    settings: Mapping[str, Any],
    rng: np.random.Generator,
    progress: Callable[[float], None],
) -> list[Attempt]:
    """Return pictures whose pixels are to make a model write one forbidden word, and controls.

    Nothing where the model gives no gradients of what it writes.

    Args:
        model: the model that pixels are optimised against.
        ban: the rule.
        data: rows with pictures, of which the first `optimised` are taken.
        channel: what these attempts are called; controls are called `noise`.
        settings: `optimised`, `epsilon` in 1/255 and `steps`.
        rng: draws the word and the seed.
        progress: told the fraction done.
    """
    rows = range(min(int(settings["optimised"]), len(data)))
    if not isinstance(model, WritesFromPixels) or not rows:
        return []
    marker = str(rng.choice(ban.wording.markers))
    prompt = ban.ask(marker, ban.describe)
    made, noise = persuaded(
        model, data.images(rows), prompt, marker, epsilon=float(settings["epsilon"]) / 255,
        steps=int(settings["steps"]), seed=int(rng.integers(2**31)), progress=progress,
    )  # fmt: skip
    return [
        (Request(row, way, prompt, marker), picture)
        for way, pictures in ((channel, made), (Channel.NOISE, noise))
        for row, picture in zip(rows, pictures, strict=True)
    ]
