"""Embedding association tests between groups of pictures, or words, and concepts."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context
from vlaudit.metrics.association import Associations, Floats, Wording, associate, within, wording
from vlaudit.metrics.retrieval import Pool, pool_of
from vlaudit.stats.design_effect import effective_rate, effective_sides
from vlaudit.stats.effects import in_unit, standardised_difference
from vlaudit.stats.excess import beyond_controls, contrast, excess, largest, max_t
from vlaudit.stats.exchange import deal, design_of, kinds_of
from vlaudit.stats.intervals import Estimate, bounded_mean
from vlaudit.stats.subjects import grouped_rows

NAMED_ROWS, ALPHA, GRAVE = 5, 0.05, 0.5


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Lean pictures towards the poles of every concept and compare groups."""
    settings = context.settings
    data, groups = grouped_rows(context)
    forms, nonsense = settings["templates"], settings["nonsense"]
    asked = wording(settings["concepts"], nonsense, forms, context.rng)
    leaning = asked.of_pictures(context.features, data)
    design, kinds = design_of(data), kinds_of(data)
    overall: dict[str, list[Estimate]] = defaultdict(list)
    proven: list[bool] = []
    for step, (attribute, of_row) in enumerate(groups.items()):
        pool = pool_of(of_row, fewest=settings["min_group_rows"], reference={})
        part = design.only(pool.rows)
        dealt = deal(pool.codes, part, draws=settings["draws"], rng=context.rng)
        mine, ids = leaning[:, pool.rows], np.array(data.ids())[pool.rows]
        found = associate(
            mine, pool.codes, part.strata, dealt, groups=len(pool.names), kinds=kinds[pool.rows]
        )
        for metric, estimate in _overall(context, pool, found, asked, family=len(groups)):
            overall[metric].append(estimate)
            yield estimate.of(metric, attribute=attribute)
        told = _proven(found, asked, family=len(groups))
        proven += told.ravel().tolist()
        leans = within(mine.mean(axis=0), part.strata)
        worth = effective_sides(leans.T, pool.codes, part.clusters, groups=len(pool.names))
        yield from _effects(attribute, pool, found, asked, told, leans, worth, ids)
        context.progress((step + 1) / len(groups))
    for metric, parts in overall.items():
        yield largest(parts).of(metric)
    yield effective_rate(sum(proven), len(proven), 1.0, exact=True).of("associated_concepts")


def _effects(
    attribute: str, pool: Pool, found: Associations, asked: Wording, told: NDArray[np.bool_],
    leaning: Floats, worth: Floats, ids: NDArray[np.str_],
) -> Iterator[Measurement | Finding]:  # fmt: skip
    """Yield the association of every group with every concept, and those that are proven."""
    for group, at in np.ndindex(told.shape):
        concept, own = asked.concepts[at], pool.codes == group
        size = standardised_difference(found.sizes[:, group, at], *worth[at, group])
        shift = in_unit(size, unit=float(found.unit[at]), value=float(found.shift[group, at]))
        where = {attribute: pool.names[group], "concept": concept.name}
        yield size.of("effect_size", **where)
        yield shift.of("logit_shift", **where)
        if told[group, at]:
            towards = np.where(own, np.sign(size.value) * leaning[:, at], -np.inf)
            rows = ", ".join(ids[np.argsort(-towards)[:NAMED_ROWS]])
            yield Finding(
                kind="group_association",
                summary=f"{concept.name}: pictures of {attribute} {pool.names[group]} lie nearer "
                f"to {concept.told(size.value)}, by {abs(size.value):.2f} standard deviations.",
                severity=Severity.MEDIUM if abs(size.value) >= GRAVE else Severity.LOW,
                confidence=Confidence.HIGH,
                evidence={"logit_shift": shift.value, "rows": rows},
            )


def _overall(
    context: Context, pool: Pool, found: Associations, asked: Wording, *, family: int
) -> Iterator[tuple[str, Estimate]]:
    """Yield the mean size of effects beyond chance and beyond words without meaning."""
    rows, least = pool.rows.size, np.bincount(pool.codes).min() / pool.rows.size
    bounds = 0.0, float(1 / np.sqrt(least * (1 - least)))
    one, two = (found.absolute(part) for part in asked.halves)
    over = excess(*one, bounds=bounds, rng=context.rng, samples=rows, family=family)
    yield "excess_effect_size", over
    if asked.controls:
        apart = contrast(one, two, bounds=bounds, samples=rows, family=family)
        yield "association_by_meaning", apart
    if len(found.sizes) > 1:
        spread = found.sizes[..., asked.halves[0]].std(axis=0, ddof=1).ravel()
        ends = bounded_mean(np.minimum(spread, bounds[1]), bounds=bounds)
        yield "template_spread", Estimate(float(spread.mean()), spread.size, ends)


def _proven(found: Associations, asked: Wording, *, family: int) -> NDArray[np.bool_]:
    """Tell which effects are beyond chance, of one sign and beyond those without meaning."""
    one, two = asked.halves
    size, null = found.absolute(one)
    likely = (max_t(size, null) * family <= ALPHA).reshape(-1, len(asked.concepts))
    agreed = np.abs(np.sign(found.sizes[..., one]).sum(axis=0)) == len(found.sizes)
    idle, words = found.absolute(two)[0], asked.nonsense
    beyond = beyond_controls(size, idle, independent=words, tests=size.size * family, sizes=True)
    return np.asarray(likely & agreed & beyond.reshape(likely.shape))
