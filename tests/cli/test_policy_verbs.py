import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vlaudit.cli import build
from vlaudit.core.config import Config
from vlaudit.reading.document import read_document
from vlaudit.reading.policy import read_policy
from vlaudit.reading.record import read_record
from vlaudit.reading.schema import records, schema
from vlaudit.registry import cards


def vlaudit(*arguments: str) -> Result:
    return CliRunner().invoke(build(), list(arguments))


def test_a_broken_policy_ends_with_code_2_and_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(
        "id: p\ntitle: P\nframework: nist_ai_rmf_1_0\nrules:\n"
        "  - {id: r, metric: bias.zero_shot_parity.accuracy_gp, at_most: 0.1,\n"
        "     controls: [MEASURE 2.99], severity: low, because: x, origin: {kind: law, text: y}}\n"
    )
    result = vlaudit("policy", "validate", str(path))
    assert result.exit_code == 2
    assert f"error: rule r ({path}:5): no probe reports" in result.output
    assert "did you mean 'accuracy_gap'?" in result.output
    assert f"error: rule r ({path}:6): the framework has no control 'MEASURE 2.99'" in result.output
    assert "Traceback" not in result.output


def test_expired_waivers_are_noted_and_are_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(
        "id: p\ntitle: P\nframework: nist_ai_rmf_1_0\nrules:\n"
        "  - {id: r, metric: bias.zero_shot_parity.accuracy_gap, at_most: 0.1,\n"
        "     controls: [MEASURE 2.9], severity: low, because: x, origin: {kind: law, text: y}}\n"
        "waivers: [{rule: r, owner: Lab, reason: z, expires: 2020-01-01}]\n"
    )
    result = vlaudit("policy", "validate", str(path))
    assert result.exit_code == 0
    assert result.output.startswith("note: waiver of rule r expired on 2020-01-01")
    shown = vlaudit("policy", "show", str(path)).output
    assert "waived until 2020-01-01: r, by Lab: z" in shown


def test_a_policy_is_shown_with_the_origin_of_each_number() -> None:
    result = vlaudit("policy", "show", "release")
    assert result.exit_code == 0
    for rule in read_policy("release", cards=cards()).rules:
        for part in (rule.id, rule.metric, rule.because, rule.origin.text, *rule.controls):
            assert part in result.output
    printed = json.loads(vlaudit("policy", "show", "release", "--json").output)
    assert printed["id"] == "release"


def test_coverage_lists_all_72_subcategories() -> None:
    rows = json.loads(vlaudit("policy", "coverage", "--json").output)
    assert len(rows) == 72
    metrics = {row["control"]: row["metrics"] for row in rows}
    assert "bias.zero_shot_parity.matched_accuracy_gap" in metrics["MEASURE 2.11"]
    assert metrics["GOVERN 1.1"] == []
    table = vlaudit("policy", "coverage").output
    concerned = sum(bool(row["metrics"]) for row in rows)
    for row in rows:
        assert row["control"] in table
    assert f"{concerned} of 72 controls have a rule, 0 an attestation" in table


@pytest.mark.parametrize(
    ("by", "control", "metric"),
    [
        ("eu_ai_act", "Art. 15", "adversarial.gradient_attack.robust_accuracy"),
        ("iso_42001", "A.5.4", "bias.zero_shot_parity.matched_accuracy_gap"),
        ("mitre_atlas", "AML.T0020", "poisoning.suspicious_pairs.trigger_gain"),
        ("avid", "E0101", "bias.zero_shot_parity.matched_accuracy_gap"),
        ("owasp_llm_2025", "LLM02:2025", "privacy.pii_in_captions.high_risk_rate"),
    ],
)
def test_the_same_rules_are_read_by_other_frameworks(by: str, control: str, metric: str) -> None:
    rows = json.loads(vlaudit("policy", "coverage", "--by", by, "--json").output)
    assert metric in next(row["metrics"] for row in rows if row["control"] == control)
    assert any(row["metrics"] == [] for row in rows)


def test_an_unknown_framework_is_bad_input() -> None:
    result = vlaudit("policy", "coverage", "--by", "eu_ai_atc")
    assert result.exit_code == 2
    assert "did you mean 'eu_ai_act'?" in result.output


@pytest.mark.parametrize("name", list(records()))
def test_a_schema_is_printed(name: str) -> None:
    result = vlaudit("schema", name)
    assert result.exit_code == 0
    assert json.loads(result.output) == schema(name)


def test_an_unknown_schema_is_bad_input() -> None:
    result = vlaudit("schema", "confg")
    assert result.exit_code == 2
    assert "did you mean 'config'?" in result.output


def test_init_writes_a_configuration_and_its_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pics").mkdir()
    result = vlaudit("init", "sub/v.yaml", "--target", "local-dir:/m", "--data", "pics")
    assert result.exit_code == 0, result.output
    config = read_record(read_document(tmp_path / "sub" / "v.yaml"), Config)
    assert config.target.model == "local-dir:/m"
    assert config.data.source == "../pics"
    first = (tmp_path / "sub" / "v.yaml").read_text().splitlines()[0]
    beside = tmp_path / "sub" / first.rpartition("=")[2]
    assert json.loads(beside.read_text()) == schema("config")


def test_init_does_not_overwrite_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "vlaudit.yaml"
    mine.write_text("mine")
    result = vlaudit("init")
    assert result.exit_code == 2
    assert "exists; name another file, or replace it with --force" in result.output
    assert mine.read_text() == "mine"
    assert vlaudit("init", "--force").exit_code == 0
    assert "target:" in mine.read_text()


def test_init_says_when_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = vlaudit("init", str(tmp_path / "file" / "v.yaml"))
    assert result.exit_code == 2
    assert "cannot be written" in result.output


def test_everything_installed_is_listed() -> None:
    result = vlaudit("list")
    assert result.exit_code == 0
    printed = json.loads(vlaudit("list", "--json").output)
    for card in cards().values():
        assert card.id in result.output
    assert [probe["id"] for probe in printed["probes"]] == list(cards())
    assert printed["policies"]["release"] == "Release of a vision-language model"
