"""`vlaudit export` works from a run folder alone."""

import json
import shlex
from pathlib import Path
from xml.etree.ElementTree import fromstring

from ruamel.yaml import YAML

from tests.cli.conftest import POLICY, Verb
from vlaudit.evidence.manifest import digests
from vlaudit.report.exports import BUNDLED

WORKFLOW = Path(__file__).resolve().parents[2] / "examples" / "ci" / "github.yml"


def test_every_format_is_written_into_the_run_and_its_manifest(vlaudit: Verb, run: Path) -> None:
    wanted = [word for name in BUNDLED for word in ("--format", name)]
    done = vlaudit("export", run, *wanted)
    assert done.exit_code == 0, done.output
    files = {each.file for each in BUNDLED.values()}
    assert files <= {path.name for path in run.iterdir()}
    manifest = json.loads((run / "MANIFEST.json").read_text())
    assert manifest["sha256"] == digests(run)


def test_help_names_every_format(vlaudit: Verb) -> None:
    said = " ".join(vlaudit("export", "--help").output.split())
    assert all(f"{name}," in said or f"{name} or" in said for name in BUNDLED)


def test_a_format_is_printed_and_nothing_else(vlaudit: Verb, run: Path) -> None:
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    done = vlaudit("export", run, "--format", "sarif", "--output", "-")
    assert done.exit_code == 0, done.output
    results = json.loads(done.output)["runs"][0]["results"]
    assert [(each["ruleId"], each["level"]) for each in results] == [("equal", "error")]
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_another_policy_and_folder(vlaudit: Verb, run: Path, tmp_path: Path) -> None:
    mild = tmp_path / "mild.yaml"
    mild.write_text(POLICY.replace("0.1", "0.9"))
    done = vlaudit(
        "export", run, "--format", "junit", "--policy", mild, "--output", tmp_path / "out"
    )
    assert done.exit_code == 0, done.output
    assert fromstring((tmp_path / "out" / "junit.xml").read_text()).attrib["failures"] == "0"
    assert not (run / "junit.xml").exists()


def test_the_example_workflow_exports_what_it_uploads(
    vlaudit: Verb, run: Path, tmp_path: Path
) -> None:
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


def test_what_cannot_be_exported_is_said(vlaudit: Verb, run: Path, tmp_path: Path) -> None:
    unknown = vlaudit("export", run, "--format", "pdf")
    assert unknown.exit_code == 2
    assert "no format is called 'pdf'" in unknown.output
    assert vlaudit("export", tmp_path, "--format", "sarif").exit_code == 2
    assert vlaudit("export", run).exit_code == 2
