"""The flow of an audit: plan, run, judge, print; each step reads what the one before wrote."""

import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from vlaudit import registry
from vlaudit.core.audit import Audit, Evidence, PlannedProbe, Stamp
from vlaudit.core.config import Config
from vlaudit.core.dataset import Role
from vlaudit.core.errors import InputError
from vlaudit.core.outcome import Measured, Skipped
from vlaudit.core.policy import Framework, Policy
from vlaudit.core.probe import Card
from vlaudit.core.target import Ability
from vlaudit.core.verdict import Judgement
from vlaudit.evidence import RunFolder, foreign, load_run, write_manifest
from vlaudit.evidence.embedding_map import flattened, write_map
from vlaudit.evidence.terms import Terms, write_terms
from vlaudit.judge import judge, must_hold
from vlaudit.judge.settled import Settled, settled
from vlaudit.planner import plan
from vlaudit.prepare import Prepared, Subject, load_subject, prepare
from vlaudit.reading.config import check_probes
from vlaudit.reading.framework import read_framework
from vlaudit.reading.policy import read_policy
from vlaudit.report import Printed, render
from vlaudit.runner import Bench, Observer, run_probes
from vlaudit.selfcheck import self_check

PACKAGES = ("torch", "open_clip_torch", "numpy", "fairlearn", "adversarial-robustness-toolbox",
            "presidio-analyzer", "datasets", "scipy", "scikit-learn")  # fmt: skip
MAPPED_ROWS = 2000


@dataclass(frozen=True)
class Result:
    """A judged run: where it lies, what was seen, what it means, which documents were written."""

    evidence: Evidence
    judgement: Judgement
    documents: tuple[Path, ...]


def audit(config: Config, *, base: Path, observer: Observer) -> Result:
    """Audit what `config` names and write everything into a new run folder.

    Args:
        config: what to audit, with which probes, under which policy.
        base: folder that relative paths are taken from.
        observer: is told of each step.

    Raises:
        InputError: configuration, policy or data cannot be used; nothing was run.
        TargetError: the model cannot be used; nothing was run.
        EvidenceError: the run folder cannot be written.
    """
    cards = registry.cards()
    check_probes(config, cards)
    read_policy(_local(config.policy, base), cards={**cards, **foreign.cards()})
    subject = load_subject(config, base=base)
    planned = plan_subject(config, subject, cards)
    folder = RunFolder.create(base / config.output, subject=config.target.model)
    try:
        prepared = prepare(subject, config, base=base, observer=observer)
    except BaseException:
        folder.discard()
        raise
    begun = Audit(
        stamp=_stamp(folder.path.name),
        config=config,
        base=str(base.resolve()),
        plan=planned,
        target=subject.target.facts,
        reference=subject.reference.facts if subject.reference else None,
        dataset=prepared.dataset,
    )
    folder.write_audit(begun)
    for finding in prepared.findings:
        folder.record("vlaudit", finding)
    return _measure(begun, planned, prepared, folder, observer)


def resume(run: Path, *, observer: Observer) -> Result:
    """Measure what an interrupted run had not measured to the end, and judge the whole.

    Raises:
        InputError: no run to resume, or model or data have changed since.
    """
    begun = load_run(run).audit
    base = Path(begun.base)
    subject = load_subject(begun.config, base=base)
    if subject.target.facts.fingerprint != begun.target.fingerprint:
        raise InputError(f"{run} cannot be resumed: the model has changed; start a new run")
    other, known = subject.reference, begun.reference
    if other and known and other.facts.fingerprint != known.fingerprint:
        raise InputError(
            f"{run} cannot be resumed: the model under `reference` has changed; start a new run"
        )
    if subject.data.digest != begun.dataset.digest:
        raise InputError(f"{run} cannot be resumed: the data has changed; start a new run")
    folder = RunFolder(run)
    outcomes = folder.collected()[2]
    done = {name for name, end in outcomes.items() if isinstance(end, Measured | Skipped)}
    folder.journal.keep_only({*done, "vlaudit"})
    left = tuple(planned for planned in begun.plan if planned.card.id not in done)
    prepared = prepare(subject, begun.config, base=base, observer=observer)
    return _measure(begun, left, prepared, folder, observer)


def plan_subject(
    config: Config, subject: Subject, cards: Mapping[str, Card]
) -> tuple[PlannedProbe, ...]:
    """Return every installed probe with its settings or the reason why it will not run."""
    facts = subject.target.facts
    return plan(
        config.probes,
        cards,
        abilities=facts.abilities,
        columns=subject.data.columns,
        lacks=facts.lacks,
    )


