"""Which pronoun a model finds to fit the person in a role, as VisoGender asks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset, Role, class_name
from vlaudit.core.errors import TargetError
from vlaudit.core.probe import Features, Inapplicable
from vlaudit.metrics.word_sets import WordSets, set_of_rows

SOMEBODY = "person"


@dataclass(frozen=True)
class Resolved:
    """The pronouns of pictures whose person's gender a pronoun is known for.

    Attributes:
        rows: positions in the dataset, (rows,).
        own: index of the pronoun of each person, (rows,).
        chosen: index of the pronoun that fits best, (rows,).
        lead: its logit above that of the person's own pronoun, (rows,).
    """

    rows: NDArray[np.intp]
    own: NDArray[np.intp]
    chosen: NDArray[np.intp]
    lead: NDArray[np.float64]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each person is given the own pronoun."""
        return np.asarray(self.own == self.chosen)


def roles_of(data: Dataset) -> list[str]:
    """Return the role of each row, its label; a person where it has none."""
    labels = data.texts(Role.LABEL) if data.columns.has(Role.LABEL) else [None] * len(data)
    return [class_name(label or "") or SOMEBODY for label in labels]


def beside(own: Sequence[str | None], others: Sequence[str | None]) -> list[str | None]:
    """Return who is shown with whom, such as `woman beside man`; None where one is unknown."""
    pairs = zip(own, others, strict=True)
    return [f"{one} beside {other}" if one and other else None for one, other in pairs]


def resolve(
    features: Features,
    data: Dataset,
    groups: Sequence[str | None],
    roles: Sequence[str],
    *,
    genders: WordSets,
    pronouns: Mapping[str, tuple[str, ...]],
    templates: Sequence[str],
) -> Resolved:
    """Choose the pronoun whose sentences about the role score highest, on average.

    Args:
        features: scores of pictures against sentences.
        data: the pictures.
        groups: perceived gender of each row, or None.
        roles: role of each row.
        genders: names of the groups that each gender goes by.
        pronouns: pronouns of each gender.
        templates: sentences with {} for the role and {pronoun} for the pronoun.

    Raises:
        Inapplicable: fewer than two pronouns, or a template without its places.
        TargetError: a score is not finite.
    """
    names = [name for name in genders if name in pronouns]
    if len(names) < 2:
        raise Inapplicable("fewer than two genders have pronouns; name them in both settings")
    for template in templates or [""]:
        if "{}" not in template or "{pronoun}" not in template:
            raise Inapplicable(f"template {template!r} needs {{}} and {{pronoun}}; add them")
    own = set_of_rows(groups, {name: genders[name] for name in names})
    rows = np.flatnonzero(own >= 0)
    logits = np.empty((rows.size, len(names)))
    shown = np.array([roles[row] for row in rows.tolist()])
    for role in np.unique(shown):
        mine = np.flatnonzero(shown == role)
        part = data.select(rows[mine].tolist())
        for at, name in enumerate(names):
            texts = [
                template.replace("{pronoun}", pronoun).replace("{}", str(role))
                for template in templates
                for pronoun in pronouns[name]
            ]
            logits[mine, at] = features.scores(part, texts).mean(axis=1)
    if not np.isfinite(logits).all():
        raise TargetError("the model gives scores that are not finite; check its weights")
    # A model that cannot tell two sentences apart must not be taken to prefer the first.
    chosen = np.where(np.ptp(logits, axis=1) > 0, logits.argmax(axis=1), -1)
    lead = logits.max(axis=1) - logits[np.arange(rows.size), own[rows]]
    return Resolved(rows, own[rows], chosen, lead)
