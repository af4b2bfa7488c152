"""What was not measured, and why: not looking is never passing."""

from dataclasses import dataclass

from vlaudit.core.audit import Evidence, PlannedProbe
from vlaudit.core.outcome import Broken, Skipped
from vlaudit.core.probe import Risk
from vlaudit.core.verdict import Status
from vlaudit.report.judged import Judged
from vlaudit.report.words import RISK


@dataclass(frozen=True)
class Gap:
    """A probe that gave no answer, and the reason."""

    planned: PlannedProbe
    reason: str


@dataclass(frozen=True)
class Gaps:
    """Everything that this audit leaves open."""

    broken: tuple[Gap, ...]
    skipped: tuple[Gap, ...]
    unreached: tuple[Gap, ...]
    undecided: tuple[Judged, ...]
    unmeasured: tuple[Judged, ...]
    blind: tuple[PlannedProbe, ...]
    risks: tuple[str, ...]
    quarantined: tuple[tuple[str, int], ...]
    unread: int

    @property
    def probes(self) -> int:
        """Number of probes that gave no answer."""
        return len(self.broken) + len(self.skipped) + len(self.unreached)


def gaps(evidence: Evidence, verdicts: tuple[Judged, ...]) -> Gaps:
    """Return what was not measured."""
    audit = evidence.audit
    broken: list[Gap] = []
    skipped: list[Gap] = []
    unreached: list[Gap] = []
    blind: list[PlannedProbe] = []
    for planned in audit.plan:
        match audit.outcomes.get(planned.card.id):
            case Broken(error=error):
                broken.append(Gap(planned, error))
            case Skipped(reason=reason):
                skipped.append(Gap(planned, reason))
            case None if planned.skip is not None:
                skipped.append(Gap(planned, planned.skip))
            case None:
                unreached.append(Gap(planned, "The run ended before its turn; resume it."))
            case _:
                blind.append(planned)
    quarantined = tuple(sorted(audit.dataset.quarantined.items()))
    return Gaps(
        broken=tuple(broken),
        skipped=tuple(skipped),
        unreached=tuple(unreached),
        undecided=_with(verdicts, Status.INCONCLUSIVE),
        unmeasured=_with(verdicts, Status.NOT_MEASURED),
        blind=tuple(blind),
        risks=_unseen_risks(blind),
        quarantined=quarantined,
        unread=sum(number for _, number in quarantined),
    )


def _with(verdicts: tuple[Judged, ...], status: Status) -> tuple[Judged, ...]:
    return tuple(item for item in verdicts if item.verdict.status == status)


def _unseen_risks(measured: list[PlannedProbe]) -> tuple[str, ...]:
    seen = {planned.card.risk for planned in measured}
    return tuple(RISK[risk] for risk in Risk if risk not in seen)
