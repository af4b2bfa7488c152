"""A function that judges evidence of one probe, made by hand."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from vlaudit.core.audit import Audit, Evidence, PlannedProbe, Stamp
from vlaudit.core.config import Config, DataConfig, TargetConfig
from vlaudit.core.dataset import Columns, DatasetFacts
from vlaudit.core.measurement import Measurement
from vlaudit.core.outcome import Measured, Outcome
from vlaudit.core.policy import Framework, Policy
from vlaudit.core.probe import Card, Metric, Risk, Setting
from vlaudit.core.target import Ability, TargetFacts
from vlaudit.core.verdict import Judgement
from vlaudit.judge import judge

RULE: dict[str, Any] = {
    "id": "small_gap",
    "metric": "bias.parity.gap",
    "at_most": 0.1,
    "controls": ["A 1"],
    "severity": "high",
    "because": "It matters.",
    "origin": {"kind": "house", "text": "No standard."},
}
CONTROLS = [
    {"id": "A 1", "title": "One", "kind": "measurable", "token": "a-1", "section": "A"},
    {"id": "A 2", "title": "Two", "kind": "organisational", "token": "a-2", "section": "A"},
    {"id": "A 3", "title": "Three", "kind": "documentable", "token": "a-3", "section": "A"},
]
CARD = Card(
    id="bias.parity",
    title="Equal",
    asks="Equal?",
    risk=Risk.BIAS,
    metrics={
        "gap": Metric(means="Gap.", unit="fraction", range=(0, 1), better="lower"),
        "accuracy": Metric(means="Right.", unit="fraction", range=(0, 1), better="higher"),
    },
    settings={"steps": 50, "kinds": ["a"], "norm": "linf", "exact": True},
    blind_to="Much.",
)

MEASURED = Measured()


@pytest.fixture
def judged() -> Callable[..., Judgement]:
    """Return a function from measurements, and what else matters, to a judgement."""

    def run(
        *measurements: Measurement,
        rules: Sequence[Mapping[str, Any]] = ({},),
        outcome: Outcome | None = MEASURED,
        settings: Mapping[str, Setting] | None = None,
        skip: str | None = None,
        planned: bool = True,
        claims: Sequence[str] = (),
        abilities: tuple[Ability, ...] = (),
        today: date = date(2026, 11, 21),
        **policy: Any,
    ) -> Judgement:
        plan = PlannedProbe(card=CARD, settings={**CARD.settings, **(settings or {})}, skip=skip)
        audit = Audit(
            stamp=Stamp(
                run="r", started="", vlaudit="0", python="3", platform="linux", packages={}
            ),
            config=Config(
                target=TargetConfig(model="m"), data=DataConfig(source="d"), claims=tuple(claims)
            ),
            base=".",
            plan=(plan,) if planned else (),
            target=TargetFacts(
                name="m",
                fingerprint="f",
                kind="k",
                abilities=abilities,
                device="cpu",
                precision="fp32",
                threads=1,
            ),
            dataset=DatasetFacts(
                name="d",
                digest="d",
                rows=1,
                evaluated=1,
                evaluated_on=None,
                columns=Columns(),
                classes=1,
                groups={},
                splits={},
                licences={},
                quarantined={},
            ),
            outcomes={CARD.id: outcome} if outcome is not None else {},
        )
        made = [
            {
                key: value
                for key, value in {**RULE, "id": f"rule_{number}", **changes}.items()
                if value is not None
            }
            for number, changes in enumerate(rules, start=1)
        ]
        whole = Policy.model_validate(
            {"id": "p", "title": "P", "framework": "f", "rules": made, **policy}
        )
        framework = Framework.model_validate(
            {"id": "f", "title": "F", "version": "1", "source": "s", "controls": CONTROLS}
        )
        evidence = Evidence(folder=Path(), audit=audit, measurements={CARD.id: measurements})
        return judge(evidence, whole, framework, today=today)

    return run
