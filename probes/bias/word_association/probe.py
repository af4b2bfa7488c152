"""Word embedding association tests on the text side of the model."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.metrics.association import (
    Concept,
    Wording,
    associate,
    exchange_p,
    read_concepts,
    wording,
)
from vlaudit.stats.effects import standardised_difference
from vlaudit.stats.excess import beyond_controls, contrast, excess, largest
from vlaudit.stats.intervals import Estimate, clopper_pearson
from vlaudit.stats.multiplicity import holm

FEWEST_WORDS, ALPHA, GRAVE = 4, 0.05, 1.0


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Lean the words of two groups towards the poles of every concept."""
    settings = context.settings
    templates, nonsense = settings["templates"], settings["nonsense"]
    asked = wording(settings["concepts"], nonsense, templates, context.rng)
    lists = read_concepts(settings["names"])
    sizes = [len(words) for names in lists for words in (names.first, names.second)]
    if not asked.concepts or min(sizes, default=0) < FEWEST_WORDS:
        raise Inapplicable(
            f"needs a concept and {FEWEST_WORDS} words for each group; add them under the "
            "settings `concepts` and `names`"
        )
    overall: dict[str, list[Estimate]] = defaultdict(list)
    proven = 0
    for step, names in enumerate(lists):
        for item in _compare(context, asked, names, family=len(lists)):
            yield item
            if isinstance(item, Finding):
                proven += 1
            elif set(item.slice) == {"words"}:
                found = Estimate(item.value, item.samples, item.interval)
                overall[item.metric].append(found)
        context.progress((step + 1) / len(lists))
    for metric, parts in overall.items():
        yield largest(parts).of(metric)
    tests = len(lists) * len(asked.concepts)
    yield Measurement("associated_concepts", proven / tests, tests, clopper_pearson(proven, tests))


def _compare(
    context: Context, asked: Wording, names: Concept, *, family: int
) -> Iterator[Measurement | Finding]:
    """Yield the associations of the words of one group against those of another."""
    words, where = [*names.first, *names.second], {"words": names.name}
    leaning = asked.of_words(context.features, words)
    # The first group has code 0, so that a positive effect is its own.
    codes = (np.arange(len(words)) >= len(names.first)).astype(np.intp)
    dealt = context.rng.permuted(np.tile(codes, (context.settings["draws"], 1)), axis=1)
    found = associate(leaning, codes, np.zeros_like(codes), dealt, groups=2)
    (size, null), (idle, idle_null) = (found.absolute(part) for part in asked.halves)
    bounds = 0.0, len(words) / float(np.sqrt(codes.sum() * (len(words) - codes.sum())))
    over = excess(size, null, bounds=bounds, rng=context.rng, samples=len(words), family=family)
    yield over.of("excess_effect_size", **where)
    if asked.controls:
        one, two = (size, null), (idle, idle_null)
        apart = contrast(one, two, bounds=bounds, samples=len(words), family=family)
        yield apart.of("association_by_meaning", **where)
    of_mean = leaning.mean(axis=0)[:, asked.halves[0]]
    p_values = holm(exchange_p(of_mean[codes == 0], of_mean[codes == 1], rng=context.rng))
    tests = len(asked.concepts) * family
    beyond = beyond_controls(size, idle, independent=asked.nonsense, tests=tests, sizes=True)
    for at, concept in enumerate(asked.concepts):
        by_template = found.sizes[:, 0, at]
        effect = standardised_difference(by_template, len(names.first), len(names.second))
        yield effect.of("effect_size", **{**where, "concept": concept.name})
        agreed = abs(np.sign(by_template).sum()) == by_template.size
        if agreed and p_values[at] * family <= ALPHA and beyond[at]:
            yield Finding(
                kind="word_association",
                summary=f"{concept.name}: words such as {names.first[0]!r} lie nearer to "
                f"{concept.told(effect.value)}, more than words such as {names.second[0]!r} do, "
                f"by {abs(effect.value):.2f} standard deviations.",
                severity=Severity.MEDIUM if size[at] >= GRAVE else Severity.LOW,
                confidence=Confidence.HIGH,
                evidence={"p_holm": float(p_values[at]), "effect_size": effect.value},
            )
