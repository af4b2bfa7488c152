from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from vlaudit.core.errors import PolicyError
from vlaudit.core.probe import Card
from vlaudit.reading.policy import notices, read_policy

RULE = {
    "id": "gap",
    "metric": "bias.parity.accuracy_gap",
    "at_most": 0.1,
    "controls": ["MEASURE 2.11"],
    "severity": "high",
    "because": "It matters.",
    "origin": {"kind": "house", "text": "No standard."},
}
WAIVER = {"rule": "gap", "owner": "Head of testing", "reason": "Known.", "expires": "2027-01-31"}
WORD = {
    "control": "GOVERN 1.1",
    "statement": "Kept.",
    "owner": "Legal office",
    "evidence": "register, page 4",
    "expires": "2027-01-31",
}


def policy(**changes: Any) -> dict[str, Any]:
    whole = {"id": "p", "title": "P", "framework": "nist_ai_rmf_1_0", "rules": [RULE], **changes}
    return {key: value for key, value in whole.items() if value is not ...}


def rule(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**RULE, **changes}.items() if value is not ...}


def write(folder: Path, value: object) -> str:
    path = folder / "p.yaml"
    yaml = YAML()
    yaml.default_flow_style = False
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(value, stream)
    return str(path)


def problems(folder: Path, value: object, cards: dict[str, Card]) -> list[str]:
    path = write(folder, value)
    with pytest.raises(PolicyError) as caught:
        read_policy(path, cards=cards)
    return [line.replace(path, "p.yaml") for line in caught.value.problems]


