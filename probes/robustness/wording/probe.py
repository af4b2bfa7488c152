"""Choices among texts, before and after the texts are worded otherwise."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Role
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context
from vlaudit.metrics.choosing import NONE, Chooser, option_groups
from vlaudit.perturb.subjects import Subjects, choose_subjects
from vlaudit.perturb.wording import Wordings, read_wordings, scenes
from vlaudit.stats.clustered import clustered_difference, clustered_share
from vlaudit.stats.intervals import Estimate
from vlaudit.stats.worst import highest_rate

Flags = NDArray[np.bool_]
Named = dict[tuple[str, int], NDArray[np.intp]]
PLAIN, UNASKED = ("", 0), -2


def run(context: Context) -> Iterator[Measurement]:
    """Have every picture named in several wordings, and contraries and exchanges told apart."""
    settings = context.settings
    wordings = read_wordings(settings)
    labels = context.data.texts(Role.LABEL)
    subjects = choose_subjects(labels, context.rng, at_most=int(settings["max_images"]))
    chooser = Chooser(context.target, context.features, settings["question"], context.rng)
    named: Named = {}
    denied = np.zeros((2, subjects.labels.size), dtype=np.bool_)
    groups = option_groups(len(subjects.classes), int(settings["options"]), context.rng)
    for done, group in enumerate(groups):
        rows = np.flatnonzero(np.isin(subjects.labels, group))
        if rows.size:
            _name(context, chooser, wordings, subjects, rows, group, named)
            denied[:, rows] = _deny(context, chooser, wordings, subjects, rows, group)
        context.progress(0.9 * (done + 1) / len(groups))
    context.note(f"{subjects.labels.size} pictures, {len(groups)} groups of classes.")
    yield from _changes(named, subjects.labels)
    rows = np.arange(subjects.labels.size)
    yield clustered_share(denied.ravel(), np.tile(rows, 2)).of("negation_accuracy")
    if settings["drawn"]:
        yield from _drawn(chooser)
    context.progress(1.0)


def _name(
    context: Context, chooser: Chooser, wordings: Wordings, subjects: Subjects,
    rows: NDArray[np.intp], group: NDArray[np.intp], named: Named,
) -> None:  # fmt: skip
    """Keep what the rows of a group of classes are named in each wording."""
    data = context.data.select(subjects.positions[rows].tolist())
    names = [subjects.classes[at] for at in group]
    versions = [(*PLAIN, [wordings.plain(name) for name in names])]
    for change, number, texts in [*versions, *wordings.of(names, context.rng)]:
        chosen = chooser.rows(data, texts)
        asked = named.setdefault((change, number), np.full(subjects.labels.size, UNASKED))
        asked[rows] = np.where(chosen == NONE, NONE, group[chosen])


def _deny(
    context: Context, chooser: Chooser, wordings: Wordings, subjects: Subjects,
    rows: NDArray[np.intp], group: NDArray[np.intp],
) -> Flags:  # fmt: skip
    """Tell which rows are rightly said to show their class, and not to show another, (2, rows)."""
    own = subjects.labels[rows]
    places = np.array([group.tolist().index(label) for label in own])
    steps = context.rng.integers(1, group.size, rows.size)
    right = np.zeros((2, rows.size), dtype=np.bool_)
    for answer, asked in enumerate((places, (places + steps) % group.size)):
        for at in np.unique(asked):
            name, of = subjects.classes[group[at]], np.flatnonzero(asked == at)
            data = context.data.select(subjects.positions[rows[of]].tolist())
            chosen = chooser.rows(data, [wordings.plain(name), wordings.without(name)])
            right[answer, of] = chosen == answer
    return right


def _changes(named: Named, labels: NDArray[np.int64]) -> Iterator[Measurement]:
    before = named.pop(PLAIN)
    rows = np.arange(labels.size)
    yield clustered_share(before == labels, rows).of("accuracy")
    flips: list[Estimate] = []
    for change in dict.fromkeys(change for change, _ in named):
        after = np.stack([chosen for (of, _), chosen in named.items() if of == change])
        asked, many = after != UNASKED, np.broadcast_to(rows, after.shape)
        of, old, new = many[asked], np.broadcast_to(before, after.shape)[asked], after[asked]
        flips.append(clustered_share(old != new, of))
        yield flips[-1].of("flip_rate", change=change)
        yield clustered_share(new == labels[of], of).of("changed_accuracy", change=change)
        ends = clustered_difference(old == labels[of], new == labels[of], of)
        drop = float((old == labels[of]).mean() - (new == labels[of]).mean())
        yield Measurement("accuracy_drop", drop, np.unique(of).size, ends, slice={"change": change})
    if flips:
        counts = [(flip.value * flip.samples, flip.samples) for flip in flips]
        yield highest_rate(counts, samples=labels.size).of("worst_flip_rate")


def _drawn(chooser: Chooser) -> Iterator[Measurement]:
    """Yield how well drawn scenes are told from others, exchanged in part or wholly."""
    for metric, placed, pairs in (
        ("drawn_accuracy", False, [(one, one.other) for one in scenes()]),
        ("binding_accuracy", False, [(one, one.exchanged) for one in scenes()]),
        ("relation_accuracy", True, [(one, one.mirrored) for one in scenes()]),
    ):
        right = [
            chooser.pictures(
                [scene.draw() for scene in pair], [scene.told(placed=placed) for scene in pair]
            ) == [0, 1]
            for pair in pairs
        ]  # fmt: skip
        of = np.repeat(np.arange(len(pairs)), 2)
        yield clustered_share(np.concatenate(right), of).of(metric)
