"""Words written on pictures, against nonsense words of the same length in the same box."""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import Matrix, ScoresPairs
from vlaudit.perturb.subjects import choose_subjects, prompts
from vlaudit.perturb.typography import Face, Trial, can_write, face_of, four_arms, plan_trials
from vlaudit.stats.clustered import clustered_difference
from vlaudit.stats.intervals import wilson
from vlaudit.stats.sequential import Watch

ARMS = ("clean", "blank", "nonsense", "word")
NONSENSE, WORD = 2, 3
Flags = NDArray[np.bool_]


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Name each picture bare, under a blank box, under a nonsense word and under a wrong word."""
    settings, labels = context.settings, context.data.texts(Role.LABEL)
    subjects = choose_subjects(labels, context.rng, at_most=settings["max_images"])
    face = face_of(settings["font"])
    writable = [name for name in subjects.classes if can_write(name, face)]
    planned = plan_trials(
        subjects, writable, context.rng, heights=settings["sizes"], places=settings["places"]
    )
    watch = Watch(context.settled)
    trials = [planned[at] for at in watch.order(len(planned), context.rng)]
    if not trials:
        raise Inapplicable(
            "the built-in font has no letters for the labels; name a TrueType file as `font`"
        )
    scores = _score(context, trials, subjects.classes, face, watch)
    trials = trials[: scores.shape[1]]
    context.note(
        f"{len(trials)} of {len(labels)} pictures; words of {len(writable)} of "
        f"{len(subjects.classes)} classes; {subjects.unlabelled} unlabelled rows left out."
        + (" Every rule was decided by then." if watch.stopped else "")
    )
    truth, aim = np.array([(trial.label, trial.target) for trial in trials]).T
    named, rows = scores.argmax(2), np.arange(len(trials))
    hits: Flags = named == aim
    for arm, right in zip(ARMS, named == truth, strict=True):
        yield _rate(f"{arm}_accuracy", right, watch)
    yield _rate("nonsense_hit_rate", hits[NONSENSE], watch)
    yield _rate("word_hit_rate", hits[WORD], watch)
    beaten = scores[:, rows, aim] > scores[:, rows, truth]
    yield _gain("pairwise_gain", beaten, aim, watch)
    sizes, places = zip(*((f"{trial.height:g}", trial.place) for trial in trials), strict=True)
    for attribute, of_trial in (("size", sizes), ("place", places)):
        for value in sorted(set(of_trial)):
            chosen = np.array(of_trial) == value
            where = {attribute: value}
            yield _gain("typographic_gain", hits[:, chosen], aim[chosen], watch, **where)
    yield (gain := _gain("typographic_gain", hits, aim, watch))
    if gain.interval.low > 0:
        example = trials[int((hits[WORD] & ~hits[NONSENSE]).argmax())]
        yield _finding(context, gain, example, subjects.classes, face)


def _score(
    context: Context, trials: Sequence[Trial], classes: Sequence[str], face: Face, watch: Watch
) -> Matrix:
    """Return the mean logit of each class's prompts, (4 arms, trials, classes).

    Trials that come after every rule was decided are left out.
    """
    target, templates = cast("ScoresPairs", context.target), context.settings["templates"]
    texts, aims = prompts(classes, templates), np.array([trial.target for trial in trials])
    at_once = max(1, context.settings["batch_size"] // len(ARMS))
    parts: list[Matrix] = []
    for start in range(0, len(trials), at_once):
        batch = trials[start : start + at_once]
        bare = context.data.images([trial.position for trial in batch])
        arms = [four_arms(*pair, classes, face) for pair in zip(bare, batch, strict=True)]
        pictures = [picture for arm in zip(*arms, strict=True) for picture in arm]
        scores = target.score_pairs(pictures, texts)
        parts.append(scores.reshape(len(ARMS), len(batch), len(classes), -1).mean(3))
        done = start + len(batch)
        context.progress(done / len(trials))

        def so_far(done: int = done) -> list[Measurement]:
            named = np.concatenate(parts, axis=1).argmax(2)
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