def test_a_sound_policy_is_read(tmp_path: Path, cards: dict[str, Card]) -> None:
    whole = policy(waivers=[WAIVER], attestations=[WORD])
    read = read_policy(write(tmp_path, whole), cards=cards)
    assert (read.rules[0].probe, read.rules[0].metric_name) == ("bias.parity", "accuracy_gap")
    assert read.waivers[0].expires == date(2027, 1, 31)
    assert read.rules[0].limit == 0.1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"metric": "bias.parity.accuracy_gp"},
            "no probe reports 'bias.parity.accuracy_gp'; did you mean 'accuracy_gap'?",
        ),
        (
            {"metric": "bias.partiy.accuracy_gap"},
            "no probe reports 'bias.partiy.accuracy_gap'; did you mean 'bias.parity.accuracy_gap'?",
        ),
        ({"metric": "accuracy_gp"}, "did you mean 'bias.parity.accuracy_gap'?"),
        ({"metric": "zzz"}, "no probe reports 'zzz'; write PROBE.METRIC"),
        ({"metric": "qqq.zzz.yyy"}, "no probe reports 'qqq.zzz.yyy'; there are: bias.parity"),
        ({"metric": "bias.parity"}, "that is a probe, name one of its metrics: accuracy_gap, acc"),
        ({"metric": 7}, "metric: expected text, not 7"),
        ({"metric": ...}, "missing key 'metric'"),
        ({"at_most": ..., "at_least": 0.9}, "where lower is better; write at_most"),
        ({"metric": "bias.parity.accuracy"}, "where higher is better; write at_least"),
        (
            {"at_most": 1.5},
            "at_most 1.5 is outside the range of 'bias.parity.accuracy_gap', 0 to 1",
        ),
        ({"at_most": -0.1}, "at_most -0.1 is outside the range"),
        ({"metric": "bias.parity.count", "at_most": -1}, "'bias.parity.count', 0 to any"),
        ({"at_most": 1}, "at_most 1 can never fail"),
        ({"metric": "bias.parity.count", "at_least": 2}, "needs exactly one limit"),
        ({"at_most": ...}, "needs exactly one limit"),
        ({"at_most": None}, "needs exactly one limit"),
        ({"at_most": "10 %"}, 'at_most: expected a number, not "10 %"'),
        ({"at_most": True}, "at_most: expected a number, not true"),
        ({"at_most": ".inf"}, "at_most: expected a number"),
        ({"less_than": 0.1, "at_most": ...}, "unknown key 'less_than'"),
        ({"over": "slices"}, 'over: "slices" is not one of the choices'),
        ({"when": "robustness"}, 'when: "robustness" has the wrong form'),
        ({"when": "claims.Robust"}, "has the wrong form"),
        ({"controls": ["MEASURE 2.14"]}, "no control 'MEASURE 2.14'; did you mean 'MEASURE 2."),
        ({"controls": ["MS 2.11"]}, "the framework has no control 'MS 2.11'"),
        ({"controls": ["MEASURE 2.11", "MEASURE 2.11"]}, "control 'MEASURE 2.11' is named twice"),
        ({"controls": []}, "controls: is empty; name at least one"),
        ({"controls": "MEASURE 2.11"}, "controls: expected a list"),
        ({"controls": [2.11]}, "controls[1]: expected text, not 2.11"),
        ({"controls": ...}, "missing key 'controls'"),
        ({"severity": "severe"}, 'severity: "severe" is not one of the choices'),
        ({"severity": ...}, "missing key 'severity'"),
        ({"because": ...}, "missing key 'because'"),
        ({"becuase": "x", "because": ...}, "unknown key 'becuase'; did you mean 'because'?"),
        ({"origin": "law"}, "origin: expected a mapping"),
        ({"origin": {"kind": "rumour", "text": "x"}}, 'origin.kind: "rumour" is not one'),
        ({"origin": {"kind": "law"}}, "missing key 'text'"),
        ({"id": ...}, "missing key 'id'"),
        ({"id": 4}, "id: expected text, not 4"),
        ({"requires": {"sample": 3}}, "requires: unknown key 'sample'; did you mean 'samples'?"),
        ({"requires": {"samples": 0}}, "requires.samples: must be at least 1, not 0"),
        ({"requires": {"clusters": "many"}}, "requires.clusters: expected a whole number"),
        (
            {"requires": {"settings": {"resample": 10}}},
            "bias.parity has no setting 'resample'; did you mean 'resamples'?",
        ),
        ({"requires": {"settings": {"level": "high"}}}, "expected a number, such as 0.95"),
        ({"requires": {"settings": [1]}}, "requires.settings: expected a mapping"),
    ],
)
def test_a_broken_rule_is_said_with_its_name_and_line(
    tmp_path: Path, cards: dict[str, Card], changes: dict[str, Any], said: str
) -> None:
    lines = problems(tmp_path, policy(rules=[rule(**changes)]), cards)
    assert any(said in line for line in lines), lines
    assert all("p.yaml:" in line for line in lines)
    assert len(lines) == 1 + ("less_than" in changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"framework": "nist_ai_rmf"},
            "no framework 'nist_ai_rmf'; did you mean 'nist_ai_rmf_1_0'",
        ),
        ({"framework": ...}, "missing key 'framework'"),
        ({"rules": []}, "has no rules, so it would pass anything; add one"),
        ({"rules": ...}, "has no rules, so it would pass anything; add one"),
        ({"rules": {"gap": RULE}}, "rules: expected a list"),
        ({"rules": [RULE, 3]}, "rules[2]: expected a mapping"),
        ({"rules": [RULE, RULE]}, "id 'gap' is taken by rules[1]; keep one"),
        ({"gate": ["hihg"]}, "gate[1]: \"hihg\" is not one of the choices; did you mean 'high'?"),
        ({"gates": ["high"]}, "unknown key 'gates'; did you mean 'gate'?"),
        ({"waivers": [{**WAIVER, "rule": "gp"}]}, "no rule has the id 'gp'; did you mean 'gap'?"),
        ({"waivers": [WAIVER, WAIVER]}, "rule 'gap' is taken by waivers[1]"),
        ({"waivers": [{**WAIVER, "expires": "31.1.2027"}]}, "expires: expected a date"),
        ({"waivers": [{**WAIVER, "expires": "2027-02-30"}]}, "expires: expected a date"),
        ({"waivers": [{**WAIVER, "reason": None}]}, "reason: expected text, not nothing"),
        ({"attestations": [{**WORD, "control": "GOVERN 9"}]}, "no control 'GOVERN 9'"),
        ({"attestations": [WORD, WORD]}, "control 'GOVERN 1.1' is taken by attestations[1]"),
        ({"attestations": [{**WORD, "expire": "2027-01-31"}]}, "unknown key 'expire'"),
    ],
)
def test_a_broken_policy_is_said(
    tmp_path: Path, cards: dict[str, Card], changes: dict[str, Any], said: str
) -> None:
    lines = problems(tmp_path, policy(**changes), cards)
    assert any(said in line for line in lines), lines
    assert len(lines) == 1


