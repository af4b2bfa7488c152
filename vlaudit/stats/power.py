"""What a number of samples can show, and how many samples a question takes."""

from math import ceil, log, log1p, pi, sqrt

from scipy.stats import norm


def samples_for_gap(
    gap: float, *, rate: float = 0.7, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Return the rows a group takes to see a `gap` between two groups, two-sided at `alpha`."""
    reach = norm.isf(alpha / 2) + norm.isf(1 - power)
    return ceil(2 * rate * (1 - rate) * (reach / gap) ** 2)


def samples_for_equivalence(
    margin: float, *, rate: float = 0.7, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Return the rows a group takes to show that two equal groups differ by less than `margin`."""
    reach = norm.isf(alpha) + norm.isf((1 - power) / 2)
    return ceil(2 * rate * (1 - rate) * (reach / margin) ** 2)


def samples_without_event(rate: float, *, alpha: float = 0.05) -> int:
    """Return how many samples without an event show that fewer than `rate` have one."""
    return ceil(log(alpha) / log1p(-rate) - 1e-9)


def detectable_gap(
    n: float, *, rate: float = 0.7, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Return the smallest gap between two groups of `n` that is seen with chance `power`."""
    reach = norm.isf(alpha / 2) + norm.isf(1 - power)
    return min(1.0, float(reach) * sqrt(2 * rate * (1 - rate) / n))


def detectable_excess(n: float, limit: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return how far a rate must lie beyond `limit` to be proven so by `n` samples."""
    edge = limit if 0 < limit < 1 else 1 / (2 * n)
    spread = sqrt(max(edge * (1 - edge), 0.25 / n) / n)
    return min(1.0, float(norm.isf(alpha / 2) + norm.isf(1 - power)) * spread)


def effect_by_chance(n: float, *, alpha: float = 0.05) -> float:
    """Return by how much chance may lift the size of an effect above what it gives on average.

    The size of a standardised difference of two sets of `n` that are alike is about half-normal,
    with a scale of `sqrt(2 / n)`; the upper end of its middle `1 - alpha` less its mean. Of the
    mean over several effects it is an upper bound, which is reached where all of them are one.

    Args:
        n: size of each set.
        alpha: two-sided level.
    """
    return sqrt(2 / n) * (float(norm.isf(alpha / 4)) - sqrt(2 / pi))
