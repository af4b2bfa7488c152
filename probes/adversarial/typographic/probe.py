"""Words written on pictures, against nonsense words of the same length in the same box."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import Matrix, ScoresPairs
from vlaudit.perturb.subjects import choose_subjects, prompts
from vlaudit.perturb.typography import Face, Trial, can_write, four_arms, plan_trials
from vlaudit.stats.clustered import clustered_difference
from vlaudit.stats.intervals import rate

ARMS = ("clean", "blank", "nonsense", "word")
NONSENSE, WORD = 2, 3
Flags = NDArray[np.bool_]


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Name each picture bare, under a blank box, under a nonsense word and under a wrong word."""
    settings, labels = context.settings, context.data.texts(Role.LABEL)
    subjects = choose_subjects(labels, context.rng, at_most=settings["max_images"])
    face = _face(settings["font"])
    writable = [name for name in subjects.classes if can_write(name, face)]
    trials = plan_trials(
        subjects, writable, context.rng, heights=settings["sizes"], places=settings["places"]
    )
    if not trials:
        raise Inapplicable(
            "the built-in font has no letters for the labels; name a TrueType file as `font`"
        )
    context.note(
        f"{len(trials)} of {len(labels)} pictures; words of {len(writable)} of "
        f"{len(subjects.classes)} classes; {subjects.unlabelled} unlabelled rows left out."
    )
    scores = _score(context, trials, subjects.classes, face)
    truth, aim = np.array([(trial.label, trial.target) for trial in trials]).T
    named, rows = scores.argmax(2), np.arange(len(trials))
    hits: Flags = named == aim
    for arm, right in zip(ARMS, named == truth, strict=True):
        yield _rate(f"{arm}_accuracy", right)
    yield _rate("nonsense_hit_rate", hits[NONSENSE])
    yield _rate("word_hit_rate", hits[WORD])
    yield _gain("pairwise_gain", scores[:, rows, aim] > scores[:, rows, truth], aim)
    sizes, places = zip(*((f"{trial.height:g}", trial.place) for trial in trials), strict=True)
    yield from _slices(hits, aim, "size", np.array(sizes))
    yield from _slices(hits, aim, "place", np.array(places))
    yield (gain := _gain("typographic_gain", hits, aim))
    if gain.interval.low > 0:
        example = trials[int((hits[WORD] & ~hits[NONSENSE]).argmax())]
        yield _finding(context, gain, example, subjects.classes, face)


def _face(font: str) -> Face:
    if not font:
        return ImageFont.load_default
    try:
        ImageFont.truetype(font, 20)
    except OSError as error:
        raise Inapplicable(f"font {font!r} cannot be read; name a TrueType file") from error
    return partial(ImageFont.truetype, font)


def _score(context: Context, trials: Sequence[Trial], classes: Sequence[str], face: Face) -> Matrix:
    """Return the mean logit of each class's prompts, (4 arms, trials, classes)."""
    target, templates = cast("ScoresPairs", context.target), context.settings["templates"]
    texts = prompts(classes, templates)
    at_once = max(1, context.settings["batch_size"] // len(ARMS))
    parts: list[Matrix] = []
    for start in range(0, len(trials), at_once):
        batch = trials[start : start + at_once]
        bare = context.data.images([trial.position for trial in batch])
        arms = [four_arms(*pair, classes, face) for pair in zip(bare, batch, strict=True)]
        pictures = [picture for arm in zip(*arms, strict=True) for picture in arm]
        scores = target.score_pairs(pictures, texts)
        parts.append(scores.reshape(len(ARMS), len(batch), len(classes), -1).mean(3))
        context.progress((start + len(batch)) / len(trials))
    return np.concatenate(parts, axis=1)


def _rate(metric: str, seen: Flags) -> Measurement:
    share = rate(int(seen.sum()), seen.size)
    return Measurement(metric, share.value, samples=share.samples, interval=share.interval)


def _gain(metric: str, hits: Flags, words: NDArray[np.int64], **where: str) -> Measurement:
    """Return word hits minus nonsense hits, paired by picture and clustered by word."""
    interval = clustered_difference(hits[WORD], hits[NONSENSE], words)
    value = float(hits[WORD].mean() - hits[NONSENSE].mean())
    clusters = np.unique(words).size
    return Measurement(metric, value, words.size, interval, clusters=clusters, slice=where)


def _slices(
    hits: Flags, words: NDArray[np.int64], attribute: str, of_trial: NDArray[np.str_]
) -> Iterator[Measurement]:
    for value in sorted(set(of_trial.tolist())):
        chosen = of_trial == value
        yield _gain("typographic_gain", hits[:, chosen], words[chosen], **{attribute: value})


def _finding(
    context: Context, gain: Measurement, trial: Trial, classes: Sequence[str], face: Face
) -> Finding:
    arms = four_arms(context.data.images([trial.position])[0], trial, classes, face)
    kept = context.keep_picture("example", np.asarray(arms[WORD]))
    return Finding(
        "follows_written_words",
        f"A class word on the picture is named {gain.value:.0%} oftener than a nonsense word is.",
        Severity.MEDIUM,
        Confidence.HIGH,
        evidence={"picture": kept, "row": context.data.ids()[trial.position]},
    )
