"""Pairs that look poisoned, and whether the model obeys the mark that they share."""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import EmbedsImages
from vlaudit.detect.association import Topics, public_name, topics
from vlaudit.detect.evidence import mismatched_interval
from vlaudit.detect.gallery import Gallery
from vlaudit.detect.search import guilty_rows, kin_rows, searched_rows, suspects
from vlaudit.detect.triage import Triage, accused, weighed
from vlaudit.perturb.causal import Candidate, Experiment, Pool, Trial
from vlaudit.perturb.forge import Forge
from vlaudit.perturb.trigger import battery
from vlaudit.stats.intervals import clopper_pearson, paired_difference

FEWEST = 40
EVALUATION = ("test", "eval", "evaluation", "validation", "valid", "val", "dev")


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Weigh all pairs, seek marks that go with a caption, and stamp them on innocent pictures."""
    settings, rng, (data, captions) = context.settings, context.rng, _captioned(context)
    images, vectors = context.features.images(data), context.features.texts(captions)
    seen = weighed(context, data, captions, rate=settings["false_discovery_rate"])
    if not seen.sees:
        context.note("The model hardly tells captions from random ones: their fit is not judged.")
    said = topics(captions, vectors, _texts(data, Role.LABEL), images=images)
    rows = searched_rows(seen.p_values, settings["searched_rows"], rng)
    context.note(f"{len(rows)} of {len(data)} pictures were searched, doubtful ones first.")
    gallery = Gallery.of(data.images, rows)
    found = suspects(
        gallery, images[rows], said.owner[rows], seen.p_values[rows], rng,
        limit=settings["candidates"], progress=lambda done: context.progress(0.1 + 0.6 * done),
    )  # fmt: skip
    forge = Forge(data.images, said.owner, np.flatnonzero(~seen.flagged), rng)
    kin = [rows[kin_rows(gallery, found, mark, said.owner[rows])] for mark in found]
    pairs = zip(found, kin, strict=True)
    marks = [forge.candidate(m.topic, rows[m.rows], lent, m.cutting) for m, lent in pairs]
    trials = _trials(context, data, said, seen, marks)
    if not trials:
        context.note("No mark in the data looks planted: one that is not in it was tried instead.")
        found, trials = [], _trials(context, data, said, seen, [forge.placebo(battery())])
    if not trials:
        raise Inapplicable("no picture of another topic is left to stamp; give more diverse rows")
    yield from _measured(trials, seen)
    guilty: dict[int, str] = {}
    for trial in trials:
        if _interval(trial, len(trials)).low <= settings["confirm_gain"]:
            continue
        mark = found[trial.index] if found else None
        bad = [] if mark is None else guilty_rows(gallery, mark, said.owner[rows]).tolist()
        if sum(int(rows[row]) in guilty for row in bad) > len(bad) // 2:
            continue  # the same mark, seen in another way
        name, preview = public_name(said, trial.target, captions), trial.candidate.trigger.preview()
        guilty |= {int(rows[row]): name for row in bad}
        yield trial.finding(name, len(bad), context.keep_picture(f"trigger_{trial.index}", preview))
    yield _share("confirmed_share", len(guilty), len(rows))
    yield from accused(data.ids(), guilty, settings["listed"])
    yield from seen.review(data.ids(), guilty, settings["listed"])


def _captioned(context: Context) -> tuple[Dataset, list[str]]:
    """Return the rows that have a caption, and their captions."""
    written = context.data.texts(Role.CAPTION)
    pairs = [(row, text) for row, text in enumerate(written) if text and text.strip()]
    kept, captions = [row for row, _ in pairs], [text for _, text in pairs]
    if len(kept) < len(written):
        context.note(f"{len(written) - len(kept)} rows without a caption are left out.")
    if len(kept) < FEWEST or len(set(captions)) < 2:
        raise Inapplicable(
            f"{len(kept)} pairs with {len(set(captions))} different captions are too few to "
            f"compare; give at least {FEWEST} pairs and two captions"
        )
    return context.data.select(kept), captions


def _texts(data: Dataset, role: Role) -> list[str | None]:
    return data.texts(role) if data.columns.has(role) else [None] * len(data)


def _trials(
    context: Context, data: Dataset, said: Topics, seen: Triage, candidates: Sequence[Candidate]
) -> list[Trial]:
    """Return the trials of the best candidates, on pictures that nothing speaks against."""
    apart = np.array([(split or "").lower() in EVALUATION for split in _texts(data, Role.SPLIT)])
    pool = Pool.of(np.flatnonzero(~seen.flagged), said.owner, apart, context.rng)
    embed = cast("EmbedsImages", context.target).embed_images
    return Experiment(embed, data.images, said.centres).trials(
        candidates, pool, context.rng, pictures=context.settings["pictures"],
        progress=lambda done: context.progress(0.7 + 0.3 * done),
    )  # fmt: skip


def _measured(trials: Sequence[Trial], seen: Triage) -> Iterator[Measurement]:
    best, tests, count = trials[0].obedience, len(trials), len(trials[0].obedience.stamped)
    ends = [_interval(trial, tests) for trial in trials]
    low, high = max(end.low for end in ends), max(end.high for end in ends)
    interval = Interval(low, high, f"{ends[0].method}, largest of {tests}")
    yield Measurement("trigger_gain", best.gain, count, interval)
    turned = clopper_pearson(best.only_stamped, count, level=1 - 0.05 / tests)
    yield Measurement("trigger_success", best.only_stamped / count, count, turned)
    yield _share("suspicious_share", int(seen.flagged.sum()), len(seen.flagged))
    if seen.sees:
        estimate, interval = mismatched_interval(seen.fit.chance)
        yield Measurement("mismatched_share", estimate, len(seen.flagged), interval)


def _interval(trial: Trial, tests: int) -> Interval:
    seen, level = trial.obedience, 1 - 0.05 / tests
    return paired_difference(seen.only_stamped, seen.only_control, len(seen.stamped), level=level)


def _share(metric: str, hits: int, count: int) -> Measurement:
    return Measurement(metric, hits / count, count, clopper_pearson(hits, count))
