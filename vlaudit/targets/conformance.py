"""Holds a foreign target to what its abilities promise, before any probe relies on them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image

from vlaudit.core.errors import TargetError
from vlaudit.core.target import (
    Ability,
    EmbedsImages,
    EmbedsTexts,
    GivesGradients,
    RanksAnswers,
    ScoresPairs,
    Target,
    WeighsTokens,
    WritesText,
)

TEXTS = ("a photo of a cat", "a photo of a dog", "something else")
QUESTION = "What is in the picture?"


def check_target(target: object, *, where: str) -> Target:
    """Return `target`, after asking each of its abilities about two pictures.

    Raises:
        TargetError: it has no name, no fingerprint or no ability, or breaks a promise of one;
            lists every promise that it breaks.
    """
    if not isinstance(target, Target):
        raise TargetError(
            f"{where}: a {type(target).__name__} is no target; give it the attributes `name` and "
            "`fingerprint` (texts), and methods of vlaudit.core.target such as score_pairs"
        )
    problems = list(broken_promises(target))
    if problems:
        raise TargetError(f"{where}: " + "; ".join(problems))
    return target


def broken_promises(target: Target) -> Iterator[str]:
    """Yield a sentence for each promise of its abilities that `target` breaks."""
    noise = np.random.default_rng(0).integers(0, 256, (2, 48, 64, 3), dtype=np.uint8)
    images = [Image.fromarray(one) for one in noise]
    if not any(ability.held_by(target) for ability in Ability):
        yield f"it has no ability; it needs a method of {', '.join(Ability)}"
    if isinstance(target, EmbedsImages):
        yield from _matrix(
            "embed_images", lambda: target.embed_images(images), (2, None), unit=True
        )
    if isinstance(target, EmbedsTexts):
        yield from _matrix("embed_texts", lambda: target.embed_texts(TEXTS), (3, None), unit=True)
    if isinstance(target, ScoresPairs):
        yield from _matrix("score_pairs", lambda: target.score_pairs(images, TEXTS), (2, 3))
    if isinstance(target, RanksAnswers):
        questions = [QUESTION] * 2
        rank = lambda: target.rank_answers(images, questions, TEXTS)  # noqa: E731
        yield from _matrix("rank_answers", rank, (2, 3))
    if isinstance(target, WritesText):
        yield from _texts(target, images)
    if isinstance(target, WeighsTokens):
        yield from _tokens(target, images)
    if isinstance(target, GivesGradients):
        yield from _gradients(target, images)


def _matrix(
    method: str, call: Callable[[], object], shape: tuple[int, int | None], *, unit: bool = False
) -> Iterator[str]:
    made, problem = _attempt(method, call)
    if problem:
        yield problem
    elif not isinstance(made, np.ndarray) or made.dtype != np.float32 or made.ndim != 2:
        yield f"{method} returned {_describe(made)}, not a float32 matrix"
    elif made.shape[0] != shape[0] or shape[1] not in (None, made.shape[1]):
        yield f"{method} returned a matrix of shape {made.shape}, not {shape}"
    elif not np.isfinite(made).all():
        yield f"{method} returned values that are not finite"
    elif unit and not np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-2):
        yield f"{method} returned embeddings that are not of length 1; normalise them"


def _texts(target: WritesText, images: Sequence[Image.Image]) -> Iterator[str]:
    made, problem = _attempt(
        "write_text", lambda: target.write_text(images, [QUESTION] * len(images))
    )
    if problem:
        yield problem
    elif not isinstance(made, list) or [type(text) for text in made] != [str] * len(images):
        yield f"write_text returned {_describe(made)}, not a list of {len(images)} texts"


def _tokens(target: WeighsTokens, images: Sequence[Image.Image]) -> Iterator[str]:
    made, problem = _attempt(
        "weigh_tokens", lambda: target.weigh_tokens(images, ["", QUESTION], TEXTS[:2])
    )
    if problem:
        yield problem
    elif not isinstance(made, list) or len(made) != len(images):
        yield f"weigh_tokens returned {_describe(made)}, not a list of {len(images)} arrays"
    elif not all(isinstance(one, np.ndarray) and one.ndim == 1 and one.size for one in made):
        yield "weigh_tokens returned texts without tokens"
    elif not all(np.isfinite(one).all() and (one <= 1e-3).all() for one in made):
        yield "weigh_tokens returned what are no log-likelihoods: not finite, or above 0"


def _gradients(target: GivesGradients, images: Sequence[Image.Image]) -> Iterator[str]:
    import torch

    def slope() -> Any:
        pixels = target.pixels(images).detach()
        if pixels.ndim != 4 or float(pixels.min()) < 0 or float(pixels.max()) > 1:
            raise ValueError("pixels are not of shape (images, 3, height, width) in [0, 1]")
        pixels.requires_grad_()
        return torch.autograd.grad(target.pixel_scores(pixels, TEXTS).sum(), pixels)[0]

    made, problem = _attempt("pixel_scores", slope)
    if problem:
        yield problem
    elif not bool(torch.isfinite(made).all()):
        yield "pixel_scores has slopes that are not finite"


def _attempt(method: str, call: Callable[[], object]) -> tuple[Any, str | None]:
    """Return what a foreign method returns, or what it raises as a sentence."""
    try:
        return call(), None
    except Exception as error:  # foreign code may raise anything; all of it is reported
        return None, f"{method} raised {type(error).__name__}: {str(error)[:200]}"


def _describe(made: object) -> str:
    if isinstance(made, np.ndarray):
        return f"a {made.dtype} array of shape {made.shape}"
    return f"a {type(made).__name__}"
