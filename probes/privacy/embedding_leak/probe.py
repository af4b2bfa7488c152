"""What a stored embedding gives away: the picture, its caption, its attributes."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import DualEncoder, Matrix
from vlaudit.metrics.biometric import coded, read_out, small_copies
from vlaudit.metrics.recovery import own_first, picked_out, rebuilt
from vlaudit.stats.intervals import Estimate, clopper_pearson
from vlaudit.stats.roc import strongest
from vlaudit.stats.skill import skill

FEWEST, MOST_GROUPS = 50, 100
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


def run(context: Context) -> Iterator[Measurement]:
    """Get back what a linear attacker can, from embeddings of pictures."""
    wanted = int(context.settings["rows"])
    rows = np.sort(context.rng.permutation(len(context.data))[:wanted]).tolist()
    if len(rows) < FEWEST:
        raise Inapplicable(f"{len(rows)} rows are too few; it takes {FEWEST} or more")
    data = context.data.select(rows)
    seen = context.features.images(data)
    among = min(int(context.settings["among"]), len(rows))
    small = small_copies(data, side=int(context.settings["side"]))
    context.progress(0.4)
    if np.ptp(small, axis=0).any():
        made = rebuilt(seen, small, context.rng)
        yield _share("picture_match", picked_out(made, small, context.rng, among=among))
    context.progress(0.6)
    if data.columns.has(Role.CAPTION) and isinstance(context.target, DualEncoder):
        yield from _captions(context, context.target, data, seen, among)
    guess = clopper_pearson(1, among)
    interval = Interval(guess.low, guess.high, "of one draw in as many", guess.level)
    yield Measurement("chance", 1 / among, samples=len(rows), interval=interval)
    yield from _attributes(context, data, seen)
    context.progress(1.0)


def _captions(
    context: Context, target: DualEncoder, data: Dataset, seen: Matrix, among: int
) -> Iterator[Measurement]:
    """Yield how often the own caption fits best; of equal captions the first row stands."""
    captions = [text or "" for text in data.texts(Role.CAPTION)]
    first = {text: row for row, text in reversed(list(enumerate(captions))) if text.strip()}
    rows = sorted(first.values())
    if len(rows) >= among:
        fits = target.scores(seen[rows], context.features.texts([captions[row] for row in rows]))
        yield _share("caption_match", own_first(fits, context.rng, among=among))
    else:
        context.note(f"{len(rows)} different captions are too few to choose among {among}.")


def _attributes(context: Context, data: Dataset, seen: Matrix) -> Iterator[Measurement]:
    columns: dict[str, Sequence[str | None]] = {
        name: data.groups(name) for name in data.columns.groups
    }
    if data.columns.has(Role.LABEL):
        columns["label"] = data.texts(Role.LABEL)
    told: dict[str, tuple[Ints, Ints, int]] = {}
    for name, values in columns.items():
        fewest = int(context.settings["fewest"])
        if (found := coded(values, fewest=fewest, most=MOST_GROUPS)) is not None:
            names, of, codes = found
            told[name] = read_out(seen[of], codes, context.rng), codes, len(names)
    yield from _skills(told) if told else ()


def _skills(told: Mapping[str, tuple[Ints, Ints, int]]) -> Iterator[Measurement]:
    def measure(level: float) -> list[Estimate]:
        return [skill(said, true, groups=k, level=level) for said, true, k in told.values()]

    found = measure(0.95)
    best = strongest(found, measure(1 - 0.05 / len(told)))
    yield Measurement("attribute_skill", best.value, best.samples, best.interval)
    for name, one in zip(told, found, strict=True):
        part = {"attribute": name}
        yield Measurement("attribute_skill", one.value, one.samples, one.interval, slice=part)


def _share(metric: str, hits: Bools) -> Measurement:
    count, tried = int(hits.sum()), hits.size
    return Measurement(metric, count / tried, tried, clopper_pearson(count, tried))
