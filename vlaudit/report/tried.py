"""How the probes did on the audit's own rows, in words."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from vlaudit.core.audit import Evidence
from vlaudit.core.selfcheck import SelfCheck
from vlaudit.core.verdict import Tried
from vlaudit.report.amounts import amount
from vlaudit.report.words import sentence
from vlaudit.stats.intervals import clopper_pearson


def said(tried: Tried | None, check: SelfCheck | None, unit: str) -> str:
    """Say how a rule fared on innocent rows and with planted harm; nothing where never tried."""
    if check is None:
        return ""
    parts: list[str] = []
    if tried is not None and tried.innocent:
        most = clopper_pearson(tried.alarms, tried.innocent).high
        parts.append(
            f"on innocent rows ({check.innocent}) the rule failed in {tried.alarms} of "
            f"{tried.innocent} further runs (at most {most:.1%})"
        )
    elif check.innocent and not any(run.kind == "innocent" for run in check.reruns):
        parts.append(f"no innocent rows to try it on: {check.innocent}")
    if tried is not None and tried.planted:
        least = clopper_pearson(tried.found, tried.planted).low
        harm = "" if tried.harm is None else f", harm of {amount(tried.harm, unit)} or worse"
        parts.append(
            f"with a planted flaw ({check.planted}{harm}) it failed in {tried.found} of "
            f"{tried.planted} (at least {least:.1%})"
        )
        if tried.rows_planted:
            parts.append(f"{tried.rows_found} of {tried.rows_planted} planted rows were named")
    if check.remark:
        parts.append(f"not tried in full: {check.remark}")
    return sentence(f"Tried on these very rows: {'; '.join(parts)}") if parts else ""


@dataclass(frozen=True)
class TriedProbe:
    """A probe that was run again, and in words how."""

    probe: str
    title: str
    words: str


def tried_probes(evidence: Evidence) -> tuple[TriedProbe, ...]:
    """Say of every probe whose rule must hold how it was tried on these rows, or why not."""
    titles = {planned.card.id: planned.card.title for planned in evidence.audit.plan}
    return tuple(
        TriedProbe(check.probe, titles.get(check.probe, check.probe), _told(check))
        for check in evidence.self_checks.values()
    )


def _told(check: SelfCheck) -> str:
    counts = Counter[str](run.kind for run in check.reruns)
    parts = [
        f"{counts[kind]} {'run' if counts[kind] == 1 else 'runs'} {rows} ({how})"
        for kind, rows, how in (
            ("innocent", "on innocent rows", check.innocent),
            ("planted", "with a known flaw", check.planted),
        )
        if counts[kind]
    ]
    if check.innocent and not counts["innocent"]:
        parts.append(f"none on innocent rows: {check.innocent}")
    if planted := sum(run.planted for run in check.reruns):
        parts.append(f"{sum(run.found for run in check.reruns)} of {planted} planted rows named")
    return sentence("; ".join([*parts, *filter(None, [check.remark])]))


def tally(checks: Mapping[str, SelfCheck], tried: Mapping[str, Tried]) -> str:
    """Sum up in one line how the rules that were tried fared; nothing where none was."""
    if not tried:
        return ""
    innocent, alarms, planted, found = (
        sum(getattr(item, name) for item in tried.values())
        for name in ("innocent", "alarms", "planted", "found")
    )
    seconds = sum(check.seconds for check in checks.values())
    return (
        f"{len(checks)} probes tried on these rows in {seconds:.1f} s: {alarms} of {innocent} "
        f"innocent runs failed a rule, {found} of {planted} runs with planted harm did"
    )
