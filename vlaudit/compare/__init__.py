"""Two audits compared: what became better, worse, stayed the same, or cannot be told."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from vlaudit.compare.change import Change, Comparison, Flips, Outcome
from vlaudit.compare.intervals import by_intervals
from vlaudit.compare.rows import FEWEST_SHARED, by_rows, shared
from vlaudit.core.audit import Evidence
from vlaudit.core.measurement import RowResults
from vlaudit.core.policy import Policy
from vlaudit.evidence import read_rows
from vlaudit.stats.comparison import negative_flips
from vlaudit.stats.multiplicity import holm

__all__ = ["Change", "Comparison", "Flips", "Outcome", "compare"]


def compare(
    before: Evidence, after: Evidence, *, policy: Policy | None = None,
    margin: float = 0.01, alpha: float = 0.05,
) -> Comparison:  # fmt: skip
    """Compare every metric that has a good direction, over all rows and by slice.

    Where both runs kept the same rows, they are compared row by row; else the two intervals are
    taken for independent, which is right for other rows and cautious for the same ones.

    Args:
        before: the earlier run, or the baseline.
        after: the later run.
        policy: names the rules on each metric.
        margin: change that counts as none, as a share of the metric's range.
        alpha: bound on the chance that anything is called worse although nothing is.
    """
    cards = {planned.card.id: planned.card for planned in after.audit.plan}
    rows = dict(shared(read_rows(before.folder), read_rows(after.folder)))
    paired = {change.name: change for change in by_rows(rows, cards, margin)}
    loose = {change.name: change for change in by_intervals(before, after, cards, margin)}
    found = [*{**loose, **paired}.values()]
    adjusted = holm([item.p_value for item in found]).tolist() if found else list[float]()
    changes = tuple(
        _judged(replace(item, p_value=p), policy, alpha)
        for item, p in zip(found, adjusted, strict=True)
    )
    flips = tuple(
        Flips(metric, len(one.ids), lost.value, lost.interval)
        for metric, (one, other) in rows.items()
        for lost in [negative_flips(one.right, other.right)]
    )
    return Comparison(changes, flips, tuple(_notes(before, after, rows)))


def _judged(item: Change, policy: Policy | None, alpha: float) -> Change:
    """Return a change with its outcome; for the worse, it must survive Holm's correction."""
    low, high = item.change.low, item.change.high
    better_when_high = item.better == "higher"
    loss = (-high, -low) if better_when_high else (low, high)
    step = (item.before - item.after) if better_when_high else (item.after - item.before)
    outcome = Outcome.UNKNOWN
    if -item.margin <= loss[0] and loss[1] <= item.margin:
        outcome = Outcome.SAME
    elif loss[0] > 0 and step > item.margin and item.p_value <= alpha:
        outcome = Outcome.WORSE
    elif loss[1] < 0 and -step > item.margin:
        outcome = Outcome.BETTER
    rules = tuple(rule.id for rule in policy.rules if rule.metric == item.metric) if policy else ()
    return replace(item, outcome=outcome, rules=rules)


def _notes(
    before: Evidence, after: Evidence, rows: Mapping[str, tuple[RowResults, RowResults]]
) -> Iterator[str]:
    """Say what else differs between the runs."""
    if before.audit.dataset.digest != after.audit.dataset.digest:
        yield "the data differ: only rows with the same id are compared one by one"
    if before.audit.target.fingerprint == after.audit.target.fingerprint:
        yield "the model is the same in both runs"
    others = [run.audit.reference and run.audit.reference.fingerprint for run in (before, after)]
    if others[0] != others[1]:
        yield "the models that the target is compared with differ"
    if not rows:
        yield f"no metric has {FEWEST_SHARED} rows in common, so nothing is compared row by row"
    old = {planned.card.id: planned.settings for planned in before.audit.plan}
    for planned in after.audit.plan:
        names = {*planned.settings, *old.get(planned.card.id, {})}
        changed = [
            name
            for name in sorted(names)
            if planned.card.id in old
            and old[planned.card.id].get(name) != planned.settings.get(name)
        ]
        if changed:
            yield f"{planned.card.id} ran with other settings: {', '.join(changed)}"
    missing = sorted(set(before.measurements) - set(after.measurements))
    if missing:
        yield f"measured before and not now: {', '.join(missing)}"
