"""Questions about the people in pictures, with two poles and a way out, scored as BBQ does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import cast

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import ChoosesAnswers, RanksAnswers, Target
from vlaudit.metrics.word_sets import WordSets, set_of_group

AT_ONCE, TRIED = 32, 16
NEITHER, UNPARSED = 2, -1
Said = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Question:
    """Two poles, of which the first is said of one group.

    Attributes:
        about: name of the set of groups that the stereotype is about; empty for a question whose
            answer a picture shows.
        poles: the two answers.
    """

    about: str
    poles: tuple[str, str]

    @property
    def name(self) -> str:
        """The question in short."""
        return f"{self.poles[0]} or {self.poles[1]}"


def read_questions(entries: Sequence[str], groups: WordSets) -> list[Question]:
    """Return the questions of entries such as `female: a nurse | a doctor`.

    Raises:
        Inapplicable: an entry is of another form, or is about no set of groups.
    """
    found: list[Question] = []
    for entry in entries:
        about, _, poles = entry.partition(":")
        first, _, second = (part.strip() for part in poles.partition("|"))
        if not (about.strip() and first and second):
            raise Inapplicable(f"question {entry!r} is not of the form `group: answer | answer`")
        if about.strip() not in groups:
            raise Inapplicable(
                f"question {entry!r} is about {about.strip()!r}, which `groups` does not list"
            )
        found.append(Question(about.strip(), (first, second)))
    return found


@dataclass(frozen=True)
class Interview:
    """How questions are worded.

    Attributes:
        target: the model.
        by_choice: whether it answers in words; its likelihoods are compared otherwise.
        templates: sentences with two places for the poles.
        unknown: ways to say that one cannot tell.
    """

    target: Target
    by_choice: bool
    templates: Sequence[str]
    unknown: Sequence[str]

    def answers(self, data: Dataset, question: Question, rng: np.random.Generator) -> Said:
        """Return what is said of each picture: 0 or 1 for a pole, 2 for neither, -1 unparsed.

        Wordings, and all orders of the options, are dealt to the pictures at random and equally
        often, so that a model that likes the first option likes every pole alike.
        """
        orders = [*permutations(range(3))]
        of_row = rng.permutation(np.arange(len(data)) % (len(orders) * len(self.templates)))
        said = np.full(len(data), UNPARSED)
        for variant in np.unique(of_row):
            order = orders[variant % len(orders)]
            template = self.templates[int(variant) // len(orders)]
            words = (*question.poles, self.unknown[variant % len(self.unknown)])
            named = [words[at] for at in order if at < 2]
            rows = np.flatnonzero(of_row == variant)
            text = template.format(*named)
            chosen = self._ask(data, rows, text, [words[at] for at in order])
            said[rows] = [UNPARSED if at is None else order[at] for at in chosen]
        return said

    def _ask(
        self, data: Dataset, rows: NDArray[np.intp], question: str, options: list[str]
    ) -> list[int | None]:
        found: list[int | None] = []
        for start in range(0, rows.size, AT_ONCE):
            pictures = data.images(rows[start : start + AT_ONCE].tolist())
            asked = [question] * len(pictures)
            if self.by_choice:
                chooser = cast("ChoosesAnswers", self.target)
                found += [one.option for one in chooser.choose_answers(pictures, asked, options)]
            else:
                weights = cast("RanksAnswers", self.target).rank_answers(pictures, asked, options)
                found += [int(at) for at in np.asarray(weights).argmax(axis=1)]
        return found


def interview(
    target: Target,
    data: Dataset,
    question: Question,
    *,
    templates: Sequence[str],
    unknown: Sequence[str],
    rng: np.random.Generator,
) -> Interview:
    """Return how the model is best asked: in words, unless it rarely names an option so.

    Raises:
        Inapplicable: a template has no place for two answers, or there is no way to say neither.
    """
    if not templates or not unknown or any(text.count("{}") != 2 for text in templates):
        raise Inapplicable("`templates` need {} twice each, and `unknown` an entry; add them")
    ranks = isinstance(target, RanksAnswers)
    if not isinstance(target, ChoosesAnswers):
        return Interview(target, by_choice=False, templates=templates, unknown=unknown)
    asked = Interview(target, by_choice=True, templates=templates, unknown=unknown)
    some = data.select(range(min(TRIED, len(data))))
    if ranks and (asked.answers(some, question, rng) == UNPARSED).mean() > 0.5:
        return Interview(target, by_choice=False, templates=templates, unknown=unknown)
    return asked


def sides(said: Said) -> Floats:
    """Return 1 for the first pole, -1 for the second, 0 for neither and NaN for unparsed."""
    return np.array([1.0, -1.0, 0.0, np.nan])[said]


def about(
    said: Mapping[Question, Said], groups: Sequence[str | None], sets: WordSets
) -> dict[Question, NDArray[np.intp]]:
    """Return, for questions about some but not all groups of an attribute, who they are about.

    Args:
        said: answers of all rows by question.
        groups: group of each row by one attribute.
        sets: which groups a question can be about.

    Returns:
        1 for rows of the groups that the stereotype is about, 0 for others, -1 without a group.
    """
    named = {group: set_of_group(group, sets) for group in set(groups)}
    names = [*sets]
    found: dict[Question, NDArray[np.intp]] = {}
    for question in said:
        wanted = names.index(question.about)
        member = np.array([-1 if not group else int(named[group] == wanted) for group in groups])
        if (member == 0).any() and (member == 1).any():
            found[question] = member
    return found


def shown(labels: Sequence[str], rng: np.random.Generator) -> Iterator[tuple[list[int], Question]]:
    """Yield the rows of each label, and a question between it and another one, drawn at random."""
    names = sorted({label for label in labels if label})
    for at, label in enumerate(names if len(names) > 1 else []):
        other = names[(at + 1 + int(rng.integers(len(names) - 1))) % len(names)]
        rows = [row for row, own in enumerate(labels) if own == label]
        yield rows, Question("", (label, other))


def read_off(
    asked: Interview, data: Dataset, labels: Sequence[str], rng: np.random.Generator
) -> tuple[list[int], list[bool]]:
    """Ask what each picture shows, beside another label.

    Returns:
        The rows with a parsed answer, and whether each is right.
    """
    rows: list[int] = []
    right: list[bool] = []
    for of_label, question in shown(labels, rng):
        said = asked.answers(data.select(of_label), question, rng)
        rows += [row for row, one in zip(of_label, said, strict=True) if one != UNPARSED]
        right += (said[said != UNPARSED] == 0).tolist()
    return rows, right
