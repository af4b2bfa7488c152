"""Holds a probe against one of its cases."""

import importlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vlaudit import registry
from vlaudit.core.dataset import Pictures
from vlaudit.core.errors import InputError, MissingExtraError
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.probe import Context, Inapplicable, Probe, Reference
from vlaudit.core.target import Target
from vlaudit.data.elsewhere import Elsewhere
from vlaudit.features import Encoded, TargetFeatures, encode
from vlaudit.runner import admit
from vlaudit.selftest.cases import Case


@dataclass(frozen=True)
class CaseResult:
    """What a probe reported on a case, and everything that is wrong with it.

    `left_out` says which extra is missing where the probe could not be tried without it.
    """

    case: str
    problems: tuple[str, ...]
    measurements: tuple[Measurement, ...] = ()
    findings: tuple[Finding, ...] = ()
    left_out: str | None = None

    @property
    def passed(self) -> bool:
        """Tell whether the probe found what the case plants, and no more."""
        return not self.problems


def check_case(probe: Probe, case: Case) -> CaseResult:
    """Run `probe` in the world of `case` and compare what it reports with what is planted."""
    try:
        target, data = build_world(case)
        reference = _build_fake(case.reference)[0] if case.reference is not None else None
        kept: dict[str, RowResults] = {}
        for name in case.after:
            run_in_memory(registry.load(name), target, data, seed=case.seed, kept=kept)
        reported = run_in_memory(
            probe, target, data, settings=case.settings, seed=case.seed, reference=reference,
            kept=kept,
        )  # fmt: skip
    except Inapplicable as reason:
        if case.skipped is not None and case.skipped in str(reason):
            return CaseResult(case.name, ())
        if isinstance(reason.__cause__, MissingExtraError):
            return CaseResult(case.name, (), left_out=str(reason))
        return CaseResult(case.name, (f"skipped: {reason}",))
    measurements = tuple(item for item in reported if isinstance(item, Measurement))
    findings = tuple(item for item in reported if isinstance(item, Finding))
    problems = [] if case.skipped is None else [f"not skipped, expected: {case.skipped}"]
    problems += _problems(case, measurements, findings)
    return CaseResult(case.name, tuple(problems), measurements, findings)


def build_world(case: Case) -> tuple[Target, Pictures]:
    """Return the target and dataset that the fakes of `case` make.

    Raises:
        InputError: a fake does not exist.
    """
    worlds = [_build_fake(spec) for spec in (case.target, case.data) if spec is not None]
    return worlds[0][0], worlds[-1][1]


def _build_fake(spec: Mapping[str, Any]) -> tuple[Target, Pictures]:
    parameters = dict(spec)
    name = parameters.pop("fake", None)
    try:
        module = importlib.import_module(f"vlaudit.selftest.fakes.{name}")
    except ModuleNotFoundError as error:
        raise InputError(f"no fake is named {name!r} (vlaudit/selftest/fakes)") from error
    world: tuple[Target, Pictures] = module.build(**parameters)
    return world


def run_in_memory(
    probe: Probe,
    target: Target,
    data: Pictures,
    *,
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    reference: Target | None = None,
    kept: dict[str, RowResults] | None = None,
) -> list[Measurement | Finding]:
    """Run a probe without a run folder and return all that it yields, each item checked.

    `kept` holds what probes before kept row by row, and is given what this one keeps.

    Raises:
        Inapplicable: the probe cannot measure here.
        ProbeError: the probe broke its card.
    """
    rows = {} if kept is None else kept

    def keep(results: RowResults) -> None:
        rows[f"{probe.card.id}.{results.metric}"] = results

    context = Context(
        target=target,
        data=data,
        features=_features(target, data),
        settings={**probe.card.settings, **(settings or {})},
        rng=np.random.default_rng(seed),
        note=lambda text: None,
        progress=lambda fraction: None,
        keep_picture=lambda name, pixels: f"artifacts/{probe.card.id}/{name}.png",
        keep_rows=keep,
        kept_rows=lambda: rows,
        reference=Reference(reference, _features(reference, data)) if reference else None,
        open_pictures=Elsewhere.at,
    )
    return [admit(item, probe.card) for item in probe.run(context)]


def _features(target: Target, data: Pictures) -> TargetFeatures:
    return TargetFeatures(
        target, encode(target, data) if data.columns.image else Encoded.empty(data)
    )


def _problems(
    case: Case, measurements: tuple[Measurement, ...], findings: tuple[Finding, ...]
) -> list[str]:
    values = {_key(item): item.value for item in measurements}
    kinds = Counter(finding.kind for finding in findings)
    problems: list[str] = []
    for key, expected in case.expect.items():
        if key not in values:
            problems.append(f"{key} was not measured; measured: {', '.join(sorted(values))}")
        elif problem := expected.problem(values[key]):
            problems.append(f"{key}: {problem}")
    for kind, count in case.findings.items():
        if problem := count.problem(kinds[kind]):
            problems.append(f"findings of kind {kind}: {problem}")
    return problems


def _key(item: Measurement) -> str:
    """Return `metric`, or `metric[attribute=group,...]` for a slice."""
    slices = ",".join(f"{name}={group}" for name, group in item.slice.items())
    return f"{item.metric}[{slices}]" if slices else item.metric
