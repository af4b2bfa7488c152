"""Association of groups with concepts, as word and image embedding association tests measure it.

A concept is a pair of poles, such as career and family. A stimulus leans to the first pole by its
mean score against the words of that pole minus its mean score against those of the other; the
effect size is the difference of mean leanings of two sets of stimuli in standard deviations
(Caliskan et al. 2017; Steed and Caliskan 2021). It lies within -2 and 2 for sets of equal size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import permutation_test

from vlaudit.core.dataset import Dataset
from vlaudit.core.probe import Features, Inapplicable
from vlaudit.metrics.zero_shot import prompts

Floats = NDArray[np.float64]
TINY = 1e-12
POLE_WORDS, CONTROLS, CODES_AT_ONCE = 4, 20, 5_000_000


@dataclass(frozen=True)
class Concept:
    """Two poles, each given by words."""

    name: str
    first: tuple[str, ...]
    second: tuple[str, ...]

    def told(self, size: float) -> str:
        """Say what an effect of this sign lies nearer to, and what it lies farther from."""
        near, far = (self.first, self.second) if size > 0 else (self.second, self.first)
        return f"{', '.join(near[:3])} than to {', '.join(far[:3])}"


def read_concepts(entries: Sequence[str]) -> list[Concept]:
    """Return the concepts that entries such as `work/home: office, pay | garden, kitchen` name.

    Raises:
        Inapplicable: an entry does not name two poles with a word each.
    """
    found: list[Concept] = []
    for entry in entries:
        name, _, poles = entry.partition(":")
        one, _, other = poles.partition("|")
        first, second = _listed(one), _listed(other)
        if not (name.strip() and first and second):
            raise Inapplicable(
                f"concept {entry!r} is not of the form `name: word, word | word, word`"
            )
        found.append(Concept(name.strip(), first, second))
    return found


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


def nonsense_concepts(
    words: Sequence[str], *, size: int, count: int, rng: np.random.Generator
) -> list[Concept]:
    """Return concepts whose poles are words without meaning, drawn anew for each.

    Args:
        words: words to draw from; none are returned where there are fewer than two.
        size: words a pole, at most half of `words`.
        count: number of concepts.
        rng: source of the draws.
    """
    size = min(size, len(words) // 2)
    drawn = [rng.permutation(len(words))[: 2 * size] for _ in range(count if size else 0)]
    return [
        Concept(
            f"nonsense {at}",
            tuple(words[int(index)] for index in order[:size]),
            tuple(words[int(index)] for index in order[size:]),
        )
        for at, order in enumerate(drawn)
    ]


def leanings(scores: ArrayLike, words: Sequence[str], concepts: Sequence[Concept]) -> Floats:
    """Return how much each stimulus leans to the first pole of each concept.

    Args:
        scores: logits or cosines of stimuli against the words, (..., words).
        words: the words, in the order of the scores.
        concepts: concepts whose words are among them.

    Returns:
        Mean score of the first pole minus that of the second, (..., concepts).
    """
    index = {word: place for place, word in enumerate(words)}
    weights = np.zeros((len(words), len(concepts)))
    for column, concept in enumerate(concepts):
        for sign, pole in ((1, concept.first), (-1, concept.second)):
            for word in pole:
                weights[index[word], column] += sign / len(pole)
    return np.asarray(np.asarray(scores, dtype=np.float64) @ weights)


def effect_size(first: ArrayLike, second: ArrayLike) -> Floats:
    """Return the difference of means in standard deviations of both sets together.

    Args:
        first: leanings of the one set of stimuli, (stimuli, ...).
        second: those of the other.

    Returns:
        Effect sizes of shape (...); 0 where all stimuli lean alike.
    """
    one, two = np.asarray(first, np.float64), np.asarray(second, np.float64)
    spread = np.concatenate([one, two]).std(axis=0, ddof=1)
    difference = one.mean(axis=0) - two.mean(axis=0)
    return np.where(spread > TINY, difference / np.where(spread > TINY, spread, 1.0), 0.0)


def exchange_p(first: Floats, second: Floats, *, rng: np.random.Generator) -> Floats:
    """Return two-sided p-values of the difference of means under exchange of stimuli.

    All partitions are tried where there are at most 20,000, and as many random ones otherwise.

    Args:
        first: leanings of the one set of stimuli, (stimuli, concepts).
        second: those of the other.
        rng: source of random partitions.

    Returns:
        One p-value a concept.
    """

    def difference(one: Floats, two: Floats, axis: int) -> Floats:
        return np.asarray(one.mean(axis=axis) - two.mean(axis=axis))

    tested = permutation_test(
        (first, second), difference, vectorized=True, n_resamples=20_000, axis=0, rng=rng
    )
    return np.asarray(tested.pvalue)


def within(leaning: Floats, strata: NDArray[np.intp]) -> Floats:
    """Return how far each stimulus leans from the mean of its stratum, (stimuli, concepts).

    A group that does other things than the rest is then not told apart by what it does.
    """
    totals = np.zeros((int(strata.max()) + 1, leaning.shape[1]))
    np.add.at(totals, strata, leaning)
    return np.asarray(leaning - (totals / np.bincount(strata)[:, None])[strata])


def one_against_rest(leaning: Floats, codes: ArrayLike, *, groups: int) -> Floats:
    """Return the mean leaning of each group minus that of the rest.

    Args:
        leaning: leanings of the stimuli, (stimuli, concepts).
        codes: group of each stimulus, (stimuli,) or (draws, stimuli); every group is present.
        groups: number of groups.

    Returns:
        Differences of shape (groups, concepts) or (draws, groups, concepts).
    """
    of = np.asarray(codes)
    members = [np.atleast_2d(of) == group for group in range(groups)]
    size = np.stack([member.sum(axis=1) for member in members], axis=1)[..., None]
    total = np.stack([member.astype(np.float64) @ leaning for member in members], axis=1)
    found = total / size - (leaning.sum(axis=0) - total) / (len(leaning) - size)
    return np.asarray(found[0] if of.ndim == 1 else found)


@dataclass(frozen=True)
class Associations:
    """Effect sizes of groups against the rest.

    Attributes:
        sizes: effect size under each template, (templates, groups, concepts).
        null: mean over templates with groups dealt at random, (draws, groups, concepts).
        shift: difference in the unit of the scores, (groups, concepts).
        unit: standard deviation in the unit of the scores, (concepts,).
    """

    sizes: Floats
    null: Floats
    shift: Floats
    unit: Floats

    def absolute(self, concepts: slice) -> tuple[Floats, Floats]:
        """Return the sizes without sign, (effects,), and their null, (draws, effects)."""
        null = np.abs(self.null[..., concepts])
        return np.abs(self.sizes.mean(axis=0)[:, concepts]).ravel(), null.reshape(len(null), -1)


def associate(
    leaning: Floats,
    codes: ArrayLike,
    strata: NDArray[np.intp],
    dealt: NDArray[np.integer],
    *,
    groups: int,
    kinds: NDArray[np.intp] | None = None,
) -> Associations:
    """Return the associations of groups of stimuli with concepts, within strata.

    Of two groups only the first is held against the rest; the other mirrors it.

    Args:
        leaning: leanings under each template, (templates, stimuli, concepts).
        codes: group of each stimulus, (stimuli,).
        strata: stratum of each stimulus, (stimuli,).
        dealt: random codes, (draws, stimuli).
        groups: number of groups.
        kinds: strata whose spread is the standard deviation, (stimuli,); `strata` by default. In
            sets of pictures that hardly differ, the sets' own spread would make any effect large.
    """
    plain = np.stack([within(part, strata) for part in leaning])
    wide = plain if kinds is None else np.stack([within(part, kinds) for part in leaning])
    spread = wide.std(axis=1, ddof=1, keepdims=True)
    scaled = np.where(spread > TINY, plain / np.where(spread > TINY, spread, 1.0), 0.0)
    kept = slice(1) if groups == 2 else slice(groups)
    of_mean = scaled.mean(axis=0)
    parts = np.array_split(dealt, -(-dealt.size // CODES_AT_ONCE) or 1)
    return Associations(
        np.stack([one_against_rest(part, codes, groups=groups)[kept] for part in scaled]),
        np.concatenate([one_against_rest(of_mean, n, groups=groups)[:, kept] for n in parts]),
        one_against_rest(plain.mean(axis=0), codes, groups=groups)[kept],
        spread.mean(axis=(0, 1)),
    )


@dataclass(frozen=True)
class Wording:
    """Concepts with the texts that ask for them.

    Attributes:
        concepts: the concepts that are asked for.
        controls: pairs of poles without meaning.
        words: all words of both, each once.
        templates: forms such as `a photo of {}`.
    """

    concepts: Sequence[Concept]
    controls: Sequence[Concept]
    words: Sequence[str]
    templates: Sequence[str]

    @property
    def every(self) -> list[Concept]:
        """Concepts, then controls."""
        return [*self.concepts, *self.controls]

    @property
    def nonsense(self) -> int:
        """Number of different words without meaning."""
        return len({word for concept in self.controls for word in concept.first + concept.second})

    @property
    def halves(self) -> tuple[slice, slice]:
        """Places of the concepts, and of the controls, among every."""
        return slice(len(self.concepts)), slice(len(self.concepts), None)

    def of_pictures(self, features: Features, data: Dataset) -> Floats:
        """Return the leanings of pictures under each template, (templates, rows, concepts)."""
        texts = prompts(self.words, self.templates)
        parts = [features.scores(data, of_template) for of_template in texts]
        return np.stack([leanings(part, self.words, self.every) for part in parts])

    def of_words(self, features: Features, names: Sequence[str]) -> Floats:
        """Return the leanings of words by cosine under each template, likewise."""
        both = zip(prompts(names, self.templates), prompts(self.words, self.templates), strict=True)
        parts = [features.texts(mine) @ features.texts(theirs).T for mine, theirs in both]
        return np.stack([leanings(part, self.words, self.every) for part in parts])


def wording(
    concepts: Sequence[str], nonsense: Sequence[str], templates: Sequence[str],
    rng: np.random.Generator,
) -> Wording:  # fmt: skip
    """Return concepts with controls drawn from words without meaning, in the given templates.

    Raises:
        Inapplicable: a concept cannot be read.
    """
    named = read_concepts(concepts)
    controls = nonsense_concepts(nonsense, size=POLE_WORDS, count=CONTROLS, rng=rng)
    words = [word for concept in [*named, *controls] for word in concept.first + concept.second]
    return Wording(named, controls, list(dict.fromkeys(words)), templates)
