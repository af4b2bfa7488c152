"""`vlaudit export` works from a run folder alone."""

import json
import shlex
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from ruamel.yaml import YAML
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
from vlaudit.evidence.manifest import digests
from vlaudit.report.exports import BUNDLED

WORKFLOW = Path(__file__).resolve().parents[2] / "examples" / "ci" / "github.yml"
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


def vlaudit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(build(), [str(argument) for argument in arguments])


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "house.yaml").write_text(POLICY)
    folder = RunFolder.create(tmp_path / "runs", subject="m")
    folder.record(
        PROBE.id, Measurement("gap", 0.3, samples=400, interval=Interval(0.2, 0.4, "Newcombe"))
    )
    folder.record(PROBE.id, Measured(seconds=1.0))
    folder.finish(
        Audit(
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
            base=str(tmp_path),
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
                columns=Columns(image="image", groups=("gender",)),
                classes=4,
                groups={"gender": {"a": 200, "b": 200}},
                splits={},
                licences={},
                quarantined={},
            ),
        )
    )
    return folder.path


def test_every_format_is_written_into_the_run_and_its_manifest(run: Path) -> None:
    wanted = [word for name in BUNDLED for word in ("--format", name)]
    done = vlaudit("export", run, *wanted)
    assert done.exit_code == 0, done.output
    files = {each.file for each in BUNDLED.values()}
    assert files <= {path.name for path in run.iterdir()}
    manifest = json.loads((run / "MANIFEST.json").read_text())
    assert manifest["sha256"] == digests(run)


def test_help_names_every_format() -> None:
    said = " ".join(vlaudit("export", "--help").output.split())
    assert all(f"{name}," in said or f"{name} or" in said for name in BUNDLED)


def test_a_format_is_printed_and_nothing_else(run: Path) -> None:
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    done = vlaudit("export", run, "--format", "sarif", "--output", "-")
    assert done.exit_code == 0, done.output
    results = json.loads(done.output)["runs"][0]["results"]
    assert [(each["ruleId"], each["level"]) for each in results] == [("equal", "error")]
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_another_policy_and_folder(run: Path, tmp_path: Path) -> None:
    mild = tmp_path / "mild.yaml"
    mild.write_text(POLICY.replace("0.1", "0.9"))
    done = vlaudit(
        "export", run, "--format", "junit", "--policy", mild, "--output", tmp_path / "out"
    )
    assert done.exit_code == 0, done.output
    assert fromstring((tmp_path / "out" / "junit.xml").read_text()).attrib["failures"] == "0"
    assert not (run / "junit.xml").exists()


def test_the_example_workflow_exports_what_it_uploads(run: Path, tmp_path: Path) -> None:
    job = YAML(typ="safe", pure=True).load(WORKFLOW)["jobs"]["audit"]
    line = next(step["run"] for step in job["steps"] if step.get("name") == "export")
    command, *words = shlex.split(line)
    place = {"runs/*": str(run), "exports": str(tmp_path / "exports")}
    done = vlaudit(*(place.get(word, word) for word in words))
    assert command == "vlaudit"
    assert done.exit_code == 0, done.output
    uploads = [step["with"] for step in job["steps"] if "upload" in step.get("uses", "")]
    for file in (uploads[0]["sarif_file"], uploads[1]["path"]):
        assert (tmp_path / file).is_file()


def test_what_cannot_be_exported_is_said(run: Path, tmp_path: Path) -> None:
    unknown = vlaudit("export", run, "--format", "pdf")
    assert unknown.exit_code == 2
    assert "no format is called 'pdf'" in unknown.output
    assert vlaudit("export", tmp_path, "--format", "sarif").exit_code == 2
    assert vlaudit("export", run).exit_code == 2
