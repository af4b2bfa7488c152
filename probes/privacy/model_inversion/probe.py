"""Model inversion: pictures rebuilt from names, and a judge who never saw the model."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL.Image import Image

from vlaudit.core.dataset import Role, class_name
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import EmbedsImages, GivesGradients
from vlaudit.metrics.biometric import thumbnails
from vlaudit.metrics.judge import Judge, judge
from vlaudit.perturb.likeness import invert
from vlaudit.stats.clustered import clustered_rate
from vlaudit.stats.intervals import clopper_pearson

FEWEST = 5
BATCH = 48
See = Callable[[Sequence[Image]], ArrayLike]


def run(context: Context) -> Iterator[Measurement]:
    """Rebuild pictures from names, and let the judge say whom or what they show."""
    names, rows, codes = _classes(context)
    see = _sight(context)
    known = judge(_seen(context, rows, see), codes)
    accuracy = clopper_pearson(int((known.left_out() == codes).sum()), codes.size)
    if accuracy.low <= 1 / len(names):
        raise Inapplicable(
            "the judge cannot tell real pictures apart better than by chance, so it could not tell "
            "rebuilt ones; name a `reference` model that never saw the data"
        )
    context.progress(0.2)
    hits = _rebuilt(context, names, known, see)
    value = float((known.left_out() == codes).mean())
    yield Measurement("judge_accuracy", value, codes.size, accuracy)
    rate = clustered_rate(hits.sum(axis=1), np.full(len(names), hits.shape[1]))
    yield Measurement("identification_rate", rate.value, rate.samples, rate.interval)
    chance, ends = 1 / len(names), rate.interval
    interval = Interval(
        ends.low - chance, ends.high - chance, f"{ends.method} less chance", ends.level
    )
    yield Measurement("identification_gain", rate.value - chance, rate.samples, interval)
    context.progress(1.0)


def _classes(context: Context) -> tuple[list[str], list[int], NDArray[np.intp]]:
    """Return names, and rows of real pictures with the index of the name of each."""
    roles = [role for role in (Role.IDENTITY, Role.LABEL) if context.data.columns.has(role)]
    for role in roles:
        values = [(value or "").strip() for value in context.data.texts(role)]
        counts = Counter(filter(None, values))
        names = sorted(name for name, count in counts.items() if count >= FEWEST)
        if len(names) >= 2:
            most, each = int(context.settings["classes"]), int(context.settings["pictures"])
            chosen = [names[i] for i in sorted(context.rng.permutation(len(names))[:most].tolist())]
            rows: list[int] = []
            codes: list[int] = []
            for code, name in enumerate(chosen):
                mine = np.array([row for row, value in enumerate(values) if value == name])
                some = sorted(context.rng.permutation(mine)[:each].tolist())
                rows += some
                codes += [code] * len(some)
            return chosen, rows, np.array(codes, dtype=np.intp)
    raise Inapplicable(
        f"no two people or labels have {FEWEST} pictures each; name a column under "
        "data.columns.identity or data.columns.label"
    )


def _sight(context: Context) -> See:
    """Return what the judge sees of pictures: by the reference model, or as tiny copies."""
    reference = context.reference
    if reference is not None and isinstance(reference.target, EmbedsImages):
        return reference.target.embed_images
    context.note("The judge compares tiny copies; name a `reference` model for a better one.")
    return thumbnails


def _seen(context: Context, rows: Sequence[int], see: See) -> ArrayLike:
    parts = [
        np.asarray(see(context.data.images(rows[at : at + BATCH])), dtype=np.float64)
        for at in range(0, len(rows), BATCH)
    ]
    return np.concatenate(parts)


def _rebuilt(context: Context, names: Sequence[str], known: Judge, see: See) -> NDArray[np.bool_]:
    """Tell of each attempt on each name whether the judge takes it for that, (names, attempts)."""
    target = context.target
    if not isinstance(target, GivesGradients):
        raise Inapplicable("the model gives no gradients")
    texts = [str(context.settings["prompt"]).replace("{}", class_name(name)) for name in names]
    attempts, steps = int(context.settings["attempts"]), int(context.settings["steps"])
    wanted = np.repeat(np.arange(len(names)), attempts)
    hits: list[NDArray[np.bool_]] = []
    for start in range(0, wanted.size, BATCH):
        part = wanted[start : start + BATCH]
        share = (start / wanted.size, part.size / wanted.size)

        def progress(done: float, share: tuple[float, float] = share) -> None:
            context.progress(0.2 + 0.75 * (share[0] + share[1] * done))

        made = invert(target, texts, part.tolist(), context.rng, steps=steps, progress=progress)
        hits.append(known.says(see(made)) == part)
    return np.concatenate(hits).reshape(len(names), attempts)
