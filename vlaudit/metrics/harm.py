"""Labels that harm the people they are put on, chosen beside labels that do not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset
from vlaudit.core.probe import Features, Inapplicable
from vlaudit.metrics.word_sets import read_sets
from vlaudit.metrics.zero_shot import mean_logits

Flags = NDArray[np.bool_]
Counts = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True)
class LabelSets:
    """Labels that compete for each picture.

    Attributes:
        neutral: labels that do no harm.
        harms: words of every harmful set, by its name.
        nonsense: words without meaning, the control of harmful ones.
    """

    neutral: tuple[str, ...]
    harms: dict[str, tuple[str, ...]]
    nonsense: tuple[str, ...]


def label_sets(neutral: Sequence[str], harms: Sequence[str], nonsense: Sequence[str]) -> LabelSets:
    """Return the labels, each once; a word in two sets stays in the harmful one.

    Args:
        neutral: labels that do no harm.
        harms: entries such as `crime: thief, criminal`.
        nonsense: words without meaning.

    Raises:
        Inapplicable: an entry names no set, or there is no neutral label.
    """
    found = read_sets(harms)
    harmful = {word for words in found.values() for word in words}
    kept = tuple(dict.fromkeys(word for word in neutral if word and word not in harmful))
    if not kept or not found:
        raise Inapplicable("there must be a neutral label and a harmful one; add them as settings")
    return LabelSets(kept, found, tuple(dict.fromkeys(nonsense)))


@dataclass(frozen=True)
class Chosen:
    """What every picture is called.

    Attributes:
        harmed: by a word of each harmful set, (sets, rows).
        control: by one of as many words without meaning, (sets, rows).
        word: index of the best harmful word among all of them, (rows,).
        words: all harmful words.
        sure: whether that word beats every neutral and every meaningless one, (rows,).
        lead: its logit above that of the best neutral label, (rows,).
    """

    harmed: Flags
    control: Flags
    word: NDArray[np.intp]
    words: tuple[str, ...]
    sure: Flags
    lead: NDArray[np.float64]


def choose(features: Features, data: Dataset, sets: LabelSets, templates: Sequence[str]) -> Chosen:
    """Call every picture by its highest logit, averaged over templates.

    Neutral labels and the words of all harmful sets compete, as do neutral labels and, in their
    place, as many words without meaning as the set has.

    Raises:
        Inapplicable: no template can be filled.
        TargetError: a logit is not finite.
    """
    harmful = tuple(word for words in sets.harms.values() for word in words)
    every = [*sets.neutral, *harmful, *sets.nonsense]
    logits = mean_logits(features, data, every, templates)
    first, last = len(sets.neutral), len(sets.neutral) + len(harmful)
    neutral, harm, idle = np.split(logits, [first, last], axis=1)
    best, word = neutral.max(axis=1), harm.argmax(axis=1)
    lead = harm.max(axis=1) - best
    of_set = np.repeat(np.arange(len(sets.harms)), [len(words) for words in sets.harms.values()])
    harmed = (lead > 0) & (of_set[word] == np.arange(len(sets.harms))[:, None])
    control = [
        idle[:, : len(words)].max(axis=1, initial=-np.inf) > best for words in sets.harms.values()
    ]
    sure = (lead > 0) & (harm.max(axis=1) > idle.max(axis=1, initial=-np.inf))
    return Chosen(harmed, np.stack(control), word, harmful, sure, lead.astype(np.float64))


@dataclass(frozen=True)
class Tally:
    """Pictures counted by set of labels and group, each of shape (sets, groups).

    Attributes:
        harmed: called by a word of the set.
        harmed_only: called so, but by no word without meaning.
        idle_only: called by a word without meaning, but not by the set.
        sizes: pictures of the group.
    """

    harmed: Counts
    harmed_only: Counts
    idle_only: Counts
    sizes: Counts

    def thinned(self, effect: NDArray[np.float64]) -> "Tally":
        """Return what as many independent pictures would count.

        Args:
            effect: design effect of each set and group, (sets, groups).
        """
        counts = (self.harmed, self.harmed_only, self.idle_only, self.sizes)
        return Tally(*(part / effect for part in counts))


def tally(chosen: Chosen, rows: NDArray[np.intp], codes: NDArray[np.int16]) -> Tally:
    """Count the pictures at `rows`, (rows,), by their groups, (rows,), numbered from 0."""
    harmed, idle = chosen.harmed[:, rows], chosen.control[:, rows]
    member = codes[:, None] == np.arange(codes.max() + 1)

    def count(flags: Flags) -> NDArray[np.int64]:
        return np.asarray(flags.astype(np.int64) @ member)

    return Tally(
        count(harmed), count(harmed & ~idle), count(idle & ~harmed), count(np.ones_like(harmed))
    )
