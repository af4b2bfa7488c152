"""Skew of what a model retrieves, prompt by prompt, beside what random rankings give."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import class_name
from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.ranking import Codes, max_skew, ndkl, shares

Floats = NDArray[np.float64]
CELLS_AT_ONCE = 5_000_000


@dataclass(frozen=True)
class Pool:
    """The pictures to be ranked, and how their groups should be shared out.

    Attributes:
        rows: position of each in the dataset, (rows,).
        names: names of the groups.
        codes: group of each, (rows,).
        desired: share that each group should have, all positive, (groups,).
        declared: whether these shares were declared instead of being the pool's own.
    """

    rows: NDArray[np.intp]
    names: tuple[str, ...]
    codes: Codes
    desired: Floats
    declared: bool


def declared_shares(entries: Sequence[str]) -> dict[str, float]:
    """Return the share of each group that entries such as `woman=0.47` declare.

    Raises:
        Inapplicable: an entry is no group with a positive share.
    """
    found: dict[str, float] = {}
    for entry in entries:
        name, _, share = entry.rpartition("=")
        try:
            found[name.strip()] = float(share)
        except ValueError:
            found[name.strip()] = 0.0
        if not name.strip() or not 0 < found[name.strip()] < np.inf:
            raise Inapplicable(f"reference {entry!r} is no group and share, such as woman=0.47")
    return found


def pool_of(groups: Sequence[str | None], *, fewest: int, reference: Mapping[str, float]) -> Pool:
    """Return the rows whose group has at least `fewest` of them.

    Args:
        groups: group of each row, or None.
        fewest: size below which a group is left out.
        reference: shares of groups in a declared population; those of the pool count where it
            names none of them.

    Raises:
        Inapplicable: `reference` names some of the groups only.
    """
    given = np.array([group or "" for group in groups])
    names, sizes = np.unique(given[given != ""], return_counts=True)
    kept = names[sizes >= fewest]
    rows = np.flatnonzero(np.isin(given, kept))
    codes = np.searchsorted(kept, given[rows]).astype(np.int16)
    wanted = np.array([reference.get(str(name), 0.0) for name in kept])
    if not wanted.any():
        own = np.bincount(codes, minlength=kept.size) / max(rows.size, 1)
        return Pool(rows, tuple(kept.tolist()), codes, own, declared=False)
    if missing := kept[wanted == 0].tolist():
        raise Inapplicable(f"reference declares no share of {', '.join(missing)}; add it")
    return Pool(rows, tuple(kept.tolist()), codes, wanted / wanted.sum(), declared=True)


def common_labels(
    labels: Sequence[str | None], *, fewest: int, most: int
) -> tuple[dict[str, int], NDArray[np.intp]]:
    """Return the size of each label to search for, the commonest first, and the label of each row.

    Labels with fewer than `fewest` rows, or with all of them, are not searched for.
    """
    names = [class_name(label or "") for label in labels]
    sizes = Counter(name for name in names if name).most_common(most)
    kept = {name: size for name, size in sizes if fewest <= size < len(names)}
    return kept, np.unique(names, return_inverse=True)[1]


@dataclass(frozen=True)
class Retrieved:
    """What came first for each prompt, and for the same rankings with groups dealt at random.

    Attributes:
        share: share of each group among the first, (prompts, depths, groups).
        skew: MaxSkew, (prompts, depths).
        divergence: NDKL over the deepest, (prompts,).
        null_share: shares at the deepest under random draws, (draws, prompts, groups).
        null_skew: MaxSkew under the same draws, (draws, prompts, depths).
        null_divergence: NDKL under the same draws, (draws, prompts).
    """

    share: Floats
    skew: Floats
    divergence: Floats
    null_share: Floats
    null_skew: Floats
    null_divergence: Floats

    def of(self, prompts: slice) -> "Retrieved":
        """Return the results of some of the prompts."""
        return Retrieved(
            self.share[prompts], self.skew[prompts], self.divergence[prompts],
            self.null_share[:, prompts], self.null_skew[:, prompts],
            self.null_divergence[:, prompts],
        )  # fmt: skip


def retrieve(
    scores: NDArray[np.float32],
    pool: Pool,
    dealt: Codes,
    *,
    depths: Sequence[Sequence[int]],
) -> Retrieved:
    """Return what every prompt retrieves.

    Args:
        scores: of the rows of the pool against the prompts, (rows, prompts).
        pool: the pictures and their groups.
        dealt: groups of the rows in random draws, (draws, rows).
        depths: for each prompt how many count as the first, ascending, equally many a prompt.
    """
    size = len(pool.names)
    found: list[tuple[Floats, ...]] = []
    for prompt, wanted in enumerate(depths):
        every, at = range(1, wanted[-1] + 1), np.asarray(wanted) - 1
        column = scores[:, prompt]
        own = shares(column, pool.codes, groups=size, depths=every)
        at_once = max(1, CELLS_AT_ONCE // column.size)
        drawn = [
            shares(column, dealt[start : start + at_once], groups=size, depths=every)
            for start in range(0, len(dealt), at_once)
        ]
        found.append(
            (
                own[at],
                max_skew(own[at], pool.desired),
                ndkl(own, pool.desired),
                np.concatenate([part[:, -1] for part in drawn]),
                np.concatenate([max_skew(part[:, at], pool.desired) for part in drawn]),
                np.concatenate([ndkl(part, pool.desired) for part in drawn]),
            )
        )
    share, skew, divergence, *null = zip(*found, strict=True)
    return Retrieved(
        np.stack(share), np.stack(skew), np.stack(divergence),
        *(np.stack(parts, axis=1) for parts in null),
    )  # fmt: skip


@dataclass(frozen=True)
class Statistic:
    """A number for each prompt, and the same under random draws.

    Attributes:
        name: `skew`, `ndkl` or `share`.
        observed: one number a prompt, (prompts,).
        null: the same under random draws, (draws, prompts).
        bounds: smallest and largest possible number.
        where: which depth or group it is about; empty for the whole of the deepest ranking.
    """

    name: str
    observed: Floats
    null: Floats
    bounds: tuple[float, float]
    where: dict[str, str]


def statistics(found: Retrieved, pool: Pool, depths: Sequence[int]) -> Iterator[Statistic]:
    """Yield MaxSkew at every depth, and NDKL and the shift of every share at the deepest."""
    widest = 0.0, float(-np.log(pool.desired.min()))
    for at, depth in enumerate(depths):
        skew, null = found.skew[:, at], found.null_skew[:, :, at]
        yield Statistic("skew", skew, null, widest, {"k": str(depth)})
    yield Statistic("skew", found.skew[:, -1], found.null_skew[:, :, -1], widest, {})
    yield Statistic("ndkl", found.divergence, found.null_divergence, widest, {})
    for group, (name, share) in enumerate(zip(pool.names, pool.desired, strict=True)):
        shift, null = found.share[:, -1, group] - share, found.null_share[:, :, group] - share
        yield Statistic("share", shift, null, (-float(share), 1 - float(share)), {"group": name})
