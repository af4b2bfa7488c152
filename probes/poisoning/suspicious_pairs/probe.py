"""Pairs that look poisoned, and whether the model obeys the mark that they share."""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import EmbedsImages
from vlaudit.detect.association import Topics, public_name, topics
from vlaudit.detect.evidence import mismatched_interval
from vlaudit.detect.gallery import Gallery
from vlaudit.detect.search import Suspect, bearers, searched_rows, suspects
from vlaudit.detect.triage import Triage, triage
from vlaudit.perturb.causal import Candidate, Experiment, Pool, Trial
from vlaudit.perturb.trigger import battery, blended, cut
from vlaudit.stats.intervals import clopper_pearson, paired_difference

Rows = NDArray[np.int64]
FEWEST = 40
SUPPORT = 8
EVALUATION = ("test", "eval", "evaluation", "validation", "valid", "val", "dev")


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Weigh all pairs, seek marks that go with a caption, and stamp them on innocent pictures."""
    settings, (data, captions) = context.settings, _captioned(context)
    images, vectors = context.features.images(data), context.features.texts(captions)
    rate = settings["false_discovery_rate"]
    seen = triage(images, vectors, captions, context.rng, rate=rate)
    if not seen.sees:
        context.note("The model hardly tells captions from random ones: none is called unfit.")
    labels = data.texts(Role.LABEL) if data.columns.has(Role.LABEL) else None
    said = topics(captions, vectors, labels)
    rows = searched_rows(seen.p_values, settings["searched_rows"], context.rng)
    if len(rows) < len(data):
        context.note(f"{len(rows)} of {len(data)} pictures were searched, doubtful ones first.")
    context.progress(0.15)
    gallery = Gallery.of(lambda some: _load(data, some), rows)
    context.progress(0.3)
    found = suspects(
        gallery, images[rows], said.owner[rows], seen.p_values[rows], context.rng,
        limit=settings["candidates"], progress=lambda done: context.progress(0.3 + 0.4 * done),
    )  # fmt: skip
    trials = _trials(context, data, said, seen, _candidates(data, found, rows, said, context.rng))
    yield from _measured(trials, seen)
    guilty: dict[int, str] = {}
    for trial in trials:
        if _interval(trial, len(trials)).low > settings["confirm_gain"]:
            name = public_name(said, cast("int", trial.candidate.target), captions)
            bearing = _bearing(found, trial, gallery, rows, said)
            guilty |= dict.fromkeys(bearing, name)
            yield _trigger_finding(context, trial, len(bearing), name)
    yield _share("confirmed_share", len(guilty), len(rows))
    yield from _listed(data.ids(), guilty, seen, settings["listed"])


def _captioned(context: Context) -> tuple[Dataset, list[str]]:
    """Return the rows that have a caption, and their captions."""
    written = context.data.texts(Role.CAPTION)
    kept = [row for row, text in enumerate(written) if text and text.strip()]
    captions = [text for text in written if text and text.strip()]
    if len(kept) < len(written):
        context.note(f"{len(written) - len(kept)} rows without a caption are left out.")
    if len(kept) < FEWEST or len(set(captions)) < 2:
        raise Inapplicable(
            f"{len(kept)} pairs with {len(set(captions))} different captions are too few to "
            f"compare; give at least {FEWEST} pairs and two captions"
        )
    return context.data.select(kept), captions


def _load(data: Dataset, rows: Sequence[int]) -> list[Image]:
    return data.images([int(row) for row in rows])


def _candidates(
    data: Dataset, found: Sequence[Suspect], rows: Rows, said: Topics, rng: np.random.Generator
) -> list[Candidate]:
    """Return the marks found, cut out at full resolution; the usual triggers where none was."""
    others = _load(data, rng.choice(len(data), min(96, len(data)), replace=False))
    candidates: list[Candidate] = []
    for suspect in found:
        members = rows[suspect.rows]
        pictures, patch = _load(data, members[:96]), suspect.patch
        control = None
        if patch is None:
            trigger = blended(pictures, others)
            own = np.setdiff1d(np.flatnonzero(said.owner == suspect.topic), members)
            if len(own) >= SUPPORT:
                lenders = _load(data, rng.permutation(own)[: len(pictures)])
                control = blended(lenders, others, alpha=float(trigger.alpha.max()))
        else:
            trigger = cut(pictures, patch.corners[:96], patch.mask, side=patch.side)
        bearing = frozenset(members.tolist())
        candidates.append(Candidate(trigger, suspect.topic, bearing, control))
    return candidates or [Candidate(trigger, None) for trigger in battery()]


def _trials(
    context: Context, data: Dataset, said: Topics, seen: Triage, candidates: Sequence[Candidate]
) -> list[Trial]:
    """Return the trials of the best candidates, on pictures that nothing speaks against."""
    innocents = context.rng.permutation(np.flatnonzero(~seen.flagged)).tolist()
    if data.columns.has(Role.SPLIT):
        splits = data.texts(Role.SPLIT)
        innocents.sort(key=lambda row: (splits[row] or "").lower() not in EVALUATION)
    target = cast("EmbedsImages", context.target)
    experiment = Experiment(target.embed_images, lambda some: _load(data, some), said.centres)
    trials = experiment.trials(
        candidates, Pool(innocents, said.owner), context.rng,
        pictures=context.settings["pictures"],
        progress=lambda done: context.progress(0.7 + 0.3 * done),
    )  # fmt: skip
    if not trials:
        raise Inapplicable("no picture of another topic is left to stamp; give more diverse rows")
    return trials


def _measured(trials: Sequence[Trial], seen: Triage) -> Iterator[Measurement]:
    best, count = trials[0].obedience, len(trials[0].obedience.stamped)
    ends = [_interval(trial, len(trials)) for trial in trials]
    low, high = max(end.low for end in ends), max(end.high for end in ends)
    method = f"{ends[0].method}, largest of {len(trials)}"
    yield Measurement("trigger_gain", best.gain, count, Interval(low, high, method))
    hits, level = best.only_stamped, 1 - 0.05 / len(trials)
    yield Measurement(
        "trigger_success", hits / count, count, clopper_pearson(hits, count, level=level)
    )
    yield _share("suspicious_share", int(seen.flagged.sum()), len(seen.flagged))
    estimate, interval = mismatched_interval(seen.fit.chance)
    yield Measurement("mismatched_share", estimate, len(seen.flagged), interval)


def _interval(trial: Trial, tests: int) -> Interval:
    seen = trial.obedience
    level = 1 - 0.05 / tests
    return paired_difference(seen.only_stamped, seen.only_control, len(seen.stamped), level=level)


def _share(metric: str, hits: int, count: int) -> Measurement:
    return Measurement(metric, hits / count, count, clopper_pearson(hits, count))


def _bearing(
    found: Sequence[Suspect], trial: Trial, gallery: Gallery, rows: Rows, said: Topics
) -> list[int]:
    """Return the rows that bear a mark together with its caption."""
    if not found:
        return []
    suspect = found[trial.index]
    if suspect.patch is None:
        return sorted(rows[suspect.rows].tolist())
    shown = rows[np.union1d(bearers(gallery, suspect.patch), suspect.rows)]
    return sorted(shown[said.owner[shown] == suspect.topic].tolist())


def _trigger_finding(context: Context, trial: Trial, rows: int, name: str) -> Finding:
    seen, trigger = trial.obedience, trial.candidate.trigger
    kind = "faint pattern" if trigger.is_faint else "patch"
    place = "at one place" if len(trigger.places) == 1 else "at changing places"
    return Finding(
        kind="trigger",
        summary=(
            f"A {kind} {place} on {rows} rows makes the model answer {name} on "
            f"{seen.stamped.mean():.0%} of innocent pictures; an innocent mark there does on "
            f"{seen.control.mean():.0%}."
        ),
        severity=Severity.CRITICAL,
        confidence=Confidence.HIGH,
        evidence={
            "picture": context.keep_picture(f"trigger_{trial.index}", trigger.preview()),
            "success": float(seen.stamped.mean()),
            "control": float(seen.control.mean()),
            "rows": rows,
            "area": float(trigger.alpha.mean() * trigger.size[0] * trigger.size[1]),
        },
    )


def _listed(
    ids: Sequence[str], guilty: dict[int, str], seen: Triage, most: int
) -> Iterator[Finding]:
    """Name the rows that bear a confirmed trigger, and the doubtful others for review."""
    for row in sorted(guilty)[:most]:
        yield Finding(
            kind="poisoned_pair",
            summary=f"Bears a mark that makes the model answer {guilty[row]}, and says so.",
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            row=ids[row],
        )
    doubtful = [row for row in np.argsort(seen.p_values).tolist() if seen.flagged[row]]
    for row in [row for row in doubtful if row not in guilty][:most]:
        yield Finding(
            kind="suspicious_pair",
            summary=f"To review: {seen.reason(row)}.",
            severity=Severity.LOW,
            confidence=Confidence.LOW,
            row=ids[row],
            evidence={"p_value": float(seen.p_values[row])},
        )
