"""The same evidence, read by the ids of other frameworks."""

from collections.abc import Mapping
from dataclasses import dataclass

from vlaudit.core.catalogue import Catalogue, Crosswalk, CrosswalkFramework, CrosswalkItem
from vlaudit.core.policy import Policy
from vlaudit.core.verdict import ControlStatus, Judgement, Status, Verdict


@dataclass(frozen=True)
class CrosswalkEntry:
    """An id of another framework: the rules that bear on it, and what they say together.

    `open` are the controls of the catalogue that bear on it and that no rule carries out.
    """

    item: CrosswalkItem
    status: ControlStatus
    rules: tuple[str, ...]
    open: tuple[str, ...]


def read_by(
    framework: CrosswalkFramework, policy: Policy, judgement: Judgement, catalogue: Catalogue
) -> tuple[CrosswalkEntry, ...]:
    """Return every id of a framework with the status that the verdicts give it.

    Only rules whose control of the catalogue names the id count; nearness of subject does not.
    """
    statuses = {verdict.rule: verdict for verdict in judgement.verdicts}
    return tuple(
        _entry(item, framework.id, policy, statuses, catalogue) for item in framework.items
    )


def read_by_all(
    crosswalk: Crosswalk, policy: Policy, judgement: Judgement, catalogue: Catalogue
) -> dict[str, tuple[CrosswalkEntry, ...]]:
    """Return the reading of every framework by its id."""
    return {
        framework.id: read_by(framework, policy, judgement, catalogue)
        for framework in crosswalk.frameworks
    }


def _entry(
    item: CrosswalkItem, framework: str, policy: Policy, verdicts: Mapping[str, Verdict],
    catalogue: Catalogue,
) -> CrosswalkEntry:  # fmt: skip
    named = {c.id for c in catalogue.controls if item.id in c.refs.get(framework, ())}
    rules = [rule for rule in policy.rules if named & set(rule.covers)]
    covered = {name for rule in rules for name in rule.covers}
    found = {verdicts[rule.id].status for rule in rules if rule.id in verdicts}
    return CrosswalkEntry(
        item=item,
        status=rolled_up(found),
        rules=tuple(rule.id for rule in rules),
        open=tuple(sorted(named - covered)),
    )


def rolled_up(found: set[Status]) -> ControlStatus:
    """Return what statuses of rules say together; a waiver is no evidence."""
    if Status.FAIL in found:
        return ControlStatus.REFUTED
    if Status.INCONCLUSIVE in found:
        return ControlStatus.INCONCLUSIVE
    unmet = {Status.NOT_MEASURED, Status.WAIVED}
    if Status.PASS in found and not found & unmet:
        return ControlStatus.EVIDENCED
    return ControlStatus.NOT_MEASURED
