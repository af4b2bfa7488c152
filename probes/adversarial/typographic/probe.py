"""Words written on pictures, against nonsense words of the same length in the same box."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFont

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import Matrix, ScoresPairs
from vlaudit.perturb.subjects import choose_subjects, prompts
from vlaudit.perturb.typography import Face, Trial, can_write, four_arms, plan_trials
from vlaudit.stats.intervals import paired_difference, rate

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
    named = scores.argmax(2)
    hits: Flags = named == aim
    everyone = np.ones(len(trials), dtype=np.bool_)
    for arm, right in zip(("clean", "blank", "nonsense", "word"), named == truth, strict=True):
        yield _rate(f"{arm}_accuracy", right)
    yield _rate("nonsense_hit_rate", hits[2])
    yield _rate("word_hit_rate", hits[3])
    yield (gain := _gain("typographic_gain", hits, everyone))
    rows = np.arange(len(trials))
    yield _gain("pairwise_gain", scores[:, rows, aim] > scores[:, rows, truth], everyone)
    for height in settings["sizes"]:
        chosen = np.array([trial.height == height for trial in trials])
        yield from _slice(hits, chosen, {"size": f"{height:g}"})
    for place in settings["places"]:
        chosen = np.array([trial.place == place for trial in trials])
        yield from _slice(hits, chosen, {"place": place})
    if gain.interval.low > 0:
        example = trials[int((hits[3] & ~hits[2]).argmax())]
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
    target = cast("ScoresPairs", context.target)
    templates: list[str] = context.settings["templates"]
    texts = prompts(classes, templates)
    at_once = max(1, context.settings["batch_size"] // 4)
    parts: list[Matrix] = []
    for start in range(0, len(trials), at_once):
        batch = trials[start : start + at_once]
        bare = context.data.images([trial.position for trial in batch])
        arms = [four_arms(*pair, classes, face) for pair in zip(bare, batch, strict=True)]
        pictures = [picture for arm in zip(*arms, strict=True) for picture in arm]
        scores = target.score_pairs(pictures, texts)
        parts.append(scores.reshape(4, len(batch), len(classes), len(templates)).mean(3))
        context.progress((start + len(batch)) / len(trials))
    return np.concatenate(parts, axis=1)


def _rate(metric: str, seen: Flags) -> Measurement:
    share = rate(int(seen.sum()), seen.size)
    return Measurement(metric, share.value, samples=share.samples, interval=share.interval)


def _gain(metric: str, hits: Flags, chosen: Flags) -> Measurement:
    """Return word hits minus nonsense hits over the chosen pictures, paired by picture."""
    nonsense, word = hits[2, chosen], hits[3, chosen]
    only_word, only_nonsense = int((word & ~nonsense).sum()), int((nonsense & ~word).sum())
    interval = paired_difference(only_word, only_nonsense, word.size)
    value = (only_word - only_nonsense) / word.size
    return Measurement(metric, value, samples=word.size, interval=interval)


def _slice(hits: Flags, chosen: Flags, where: dict[str, str]) -> Iterator[Measurement]:
    if chosen.any():
        gain = _gain("typographic_gain", hits, chosen)
        yield Measurement(gain.metric, gain.value, gain.samples, gain.interval, slice=where)


def _finding(
    context: Context, gain: Measurement, trial: Trial, classes: Sequence[str], face: Face
) -> Finding:
    picture: Image.Image = four_arms(
        context.data.images([trial.position])[0], trial, classes, face
    )[3]
    return Finding(
        "follows_written_words",
        f"A class word on the picture is named {gain.value:.0%} oftener than a nonsense word is.",
        Severity.MEDIUM,
        Confidence.HIGH,
        evidence={
            "example": context.data.ids()[trial.position],
            "picture": context.keep_picture("example", np.asarray(picture)),
        },
    )