def _measure(
    begun: Audit,
    planned: tuple[PlannedProbe, ...],
    prepared: Prepared,
    folder: RunFolder,
    observer: Observer,
) -> Result:
    minutes = begun.config.budget.minutes
    deadline = None if minutes is None else time.monotonic() + 60 * minutes
    bench = replace(prepared.bench, settled=_settled(begun))
    run_probes(planned, bench, folder, observer, load=registry.load, deadline=deadline)
    _check_probes(begun, prepared, folder, observer, deadline)
    _keep_map(begun, prepared.bench, folder)
    stamp = begun.stamp.model_copy(update={"finished": _now()})
    folder.finish(begun.model_copy(update={"stamp": stamp}))
    return conclude(folder.path)


def _keep_map(begun: Audit, bench: Bench, folder: RunFolder) -> None:
    """Keep a flat map of the pictures as the model sees them, with all rows that have findings."""
    if not (Ability.EMBEDS_IMAGES in begun.target.abilities and bench.data.columns.has(Role.IMAGE)):
        return
    flagged = {item.row for items in folder.collected()[1].values() for item in items}
    named = [at for at, name in enumerate(bench.data.ids()) if name in flagged]
    step = max(1, -(-len(bench.data) // MAPPED_ROWS))
    rows = sorted({*range(0, len(bench.data), step), *named[:MAPPED_ROWS]})
    if rows:
        mapped = bench.data.select(rows)
        write_map(folder.path, flattened(mapped.ids(), bench.features.images(mapped)))


def _settled(begun: Audit) -> Settled | None:
    """Return what tells whether a probe may end early; None where all measure to the end."""
    wanted, paid = begun.config.budget.stop_early, begun.config.target.endpoint is not None
    if not (paid if wanted is None else wanted):
        return None
    policy, abilities = policy_of(begun.config, Path(begun.base)), begun.target.abilities
    return settled(policy, claims=begun.config.claims, abilities=abilities)


def _check_probes(
    begun: Audit,
    prepared: Prepared,
    folder: RunFolder,
    observer: Observer,
    deadline: float | None,
) -> None:
    """Try the probes that matter on the same rows, made innocent and with known flaws in them."""
    mode = begun.config.self_check
    if mode == "off":
        return
    outcomes = folder.collected()[2]
    measured = [item for item in begun.plan if isinstance(outcomes.get(item.card.id), Measured)]
    policy = policy_of(begun.config, Path(begun.base))
    abilities = begun.target.abilities
    decisive = must_hold(policy, claims=begun.config.claims, abilities=abilities)
    observer.begin("self-check", "Trying the probes on these rows")
    checks = list(
        self_check(
            measured, prepared.bench, load=registry.load, only=decisive, mode=mode,
            deadline=deadline, kept=folder.kept_rows(), progress=observer.advance,
        )
    )  # fmt: skip
    folder.write_self_checks(checks)
    observer.end(f"{sum(len(check.reruns) for check in checks)} further runs")


def conclude(
    run: Path,
    *,
    policy: str | None = None,
    output: Path | None = None,
    printed: Printed | None = None,
) -> Result:
    """Judge a run and write its documents; needs no model, data or network.

    Args:
        run: the run folder.
        policy: name or path of a policy; the one of the run's configuration by default.
        output: where to write the documents; the run folder by default.
        printed: what is printed beyond the documents of every run.
    """
    evidence = load_run(run)
    rules, framework = read_rules(evidence, policy)
    today = datetime.now(UTC).date()
    judgement = judge(evidence, rules, framework, today=today)
    if output is None:
        RunFolder(run).write_judgements([judgement])
        write_terms(run, Terms(day=today, policy=rules))
    documents = render(evidence, judgement, rules, framework, folder=output or run, printed=printed)
    if output is None:
        write_manifest(run)
    return Result(evidence, judgement, tuple(documents))


def policy_of(config: Config, base: Path) -> Policy:
    """Return the policy that a configuration names."""
    cards = {**registry.cards(), **foreign.cards()}
    return read_policy(_local(config.policy, base), cards=cards)


def read_rules(evidence: Evidence, policy: str | None) -> tuple[Policy, Framework]:
    """Return the policy to judge a run by, and its framework."""
    measured_by = {planned.card.id: planned.card for planned in evidence.audit.plan}
    cards = {**registry.cards(), **foreign.cards(), **measured_by}
    base = Path.cwd() if policy else Path(evidence.audit.base)
    rules = read_policy(_local(policy or evidence.audit.config.policy, base), cards=cards)
    return rules, read_framework(rules.framework)


def _local(policy: str, base: Path) -> str:
    """Return the path of a policy file below `base`, or the name of a shipped one unchanged."""
    return str(base / policy) if (base / policy).is_file() else policy


def _stamp(run: str) -> Stamp:
    return Stamp(
        run=run,
        started=_now(),
        vlaudit=version("vlaudit"),
        python=platform.python_version(),
        platform=f"{sys.platform} {platform.machine()}",
        packages={name: version(name) for name in PACKAGES},
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
