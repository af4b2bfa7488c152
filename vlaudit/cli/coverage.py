"""Which controls a policy holds metrics against, and what a run is evidence of."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from vlaudit.core.policy import Control, Policy
    from vlaudit.core.verdict import Judgement

Row = dict[str, Any]


def coverage_rows(policy: "Policy", *, run: Path | None, by: str | None) -> list[Row]:
    """Return one row for each control of the framework, or for each id of another one.

    Args:
        policy: the rules.
        run: a run folder to judge; rows then have `status` and `because`.
        by: id of another framework.

    Raises:
        InputError: no such framework or run.
    """
    judgement = _judged(policy, run)
    return _by_other(policy, by, judgement) if by else _by_own(policy, judgement)


def _judged(policy: "Policy", run: Path | None) -> "Judgement | None":
    from datetime import UTC, datetime

    from vlaudit.evidence import load_run
    from vlaudit.judge import judge
    from vlaudit.reading.framework import read_framework

    if run is None:
        return None
    framework = read_framework(policy.framework)
    return judge(load_run(run), policy, framework, today=datetime.now(UTC).date())


def _by_own(policy: "Policy", judgement: "Judgement | None") -> list[Row]:
    from vlaudit.reading.framework import read_framework

    known = {item.control: item for item in judgement.controls} if judgement else {}
    rows = [_covered(control, policy) for control in read_framework(policy.framework).controls]
    for row in rows:
        if (verdict := known.get(row["control"])) is not None:
            row |= {"status": str(verdict.status), "because": verdict.because}
    return rows


def _by_other(policy: "Policy", by: str, judgement: "Judgement | None") -> list[Row]:
    from vlaudit.core.errors import InputError
    from vlaudit.core.verdict import Judgement
    from vlaudit.judge.crosswalk import read_by
    from vlaudit.reading.catalogue import read_catalogue, read_crosswalk
    from vlaudit.reading.suggest import did_you_mean

    frameworks = {one.id: one for one in read_crosswalk().frameworks}
    if by not in frameworks:
        raise InputError(f"--by: no framework '{by}'{did_you_mean(by, frameworks)}")
    empty = Judgement(policy=policy.id, framework=policy.framework, verdicts=(), controls=())
    metric = {rule.id: rule.metric for rule in policy.rules}
    rows: list[Row] = []
    for entry in read_by(frameworks[by], policy, judgement or empty, read_catalogue()):
        row: Row = {
            "control": entry.item.id,
            "title": entry.item.summary,
            "kind": frameworks[by].edition,
            "actions": [],
            "rules": list(entry.rules),
            "metrics": list(dict.fromkeys(metric[rule] for rule in entry.rules)),
            "open": list(entry.open),
            "attested_until": None,
        }
        rows.append({**row, "status": str(entry.status)} if judgement else row)
    return rows


def _covered(control: "Control", policy: "Policy") -> Row:
    rules = [rule for rule in policy.rules if control.id in rule.controls]
    attested = [word for word in policy.attestations if word.control == control.id]
    return {
        "control": control.id,
        "title": control.title,
        "kind": control.kind,
        "actions": list(control.actions),
        "rules": [rule.id for rule in rules],
        "metrics": list(dict.fromkeys(rule.metric for rule in rules)),
        "attested_until": max((str(word.until) for word in attested), default=None),
    }


def coverage_table(policy: "Policy", rows: list[Row]) -> "Iterator[Table | str]":
    """Yield the rows as a table, and how many of them have a rule or an attestation."""
    from rich.markup import escape
    from rich.table import Column, Table

    judged = any("status" in row for row in rows)
    table = Table(
        Column("control", no_wrap=True),
        Column("status" if judged else "kind", no_wrap=True),
        Column("what it asks for, and actions of NIST AI 600-1", ratio=1),
        Column("metrics held against it", overflow="fold", ratio=1),
        title=escape(policy.title),
    )
    for row in rows:
        held = "\n".join(row["metrics"])
        if row["attested_until"]:
            held = f"{held}\nattested until {row['attested_until']}".strip()
        asks = f"{row['title']} {', '.join(row['actions'])}".strip()
        second = row["status"].replace("_", " ") if judged else row["kind"]
        table.add_row(row["control"], second, escape(asks), held or "-")
    yield table
    concerned = sum(bool(row["metrics"]) for row in rows)
    attested = sum(bool(row["attested_until"]) for row in rows)
    yield (
        f"{concerned} of {len(rows)} controls have a rule, {attested} an attestation; the others "
        "are reported as not measured"
    )
