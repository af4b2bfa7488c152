"""Membership inference: attacks against rows declared as trained on, after a blind baseline."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import DualEncoder
from vlaudit.metrics.attacks import attack, pair_scores
from vlaudit.metrics.blind import FOLDS, told_by_captions, told_by_directions, told_by_pictures
from vlaudit.metrics.sides import captioned, declared
from vlaudit.perturb.augmentation import small_changes
from vlaudit.stats.intervals import Estimate
from vlaudit.stats.roc import auc, cross_fitted_auc, strongest, true_positive_rate

FEWEST = 50
BLIND_ROWS = 1000
Bools = NDArray[np.bool_]
Pair = tuple[NDArray[np.float64], NDArray[np.float64]]
Measure = Callable[..., Estimate]
RATES = {"tpr_at_1_percent": 0.01, "tpr_at_01_percent": 0.001}


def run(context: Context) -> Iterator[Measurement]:
    """Refuse sides that differ without the model, then attack."""
    rows, member = _sides(context)
    data = context.data.select(rows)
    captions = [text or "" for text in data.texts(Role.CAPTION)]
    blind = _blind(context, data, captions, member)
    _refuse(blind, float(context.settings["told_apart"]))
    scores = {
        each.name: (each.scores[of], each.scores[~of])
        for each in attack(context, data, captions, changes=small_changes)
        for of in [member[each.rows]]
        if 0 < of.sum() < of.size
    }
    if not scores:
        raise Inapplicable("the model neither embeds pictures and texts nor weighs their tokens")
    yield from _over("auc", scores, "attack", auc)
    for metric, at in RATES.items():
        fine = {name: pair for name, pair in scores.items() if at * len(pair[1]) >= 1}
        if fine:
            yield from _over(metric, fine, "attack", partial(true_positive_rate, at=at))
    yield from _over("blind_auc", blind, "view", partial(cross_fitted_auc, folds=FOLDS))
    context.progress(1.0)


def _sides(context: Context) -> tuple[list[int], Bools]:
    """Return the rows of both sides, ascending, and which of them are members."""
    settings, sides = context.settings, dict[str, list[int]]()
    for side in ("members", "others"):
        if not settings[side]:
            raise Inapplicable(
                f"which rows the model was trained on is not declared; set {side}, such as "
                f"[split={'train' if side == 'members' else 'test'}], for rows of one source"
            )
        rows = declared(context.data, settings[side], setting=side)
        sides[side] = captioned(context, rows, most=int(settings["rows"]))
    if both := set(sides["members"]) & set(sides["others"]):
        raise Inapplicable(f"{len(both)} rows are declared as members and as others")
    if (fewest := min(map(len, sides.values()))) < FEWEST:
        raise Inapplicable(f"a side has {fewest} rows with captions; it takes {FEWEST} or more")
    member = set(sides["members"])
    rows = sorted([*sides["members"], *sides["others"]])
    return rows, np.array([row in member for row in rows])


def _blind(
    context: Context, data: Dataset, captions: Sequence[str], member: Bools
) -> dict[str, Pair]:
    """Return scores of members and of others for each view that never sees the model."""
    sides = (np.flatnonzero(side) for side in (member, ~member))
    some = np.sort(np.concatenate([context.rng.permutation(s)[:BLIND_ROWS] for s in sides]))
    of, part = member[some], data.select(some.tolist())
    texts = [captions[int(row)] for row in some]
    views = {"captions": told_by_captions(texts, of, context.rng)}
    context.progress(0.1)
    views["pictures"] = told_by_pictures(part.images(range(len(part))), of, context.rng)
    context.progress(0.3)
    reference = context.reference
    if reference is not None and isinstance(reference.target, DualEncoder):
        images, words = reference.features.images(part), reference.features.texts(texts)
        seen = np.concatenate([images, words], axis=1).astype(np.float64)
        views["reference"] = told_by_directions(seen, of, context.rng)
        views["fit"] = pair_scores(reference.target, images, words)
    return {name: (scores[of], scores[~of]) for name, scores in views.items()}


def _refuse(blind: Mapping[str, Pair], most: float) -> None:
    # One-sided, so that at most one fair split in twenty is refused.
    for view, pair in blind.items():
        found = cross_fitted_auc(*pair, folds=FOLDS, level=1 - 0.1 / len(blind))
        if found.value >= most and found.interval.low > 0.5:
            raise Inapplicable(
                f"members and others can be told apart without the model, by their {view} alone "
                f"(AUC {found.value:.2f} [{found.interval.low:.2f}, {found.interval.high:.2f}]): "
                "an attack would measure that difference; draw both sides from one source"
            )


def _over(
    metric: str, scores: Mapping[str, Pair], by: str, measure: Measure
) -> Iterator[Measurement]:
    """Yield the strongest, with the choice among several in its interval, and each by itself."""
    found = {name: measure(*pair) for name, pair in scores.items()}
    sharper = [measure(*pair, level=1 - 0.05 / len(scores)) for pair in scores.values()]
    best = strongest(list(found.values()), sharper)
    yield Measurement(metric, best.value, best.samples, best.interval)
    for name, one in found.items():
        yield Measurement(metric, one.value, one.samples, one.interval, slice={by: name})
