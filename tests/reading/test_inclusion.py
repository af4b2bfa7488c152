"""Policies that begin with others, and everything that can be wrong with that."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from vlaudit.core.errors import PolicyError
from vlaudit.core.finding import Severity
from vlaudit.core.policy import Policy
from vlaudit.core.probe import Card
from vlaudit.reading.policy import read_policy

HEAD = "id: {}\ntitle: P\nframework: nist_ai_rmf_1_0\n"
RULE = """\
  - id: {id}
    metric: bias.parity.accuracy_gap
    at_most: {limit}
    controls: [MEASURE 2.11]
    severity: high
    because: It matters.
    origin: {{kind: house, text: No standard.}}
"""
BASE = HEAD.format("base") + "gate: [low]\nrules:\n" + "".join(
    RULE.format(id=name, limit=limit) for name, limit in (("gap", 0.1), ("other", 0.2))
)  # fmt: skip


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)


def read(folder: Path, cards: dict[str, Card]) -> Policy:
    return read_policy(str(folder / "p.yaml"), cards=cards)


def problems(folder: Path, cards: dict[str, Card]) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        read(folder, cards)
    return [line.replace(f"{folder}/", "") for line in caught.value.problems]


def limits(policy: Policy) -> dict[str, float]:
    return {rule.id: rule.limit for rule in policy.rules}


def test_a_policy_begins_with_what_it_includes(tmp_path: Path, cards: dict[str, Card]) -> None:
    write(tmp_path, base=BASE, p=HEAD.format("p") + "include: [base.yaml]\n")
    policy = read(tmp_path, cards)
    assert limits(policy) == {"gap": 0.1, "other": 0.2}
    assert policy.gate == (Severity.LOW,)
    assert policy.id == "p"


def test_rules_are_replaced_changed_dropped_and_added(
    tmp_path: Path, cards: dict[str, Card]
) -> None:
    own = HEAD.format("p") + "gate: [high]\ninclude: [base.yaml]\ndrop: [other]\n"
    own += "change: {gap: {at_most: 0.05, severity: critical}}\nrules:\n"
    write(tmp_path, base=BASE, p=own + RULE.format(id="new", limit=0.3))
    policy = read(tmp_path, cards)
    assert limits(policy) == {"gap": 0.05, "new": 0.3}
    assert policy.rules[0].severity is Severity.CRITICAL
    assert policy.gate == (Severity.HIGH,)
    own = HEAD.format("p") + "include: [base.yaml]\nrules:\n" + RULE.format(id="gap", limit=0.4)
    write(tmp_path, p=own)
    assert limits(read(tmp_path, cards)) == {"gap": 0.4, "other": 0.2}


def test_a_changed_limit_may_turn_round(tmp_path: Path, cards: dict[str, Card]) -> None:
    own = HEAD.format("p") + "include: [base.yaml]\nchange:\n"
    own += "  gap: {metric: bias.parity.accuracy, at_least: 0.9}\n"
    write(tmp_path, base=BASE, p=own)
    assert read(tmp_path, cards).rules[0].at_least == 0.9


def test_inclusion_goes_deeper_and_takes_shipped_names(
    tmp_path: Path, cards: dict[str, Card]
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/middle.yaml").write_text(
        HEAD.format("middle") + "include: [../base.yaml]\nchange: {gap: {at_most: 0.3}}\n"
    )
    write(tmp_path, base=BASE, p=HEAD.format("p") + "include: [deep/middle.yaml]\n")
    assert limits(read(tmp_path, cards)) == {"gap": 0.3, "other": 0.2}
    from vlaudit import registry

    write(tmp_path, p=HEAD.format("p") + "include: [ci]\n")
    assert len(read_policy(str(tmp_path / "p.yaml"), cards=registry.cards()).rules) >= 3


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("include: [none.yaml]\n", "p.yaml:4: none.yaml: no such file; check the path"),
        ("include: [relase]\n", "no shipped policy 'relase' (a file is named *.yaml); did you"),
        ("include: [p.yaml]\n", "p.yaml:4: includes itself: p.yaml > p.yaml; take one out"),
        ("include: [ring.yaml]\n", "includes itself: p.yaml > ring.yaml > p.yaml"),
        ("include: [broken.yaml]\n", "broken.yaml: is not a mapping"),
        ("include: base.yaml\n", "include: expected a list"),
        ("include: [3]\n", "include[1]: expected text, not 3"),
        ("include: [base.yaml]\ndrop: [gp]\n", "no included rule has the id 'gp'; did you mean"),
        ("include: [base.yaml]\nchange: {gp: {}}\n", "p.yaml:5: no included rule has the id 'gp'"),
        ("include: [base.yaml]\nchange: {gap: {at_most: 2}}\n", "(p.yaml:5): at_most 2 is outside"),
        ("include: [base.yaml]\nchange: {gap: {sevrity: low}}\n", "unknown key 'sevrity'"),
        ("include: [base.yaml]\nchange: {gap: {id: other}}\n", "id 'other' is taken by rules[1]"),
        ("include: [bad.yaml]\n", "rule gap (bad.yaml:7): no probe reports 'bias.parity.accuracy_"),
        ("drop: [gap]\n", "p.yaml:4: drop speaks of included rules, and nothing is included"),
        ("change: {gap: {}}\n", "p.yaml:4: change speaks of included rules, and nothing is"),
        ("include: []\n", "has no rules, so it would pass anything; add one"),
    ],
)
def test_what_is_wrong_with_an_inclusion_is_said(
    tmp_path: Path, cards: dict[str, Card], own: str, said: str
) -> None:
    write(
        tmp_path,
        base=BASE,
        ring=HEAD.format("ring") + "include: [p.yaml]\n",
        broken="- a\n- b\n",
        bad=BASE.replace("accuracy_gap", "accuracy_gp", 1),
        p=HEAD.format("p") + own,
    )
    lines = problems(tmp_path, cards)
    assert any(said in line for line in lines), lines


def entry(**changes: Any) -> str:
    fields = {"control": "GOVERN 1.1", "statement": "s", "owner": "o", "evidence": "proof.txt"}
    return ", ".join(f"{key}: {value}" for key, value in {**fields, **changes}.items())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"attestations: [{{{entry()}}}]\n", "needs an end: expires, or given and review_days"),
        (f"attestations: [{{{entry(given='2026-01-01')}}}]\n", "needs an end"),
        (f"attestations: [{{{entry(expires='2027-01-01', digest='a' * 64)}}}]\n", "has changed"),
        (f"attestations: [{{{entry(expires='2027-01-01', digest='xyz')}}}]\n", "wrong form"),
        (
            f"attestations: [{{{entry(expires='2027-01-01', digest='a' * 64, evidence='no')}}}]\n",
            "no file no beside the policy to hold against the digest",
        ),
        ("missing: [{id: adv.pdg, because: b}]\n", "the catalogue has no control 'adv.pdg'; did"),
        ("missing: [{id: adv.pgd}]\n", "missing key 'because'"),
        (
            "missing: [{id: adv.pgd, because: b}, {id: adv.pgd, because: b}]\n",
            "is taken by missing",
        ),
        ("error_budget: 0\n", "error_budget: must be"),
        ("on_inconclusive: {high: shout}\n", "is not one of the choices"),
        ("on_not_measured: {hihg: fail}\n", "hihg"),
    ],
)
def test_what_is_wrong_with_words_and_budgets_is_said(
    tmp_path: Path, cards: dict[str, Card], text: str, said: str
) -> None:
    (tmp_path / "proof.txt").write_text("proof")
    write(tmp_path, p=BASE + text)
    lines = problems(tmp_path, cards)
    assert any(said in line for line in lines), lines
    assert len(lines) == 1


def test_a_rule_that_covers_what_is_missing_is_said(tmp_path: Path, cards: dict[str, Card]) -> None:
    covering = BASE + "    covers: [adv.pgd]\nmissing: [{id: adv.pgd, because: b}]\n"
    write(tmp_path, p=covering)
    assert "'adv.pgd' is covered by a rule, so it is not missing" in problems(tmp_path, cards)[0]


def test_evidence_is_held_against_its_digest(tmp_path: Path, cards: dict[str, Card]) -> None:
    (tmp_path / "proof.txt").write_text("proof")
    digest = hashlib.sha256(b"proof").hexdigest()
    write(tmp_path, p=BASE + f"attestations: [{{{entry(expires='2027-01-01', digest=digest)}}}]\n")
    assert read(tmp_path, cards).attestations[0].digest == digest
