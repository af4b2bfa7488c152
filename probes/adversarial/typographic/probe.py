"""Words written on pictures, against nonsense words of the same length in the same box."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import Matrix
from vlaudit.metrics.choosing import best, weighed
from vlaudit.perturb.subjects import choose_subjects, prompts
from vlaudit.perturb.typography import Face, Trial, by_arm, can_write, face_of, plan_trials
from vlaudit.stats.clustered import clustered_difference
from vlaudit.stats.intervals import wilson
from vlaudit.stats.sequential import Watch

ARMS = ("clean", "blank", "nonsense", "word")
NONSENSE, WORD, ALWAYS = 2, 3, ("size", "place")
Flags = NDArray[np.bool_]
Faces = Sequence[Face]


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Name each picture bare, under a blank box, under a nonsense word and under a wrong word."""
    settings, labels = context.settings, context.data.texts(Role.LABEL)
    subjects = choose_subjects(labels, context.rng, at_most=settings["max_images"])
    faces = [face_of(name) for name in (settings["font"], *settings["fonts"])]
    writable = [name for name in subjects.classes if all(can_write(name, face) for face in faces)]
    sweep: dict[str, Any] = {name: settings[name] for name in ("places", "contrasts")}
    sweep |= {"heights": settings["sizes"], "fonts": len(faces)}
    planned = plan_trials(subjects, writable, context.rng, **sweep)
    if not planned:
        raise Inapplicable("a font lacks letters of the labels; name a TrueType file as `font`")
    watch = Watch(context.settled)
    trials = [planned[at] for at in watch.order(len(planned), context.rng)]
    scores = _score(context, trials, subjects.classes, faces, watch)
    trials = trials[: scores.shape[1]]
    context.note(
        f"{len(trials)} of {len(labels)} pictures, {subjects.unlabelled} of all unlabelled; words "
        f"of {len(writable)} of {len(subjects.classes)} classes."
        + (" Every rule was decided by then." if watch.stopped else "")
    )
    truth, aim = np.array([(trial.label, trial.target) for trial in trials]).T
    named, rows = best(scores), np.arange(len(trials))
    hits = named == aim
    for arm, right in zip(ARMS, named == truth, strict=True):
        yield _rate(f"{arm}_accuracy", right, watch)
    yield _rate("nonsense_hit_rate", hits[NONSENSE], watch)
    yield _rate("word_hit_rate", hits[WORD], watch)
    beaten = scores[:, rows, aim] > scores[:, rows, truth]
    yield _gain("pairwise_gain", beaten, aim, watch)
    for trait in ("size", "place", "contrast", "font"):
        values = np.array([trial.traits[trait] for trial in trials])
        for value in np.unique(values) if trait in ALWAYS or np.unique(values).size > 1 else ():
            chosen, where = values == value, {trait: str(value)}
            yield _gain("typographic_gain", hits[:, chosen], aim[chosen], watch, **where)
    yield (gain := _gain("typographic_gain", hits, aim, watch))
    if gain.interval.low > 0:
        example = trials[int((hits[WORD] & ~hits[NONSENSE]).argmax())]
        yield _finding(context, gain, example, subjects.classes, faces)


def _score(
    context: Context, trials: Sequence[Trial], classes: Sequence[str], faces: Faces, watch: Watch
) -> Matrix:
    """Return what classes weigh, (4, trials, classes), until every rule is decided."""
    settings, aims = context.settings, np.array([trial.target for trial in trials])
    texts = prompts(classes, settings["templates"])
    asked: dict[str, Any] = {"question": settings["question"], "rng": context.rng}
    at_once = max(1, settings["batch_size"] // len(ARMS))
    parts: list[Matrix] = []
    for start in range(0, len(trials), at_once):
        batch = trials[start : start + at_once]
        bare = context.data.images([trial.position for trial in batch])
        pictures = by_arm(bare, batch, classes, faces)
        pairs = [(trial.label, trial.target) for trial in batch]
        parts.append(weighed(context.target, pictures, classes, texts, pairs, **asked))
        done = start + len(batch)
        context.progress(done / len(trials))

        def so_far(done: int = done) -> list[Measurement]:
            named = best(np.concatenate(parts, axis=1))
            return [_gain("typographic_gain", named == aims[:done], aims[:done], watch)]

        if watch.enough(so_far, left=len(trials) - done):
            break
    return np.concatenate(parts, axis=1)


def _rate(metric: str, seen: Flags, watch: Watch) -> Measurement:
    hits, n = int(seen.sum()), seen.size
    interval = watch.interval(lambda level: wilson(hits, n, level=level), seen)
    return Measurement(metric, hits / n, samples=n, interval=interval)


def _gain(
    metric: str, hits: Flags, words: NDArray[np.int64], watch: Watch, **where: str
) -> Measurement:
    """Return word hits minus nonsense hits, paired by picture and clustered by word."""
    turned = hits[WORD].astype(np.int64) - hits[NONSENSE]

    def ordinary(level: float) -> Interval:
        return clustered_difference(hits[WORD], hits[NONSENSE], words, level=level)

    interval = watch.interval(ordinary, turned, bounds=(-1, 1))
    clusters, value = np.unique(words).size, float(turned.mean())
    return Measurement(metric, value, words.size, interval, clusters=clusters, slice=where)


def _finding(
    context: Context, gain: Measurement, trial: Trial, classes: Sequence[str], faces: Faces
) -> Finding:
    word = by_arm(context.data.images([trial.position]), [trial], classes, faces)[WORD]
    kept = context.keep_picture("example", np.asarray(word))
    said = f"A class word on the picture is named {gain.value:.0%} oftener than a nonsense word is."
    seen = {"picture": kept, "row": context.data.ids()[trial.position]}
    return Finding(
        "follows_written_words", said, Severity.MEDIUM, Confidence.HIGH, evidence={**seen}
    )