def test_every_problem_of_every_rule_is_said_at_once(
    tmp_path: Path, cards: dict[str, Card]
) -> None:
    text = """\
id: p
title: P
framework: nist_ai_rmf_1_0
rules:
  - id: equal_accuracy
    metric: bias.parity.accuracy_gp
    at_most: 0.1
    controls: [MEASURE 2.11, MEASURE 2.99]
    severty: high
    because: x
    origin: {kind: house, text: y}
  - id: sure
    metric: bias.parity.accuracy
    at_most: 3
    controls: [MEASURE 2.3]
    severity: low
    because: x
    origin: {kind: house, text: y}
waivers:
  - {rule: other, owner: o, reason: r, expires: never}
"""
    path = tmp_path / "p.yaml"
    path.write_text(text)
    with pytest.raises(PolicyError) as caught:
        read_policy(str(path), cards=cards)
    assert [line.replace(str(path), "p.yaml") for line in caught.value.problems] == [
        "rule equal_accuracy (p.yaml:6): no probe reports 'bias.parity.accuracy_gp'; "
        "did you mean 'accuracy_gap'?",
        "rule equal_accuracy (p.yaml:8): the framework has no control 'MEASURE 2.99'; "
        "did you mean 'MEASURE 2.9'?",
        "rule equal_accuracy (p.yaml:9): unknown key 'severty'; did you mean 'severity'?",
        "rule sure (p.yaml:14): at_most on 'bias.parity.accuracy', where higher is better; "
        "write at_least",
        "waiver of other (p.yaml:20): no rule has the id 'other'; there are: equal_accuracy, sure",
        'waiver of other (p.yaml:20): expires: expected a date such as 2027-06-30, not "never"',
    ]


def test_a_policy_that_is_not_there(tmp_path: Path, cards: dict[str, Card]) -> None:
    with pytest.raises(PolicyError, match=r"no shipped policy 'relase'.*did you mean 'release'"):
        read_policy("relase", cards=cards)
    with pytest.raises(PolicyError, match="no such file; check the path"):
        read_policy(str(tmp_path / "none.yaml"), cards=cards)
    with pytest.raises(PolicyError, match="is empty"):
        read_policy(write(tmp_path, None), cards=cards)


def test_what_has_expired_or_cannot_pass_is_noticed(tmp_path: Path, cards: dict[str, Card]) -> None:
    whole = policy(rules=[rule(at_most=0)], waivers=[WAIVER], attestations=[WORD])
    read = read_policy(write(tmp_path, whole), cards=cards)
    assert notices(read, cards, today=date(2027, 1, 31)) == [
        "rule gap can fail but never pass: no interval ends at 0"
    ]
    assert notices(read, cards, today=date(2027, 2, 1))[:2] == [
        "waiver of rule gap expired on 2027-01-31 and does not count",
        "attestation of GOVERN 1.1 expired on 2027-01-31; ask its owner",
    ]
    idle = read_policy(write(tmp_path, policy(gate=["critical"])), cards=cards)
    assert notices(idle, cards, today=date(2027, 1, 31)) == [
        "no rule has a severity of the gate; the exit code is always 0"
    ]


@pytest.mark.parametrize("share", range(1, 20))
def test_a_file_cut_short_is_refused_in_words(
    tmp_path: Path, cards: dict[str, Card], share: int
) -> None:
    whole = (files("vlaudit.policies") / "release.yaml").read_text(encoding="utf-8")
    path = tmp_path / "cut.yaml"
    path.write_text(whole[: len(whole) * share // 20])
    with pytest.raises(PolicyError) as caught:
        read_policy(str(path), cards=cards)
    assert all(line.partition(": ")[2] for line in caught.value.problems)
