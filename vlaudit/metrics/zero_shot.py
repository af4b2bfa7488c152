"""Zero-shot classification: from labels to prompts, from logits to answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset, class_name
from vlaudit.core.errors import TargetError
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.probe import Context, Features, Inapplicable
from vlaudit.core.target import Matrix


def prompts(classes: Sequence[str], templates: Sequence[str]) -> list[list[str]]:
    """Return for each template the texts of all classes.

    Raises:
        Inapplicable: there is no template, or one has no place for the class.
    """
    if not templates:
        raise Inapplicable("setting `templates` is empty; give one such as 'a photo of a {}'")
    for template in templates:
        if "{}" not in template:
            raise Inapplicable(f"template {template!r} has no {{}} for the class name; add it")
    return [[template.replace("{}", name) for name in classes] for template in templates]


ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class Labelled:
    """The rows that have a label.

    Attributes:
        rows: positions in the dataset, ascending.
        labels: name of the class of each.
        classes: all names, sorted.
    """

    rows: list[int]
    labels: list[str]
    classes: list[str]


def labelled(labels: Sequence[str | None]) -> Labelled:
    """Return the rows with a label.

    Raises:
        Inapplicable: fewer than two classes.
    """
    names = {row: class_name(label) for row, label in enumerate(labels) if label and label.strip()}
    classes = sorted(set(names.values()))
    if len(classes) < 2:
        raise Inapplicable(
            f"the rows have {len(classes)} class: naming can be neither right nor wrong; "
            "audit on rows of at least two labels"
        )
    return Labelled(list(names), list(names.values()), classes)


@dataclass(frozen=True)
class Answers:
    """What a classifier names each row.

    Attributes:
        classes: names of the classes.
        labels: index of the right class of each row, (rows,).
        named: index of the class with the highest score, (rows,).
        probability: what the model puts on that class, (rows,).
    """

    classes: tuple[str, ...]
    labels: NDArray[np.intp]
    named: NDArray[np.intp]
    probability: NDArray[np.float64]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each row is named by its label."""
        return np.asarray(self.labels == self.named)

    def surest_mistakes(self, where: NDArray[np.bool_], *, at_most: int) -> list[int]:
        """Return the rows within `where` that are named wrong, most confident first."""
        wrong = np.flatnonzero(where & ~self.right)
        surest_first = wrong[np.argsort(-self.probability[wrong], kind="stable")]
        return [int(row) for row in surest_first[:at_most]]

    def usual_mistake(self, where: NDArray[np.bool_]) -> str | None:
        """Return the class that rows within `where` are most often taken for, if any is."""
        wrong = self.named[where & ~self.right]
        return self.classes[np.bincount(wrong).argmax()] if wrong.size else None


def misread(
    answers: Answers, ids: Sequence[str], where: NDArray[np.bool_], *, at_most: int, kind: str,
    why: str,
) -> Iterator[Finding]:  # fmt: skip
    """Yield the surest mistakes within `where`, (rows,), as findings of a kind.

    Args:
        answers: what every row is named.
        ids: id of each row.
        where: rows to look in.
        at_most: number of findings.
        kind: kind of the findings.
        why: words that end their sentence.
    """
    for row in answers.surest_mistakes(where, at_most=at_most):
        truth, named = answers.classes[answers.labels[row]], answers.classes[answers.named[row]]
        yield Finding(
            kind=kind,
            summary=f"{truth!r} is taken for {named!r} {why}.",
            severity=Severity.LOW,
            confidence=Confidence.HIGH,
            row=ids[row],
            evidence={"probability": float(answers.probability[row]), "named": named},
        )


def mean_logits(
    features: Features, data: Dataset, names: Sequence[str], templates: Sequence[str]
) -> Matrix:
    """Return the logits of each row against each name, averaged over templates, (rows, names).

    Raises:
        Inapplicable: no template can be filled.
        TargetError: a logit is not finite.
    """
    logits = np.mean([features.scores(data, of) for of in prompts(names, templates)], axis=0)
    if not np.isfinite(logits).all():
        raise TargetError("the model gives scores that are not finite; check its weights")
    return np.asarray(logits, dtype=np.float32)


def name_rows(context: Context, subjects: Labelled, *, templates: Sequence[str]) -> Answers:
    """Name every labelled row by its highest logit, averaged over templates.

    The first class wins a tie. Rows are scored in parts, so that a thousand classes fit.

    Raises:
        Inapplicable: no template can be filled.
        TargetError: a logit is not finite.
    """
    data, features = context.data, context.features
    named: list[NDArray[np.intp]] = []
    probability: list[NDArray[np.float64]] = []
    for start in range(0, len(subjects.rows), ROWS_AT_ONCE):
        part = data.select(subjects.rows[start : start + ROWS_AT_ONCE])
        logits = mean_logits(features, part, subjects.classes, templates)
        named.append(logits.argmax(axis=1))
        below = logits - logits.max(axis=1, keepdims=True)
        probability.append(1 / np.exp(below, dtype=np.float64).sum(axis=1))
        context.progress(min(1.0, (start + ROWS_AT_ONCE) / len(subjects.rows)))
    index = {name: position for position, name in enumerate(subjects.classes)}
    return Answers(
        classes=tuple(subjects.classes),
        labels=np.array([index[label] for label in subjects.labels], dtype=np.intp),
        named=np.concatenate(named),
        probability=np.concatenate(probability),
    )
