"""Embeddings under attack: pictures made to fit a chosen text, or to be unlike themselves."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vlaudit.core.dataset import Role, class_name
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.stats.comparison import paired_rates
from vlaudit.stats.intervals import exact_rate, mean

if TYPE_CHECKING:
    from torch import Tensor

FEWEST_TEXTS = 2


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Displace embeddings at growing budgets, and steer pictures to texts drawn at random."""
    import torch

    from vlaudit.perturb.gradient.ball import LinfBall
    from vlaudit.perturb.gradient.embedding import EmbedsPixels, Gallery
    from vlaudit.perturb.gradient.oracle import Oracle
    from vlaudit.perturb.gradient.victim import draw_generator

    settings, target = context.settings, context.target
    if not isinstance(target, EmbedsPixels):
        raise Inapplicable("the target does not let its embeddings be followed to the pixels")
    texts = _texts(context)
    count = min(settings["max_images"], len(context.data))
    rows = np.sort(context.rng.choice(len(context.data), count, replace=False)).tolist()
    clean = torch.cat([target.pixels(context.data.images([row])) for row in rows])
    oracle = Oracle(target.embed_pixels, batch_size=settings["batch_size"])
    gallery = Gallery(oracle, clean, torch.from_numpy(context.features.texts(texts)).to(clean))
    if oracle.unanswered:
        raise Inapplicable("some embeddings are not numbers; set the target's precision to fp32")
    other = torch.from_numpy(context.rng.integers(1, len(texts), count)).to(gallery.best)
    chosen = (gallery.best + other) % len(texts)
    context.note(f"{count} of {len(context.data)} pictures against {len(texts)} texts.")
    how: dict[str, Any] = {
        "steps": settings["steps"],
        "generator": draw_generator(context),
        "progress": _unheard,
    }
    epsilon = float(settings["epsilon"])
    budgets = sorted({epsilon, *map(float, settings["curve"])} - {0.0})
    for done, budget in enumerate(budgets):
        ball, at = LinfBall(budget / 255), {"epsilon": f"{budget:g}/255"}
        context.progress(done / len(budgets))
        away = gallery.look(gallery.displaced(ball, **how), chosen)
        pictures = gallery.led(chosen, ball, **how)
        won = gallery.look(pictures, chosen).hijacked
        noise = gallery.look(gallery.nudged(ball, how["generator"]), chosen)
        moved, hijacks = _distance(context, away.distance), _rate("hijack_rate", won)
        yield from (replace(moved, slice=at), replace(hijacks, slice=at))
        if budget == epsilon:
            yield from (moved, hijacks, _rate("hijack_by_noise", noise.hijacked))
            gain = paired_rates(noise.hijacked.cpu().numpy(), won.cpu().numpy())
            yield gain.of("hijack_gain")
            shaken = _distance(context, noise.distance)
            yield replace(shaken, metric="displacement_by_noise")
            yield _rate("found_again", away.found)
            if won.any():
                index = int(won.float().argmax())
                yield _example(context, rows[index], pictures[index], budget)


def _texts(context: Context) -> list[str]:
    """Return captions, or class names in words, that pictures are looked for by.

    Raises:
        Inapplicable: there are none, or all are equal.
    """
    columns, template = context.data.columns, context.settings["template"]
    texts: set[str] = set()
    if columns.has(Role.CAPTION):
        texts = {text for text in context.data.texts(Role.CAPTION) if text}
    if len(texts) < FEWEST_TEXTS and columns.has(Role.LABEL):
        names = {class_name(label) for label in context.data.texts(Role.LABEL) if label}
        texts = {template.format(name) for name in names}
    if len(texts) < FEWEST_TEXTS:
        raise Inapplicable(
            f"{len(texts)} text in columns `caption` and `label`: no other can be fitted; audit on "
            "rows of at least two captions or classes"
        )
    most = min(len(texts), context.settings["max_texts"])
    return sorted(context.rng.choice(sorted(texts), most, replace=False).tolist())


def _unheard(fraction: float) -> None:
    """Report nothing: a budget is short enough."""


def _rate(metric: str, seen: "Tensor") -> Measurement:
    return exact_rate(int(seen.sum()), len(seen)).of(metric)


def _distance(context: Context, distance: "Tensor") -> Measurement:
    values = distance.double().cpu().numpy()
    return mean(values, bounds=(0.0, 2.0), rng=context.rng).of("displacement")


def _example(context: Context, row: int, picture: "Tensor", budget: float) -> Finding:
    levels = (picture * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    name = context.data.ids()[row]
    return Finding(
        "hijacked_picture",
        f"Within {budget:g}/255 of its original, this picture fits a text best that was drawn at "
        "random.",
        Severity.LOW,
        Confidence.HIGH,
        row=name,
        evidence={"picture": context.keep_picture(f"row_{name}", levels)},
    )
