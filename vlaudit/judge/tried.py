"""How a rule fared on the audit's own rows, made innocent and with known flaws planted."""

from collections.abc import Iterable, Mapping

from vlaudit.core.policy import Rule
from vlaudit.core.selfcheck import Rerun, SelfCheck
from vlaudit.core.verdict import Status, Tried
from vlaudit.judge.limit import hold


def tried(rule: Rule, checks: Mapping[str, SelfCheck]) -> Tried | None:
    """Return how often innocent rows failed the rule, and planted harm beyond its limit did.

    Each run is held against the limit by itself. None where no run speaks of the metric.
    """
    check = checks.get(rule.probe)
    if check is None or rule.over == "each_slice":
        return None
    innocent = [run for run in check.reruns if run.kind == "innocent"]
    harmful = [
        run for run in check.reruns
        if run.kind == "planted" and _beyond(rule, run.harms.get(rule.metric_name))
    ]  # fmt: skip
    acquitted, accused = _statuses(rule, innocent), _statuses(rule, harmful)
    if not acquitted and not accused:
        return None
    return Tried(
        innocent=len(acquitted),
        alarms=acquitted.count(Status.FAIL),
        planted=len(accused),
        found=accused.count(Status.FAIL),
        rows_planted=sum(run.planted for run in harmful),
        rows_found=sum(run.found for run in harmful),
        harm=min((run.harms[rule.metric_name] for run in harmful), default=None),
    )


def _beyond(rule: Rule, harm: float | None) -> bool:
    if harm is None:
        return False
    return harm > rule.limit if rule.at_most is not None else harm < rule.limit


def _statuses(rule: Rule, reruns: Iterable[Rerun]) -> list[Status]:
    return [
        hold(item, rule).status
        for run in reruns
        for item in run.measurements
        if item.metric == rule.metric_name
    ]
