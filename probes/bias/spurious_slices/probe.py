"""Slices of pictures that fail more often than others of the same label, found and confirmed."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.metrics.slices import (
    Tallies,
    against_rest,
    beside_classes,
    find_clusters,
    halves,
    nearest_words,
)  # fmt: skip
from vlaudit.metrics.zero_shot import Answers, labelled, misread, name_rows, prompts
from vlaudit.stats.design_effect import share
from vlaudit.stats.exact import as_few_by_chance
from vlaudit.stats.exchange import design_of
from vlaudit.stats.groups import matched_difference
from vlaudit.stats.multiplicity import holm

# A search over pictures that may resemble each other deserves a strict level.
ALPHA, WORDS, NAMED_ROWS, GRAVE = 0.01, 3, 5, 0.2
Flags = NDArray[np.bool_]


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Find clusters of mistakes in one half of the pictures and test them in the other."""
    settings, data = context.settings, context.data
    subjects = labelled(data.texts(Role.LABEL))
    answers = name_rows(context, subjects, templates=settings["templates"])
    right, labels = answers.right, answers.labels
    mistakes, rows = int((~right).sum()), right.size
    if rows < settings["min_rows"] or mistakes < settings["min_mistakes"]:
        raise Inapplicable(
            f"{mistakes} mistakes in {rows} labelled pictures are too few to look for slices of "
            f"them; audit on {settings['min_rows']} pictures with {settings['min_mistakes']} "
            "mistakes, or lower min_rows and min_mistakes"
        )
    pictures = context.features.images(data.select(subjects.rows))
    (texts,) = prompts(answers.classes, settings["templates"][:1])
    beside = beside_classes(pictures, context.features.texts(texts), labels)
    people = design_of(data).clusters[subjects.rows]
    half, tested = halves(people, rng=context.rng)
    cluster = find_clusters(beside, ~right, half, seed=int(context.rng.integers(2**31)))
    sizes = np.bincount(cluster[tested], minlength=cluster.max() + 1)
    suspects = [
        (_tally(answers, half, cluster == at).excess, at)
        for at in np.flatnonzero(sizes >= settings["min_slice_rows"]).tolist()
    ]
    suspects = sorted([item for item in suspects if item[0] > 0], reverse=True)
    if not suspects:
        raise Inapplicable("no cluster of pictures is large enough to be tested; add pictures")
    tallies = [_tally(answers, tested, cluster == at) for _, at in suspects]
    for tallied in tallies[:1]:
        yield matched_difference(tallied.right, tallied.rows).of("worst_slice_gap")
    least, gap_told = settings["min_slice_mistakes"], settings["smallest_gap"]
    p_values = holm([as_few_by_chance(of.right, of.rows) for of in tallies])
    proven = [
        (at, of, float(p))
        for (_, at), of, p in zip(suspects, tallies, p_values, strict=True)
        if p <= ALPHA and of.excess >= gap_told and of.mistakes >= least
    ]
    failing = np.isin(cluster[~half], [at for at, _, _ in proven])
    yield share(failing, people[~half]).of("failing_share")
    ids = data.select(subjects.rows).ids()
    for at, tallied, p_value in proven:
        inside = cluster == at
        words = _words(context, beside[inside].mean(axis=0))
        yield from _findings(answers, inside & ~half, tallied, words, p_value, ids)
    context.progress(1.0)


def _tally(answers: Answers, half: Flags, inside: Flags) -> Tallies:
    labels, classes = answers.labels[half], len(answers.classes)
    return against_rest(inside[half], answers.right[half], labels, classes=classes)


def _words(context: Context, direction: NDArray[np.float64]) -> list[str]:
    words = context.settings["words"]
    (texts,) = prompts(words, context.settings["templates"][:1])
    embedded = context.features.texts(texts)
    return [words[index] for index in nearest_words(direction, embedded, count=WORDS)]


def _findings(
    answers: Answers, inside: Flags, tallied: Tallies, words: list[str], p_value: float,
    ids: list[str],
) -> Iterator[Finding]:  # fmt: skip
    """Yield a slice, with its nearest words and commonest label, and its surest mistakes."""
    right, rows = int(tallied.right[0].sum()), int(tallied.rows[0].sum())
    gap = tallied.excess
    common = answers.classes[int(np.bincount(answers.labels[inside]).argmax())]
    named = ", ".join(repr(word) for word in words) or "no word"
    yield Finding(
        kind="failing_slice",
        summary=f"{rows - right} of {rows} held-out pictures of one kind are called wrong, "
        f"{gap:.0%} more than others of the same labels; nearest words: {named}; commonest label: "
        f"{common!r}; most often taken for {answers.usual_mistake(inside)!r}.",
        severity=Severity.HIGH if gap >= GRAVE else Severity.MEDIUM,
        confidence=Confidence.HIGH,
        evidence={"p_holm": p_value, "words": ", ".join(words)},
    )
    yield from misread(
        answers, ids, inside, at_most=NAMED_ROWS, kind="row_of_failing_slice",
        why="as others of its kind are",
    )  # fmt: skip
