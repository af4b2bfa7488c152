"""The searches of a retrieval audit: neutral prompts beside nonsense, and the labels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.probe import Context
from vlaudit.metrics.ranking import Codes
from vlaudit.metrics.retrieval import Pool, Retrieved, common_labels, retrieve
from vlaudit.metrics.zero_shot import prompts

Deal: TypeAlias = Callable[[NDArray[np.intp] | None], Codes]


@dataclass(frozen=True)
class Search:
    """Prompts of one kind and what they retrieve.

    Attributes:
        kind: `neutral` or `label`.
        texts: the prompts.
        scores: of the rows of the pool against the prompts, (rows, prompts).
        depths: how many results of each count as the first, ascending.
        found: what the prompts retrieve.
        control: what words without meaning retrieve, if there are two or more.
    """

    kind: str
    texts: list[str]
    scores: NDArray[np.float32]
    depths: list[list[int]]
    found: Retrieved
    control: Retrieved | None = None


def searches(context: Context, data: Dataset, pool: Pool, deal: Deal) -> Iterator[Search]:
    """Yield the neutral searches, if the pool is large enough, and those for the labels.

    Neutral results are held against groups dealt at random to the whole pool, those for a label
    against groups dealt among the rows of each label: that a group does something more often is
    no fault of the ranking.

    Args:
        context: settings, features and randomness.
        data: the rows of the pool.
        pool: their groups.
        deal: returns random draws of the groups, (draws, rows), within the strata that it is given,
            (rows,), or within none.
    """
    settings, scores = context.settings, context.features.scores
    texts, nonsense = settings["prompts"], settings["nonsense"]
    depths = [k for k in sorted({int(k) for k in settings["k"]}) if 2 <= 2 * k <= len(data)]
    if depths and texts:
        ranked, every = scores(data, [*texts, *nonsense]), [depths] * len([*texts, *nonsense])
        found = retrieve(ranked, pool, deal(None), depths=every)
        named, rest = (found.of(part) for part in (slice(len(texts)), slice(len(texts), None)))
        yield Search(
            "neutral",
            texts,
            ranked[:, : len(texts)],
            every,
            named,
            rest if len(nonsense) > 1 else None,
        )
    if data.columns.has(Role.LABEL):
        fewest, most = settings["min_label_rows"], settings["most_labels"]
        labels = data.texts(Role.LABEL)
        counts, strata = common_labels(labels, fewest=fewest, most=most)
        if counts:
            (texts,) = prompts([*counts], [settings["template"]])
            ranked, every = scores(data, texts), [[size] for size in counts.values()]
            found = retrieve(ranked, pool, deal(strata), depths=every)
            yield Search("label", texts, ranked, every, found)
