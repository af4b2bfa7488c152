"""A judged run of one small probe, and the command line that works on it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vlaudit.cli import build
from vlaudit.core.audit import Audit, PlannedProbe, Stamp
from vlaudit.core.config import Config, DataConfig, TargetConfig
from vlaudit.core.dataset import Columns, DatasetFacts
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.outcome import Measured
from vlaudit.core.probe import Card, Metric, Risk
from vlaudit.core.target import TargetFacts
from vlaudit.evidence import RunFolder

Verb = Callable[..., Result]
RunMaker = Callable[..., Path]
PROBE = Card(
    id="bias.own",
    title="Groups are served equally",
    asks="Are groups served equally?",
    risk=Risk.BIAS,
    metrics={"gap": Metric(means="Gap.", unit="fraction", range=(0, 1), better="lower")},
    blind_to="Groups nobody annotated.",
)
POLICY = """\
id: house
title: House
framework: nist_ai_rmf_1_0
rules:
  - {id: equal, metric: bias.own.gap, at_most: 0.1, severity: high, controls: [MEASURE 2.11],
     because: Some., origin: {kind: house, text: Ours.}}
"""


@pytest.fixture
def vlaudit() -> Verb:
    """Return a function that runs the command line."""

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(build(), [str(argument) for argument in arguments])

    return run


@pytest.fixture
def make_run(tmp_path: Path) -> RunMaker:
    """Return a function that writes a run in which one gap was measured."""

    def make(value: float = 0.3, low: float = 0.2, high: float = 0.4) -> Path:
        (tmp_path / "house.yaml").write_text(POLICY)
        folder = RunFolder.create(tmp_path / "runs", subject="m")
        interval = Interval(low, high, "Newcombe")
        folder.record(PROBE.id, Measurement("gap", value, samples=400, interval=interval))
        folder.record(PROBE.id, Measured(seconds=1.0))
        folder.finish(audit(tmp_path))
        return folder.path

    return make


@pytest.fixture
def run(make_run: RunMaker) -> Path:
    """Return a run whose only rule fails."""
    return make_run()


def audit(base: Path) -> Audit:
    columns = Columns(image="image", label="label", groups=("gender",))
    return Audit(
        stamp=Stamp(
            run="r1",
            started="2026-11-21T10:15:00+00:00",
            finished="2026-11-21T10:16:00+00:00",
            vlaudit="0.1.0",
            python="3.11.9",
            platform="linux",
            packages={},
        ),
        config=Config(
            target=TargetConfig(model="m"), data=DataConfig(source="d"), policy="house.yaml"
        ),
        base=str(base),
        plan=(PlannedProbe(card=PROBE, settings={}),),
        target=TargetFacts(
            name="m",
            fingerprint="f" * 64,
            kind="open_clip",
            abilities=(),
            device="cpu",
            precision="fp32",
            threads=1,
        ),
        dataset=DatasetFacts(
            name="d",
            digest="d" * 64,
            rows=400,
            evaluated=400,
            evaluated_on=None,
            columns=columns,
            classes=4,
            groups={"gender": {"a": 200, "b": 200}},
            splits={},
            licences={},
            quarantined={},
        ),
    )
