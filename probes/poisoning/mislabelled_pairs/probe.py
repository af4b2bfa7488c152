"""Labels and captions that tell of something else than their pictures show."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import EmbedsTexts, Matrix
from vlaudit.detect.mislabelled import FOLDS, crossfitted, doubts, public, relabelled
from vlaudit.detect.unfit import exchanged, unfit
from vlaudit.stats.intervals import clopper_pearson

FEWEST = 100
SUREST, SURE = 0.1, 0.5
SURELY_RANDOM, RANDOM = 0.9, 0.5
PLANTED = 0.05
Found = Measurement | Finding


def run(context: Context) -> Iterator[Found]:
    """Doubt labels by confident learning, and captions by what random captions fit."""
    images = context.features.images(context.data)
    refusals: list[str] = []
    for role, judged in ((Role.LABEL, _labels), (Role.CAPTION, _captions)):
        written = context.data.texts(role) if context.data.columns.has(role) else []
        rows = [row for row, text in enumerate(written) if text and text.strip()]
        try:
            if len(rows) < FEWEST:
                raise Inapplicable(f"{len(rows)} rows with a {role} are too few")
            yield from judged(context, images, np.array(rows), [str(written[r]) for r in rows])
        except Inapplicable as refusal:
            refusals.append(str(refusal))
        context.progress(0.5 if role is Role.LABEL else 1.0)
    if len(refusals) == 2:
        raise Inapplicable("; ".join(refusals))
    for why in refusals:
        context.note(f"Not judged: {why}.")


def _labels(
    context: Context, images: Matrix, rows: NDArray[np.int64], written: Sequence[str]
) -> Iterator[Found]:
    names, labels, counts = np.unique(written, return_inverse=True, return_counts=True)
    kept = counts[labels] >= FOLDS
    rows, (_, labels) = rows[kept], np.unique(labels[kept], return_inverse=True)
    told = [str(name) for name in names[counts >= FOLDS]]
    if len(told) < 2 or len(rows) < FEWEST:
        raise Inapplicable(
            f"{len(rows)} rows of {len(told)} labels with {FOLDS} rows each are too few"
        )
    seen = doubts(crossfitted(images[rows], labels, context.rng), labels)
    wrong, sure = seen.among_surest(SUREST)
    if wrong > sure / 2:
        raise Inapplicable("the model's embeddings do not tell the labels apart")
    changed, planted = relabelled(labels, context.rng, share=PLANTED)
    tried = doubts(crossfitted(images[rows], changed, context.rng), changed)
    caught = int(tried.flagged[planted].sum())
    low, high = clopper_pearson(wrong, sure), clopper_pearson(*seen.among_surest(SURE))
    ends = Interval(low.low, max(low.high, high.high), "Clopper-Pearson where features are sure")
    yield Measurement("label_error_share", wrong / sure, sure, ends)
    yield _share("label_detection", caught, len(planted))
    ids = context.data.ids()
    for row in seen.ranked()[: context.settings["listed"]]:
        yield Finding(
            "doubtful_label",
            f"Labelled {public(told[labels[row]])}, looks like {public(told[seen.named[row]])}.",
            Severity.LOW,
            Confidence.MEDIUM if seen.sureness[row] > 0.9 else Confidence.LOW,
            row=ids[int(rows[row])],
            where="label",
            evidence={"probability": round(float(seen.trust[row]), 4)},
        )


def _captions(
    context: Context, images: Matrix, rows: NDArray[np.int64], written: Sequence[str]
) -> Iterator[Found]:
    if not isinstance(context.target, EmbedsTexts) or len(set(written)) < 2:
        raise Inapplicable("captions cannot be embedded, or are all the same")
    shown, vectors, rng = images[rows], context.features.texts(written), context.rng
    seen = unfit(shown, vectors, rng)
    if not seen.sees:
        raise Inapplicable("the model hardly tells captions from random ones")
    changed, planted = exchanged(vectors, rng)
    low, high = (clopper_pearson(seen.beyond(at), len(rows)) for at in (SURELY_RANDOM, RANDOM))
    ends = Interval(
        min(low.low / (1 - SURELY_RANDOM), seen.share),
        max(min(high.high / (1 - RANDOM), 1.0), seen.share),
        "Clopper-Pearson of the random part",
    )
    yield Measurement("caption_error_share", seen.share, len(rows), ends)
    if len(planted):
        caught = int(unfit(shown, changed, rng).flagged[planted].sum())
        yield _share("caption_detection", caught, len(planted))
    ids = context.data.ids()
    for row in seen.ranked()[: context.settings["listed"]]:
        yield Finding(
            "doubtful_caption",
            f"{seen.fit.chance[row]:.0%} of random captions fit at least as well.",
            Severity.LOW,
            Confidence.MEDIUM if seen.fit.chance[row] > RANDOM else Confidence.LOW,
            row=ids[int(rows[row])],
            where="caption",
            evidence={"chance": round(float(seen.fit.chance[row]), 4)},
        )


def _share(metric: str, hits: int, count: int) -> Measurement:
    return Measurement(metric, hits / count, count, clopper_pearson(hits, count))
