"""Every shipped policy names real things and says where its numbers come from."""

from datetime import date
from importlib.resources import files

import pytest
from typer.testing import CliRunner

from vlaudit import registry
from vlaudit.cli import build
from vlaudit.core.finding import Severity
from vlaudit.core.policy import OriginClass
from vlaudit.reading.catalogue import read_catalogue
from vlaudit.reading.framework import read_framework
from vlaudit.reading.policy import notices, policy_names, read_policy

NAMES = policy_names()


def test_the_policies_for_release_and_for_every_change_are_shipped() -> None:
    assert {"release", "ci"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_is_called_what_its_file_is_called_and_can_pass(name: str) -> None:
    cards = registry.cards()
    policy = read_policy(name, cards=cards)
    assert policy.id == name
    assert notices(policy, cards, today=date(2026, 11, 21)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_invents_no_people_and_waives_nothing(name: str) -> None:
    policy = read_policy(name, cards=registry.cards())
    assert (policy.waivers, policy.attestations) == ((), ())


@pytest.mark.parametrize("name", NAMES)
def test_every_number_says_where_it_comes_from(name: str) -> None:
    for rule in read_policy(name, cards=registry.cards()).rules:
        assert len(rule.because.split()) > 5, rule.id
        assert len(rule.origin.text.split()) > 5, rule.id
        if rule.origin.kind is OriginClass.HOUSE:
            assert "standard" in rule.origin.text or "published" in rule.origin.text.lower()


@pytest.mark.parametrize("name", NAMES)
def test_no_policy_promises_what_no_audit_can_show(name: str) -> None:
    text = (files("vlaudit.policies") / f"{name}.yaml").read_text(encoding="utf-8").lower()
    assert "compliant" not in text
    assert "certified" not in text


@pytest.mark.parametrize("name", NAMES)
def test_rules_stand_on_controls_that_a_test_or_document_can_show(name: str) -> None:
    policy = read_policy(name, cards=registry.cards())
    kinds = {control.id: control.kind for control in read_framework(policy.framework).controls}
    assert {kinds[control] for rule in policy.rules for control in rule.controls} <= {
        "measurable",
        "documentable",
    }


@pytest.mark.parametrize("name", ["release", "research", "eu-high-risk"])
def test_every_control_of_the_catalogue_is_carried_out_or_missing_for_a_reason(name: str) -> None:
    policy = read_policy(name, cards=registry.cards())
    covered = {control for rule in policy.rules for control in rule.covers}
    missing = {entry.id for entry in policy.missing}
    proposed = {control.id: control for control in read_catalogue().controls}
    assert covered | missing == set(proposed)
    assert not covered & missing
    assert all(len(entry.because.split()) > 4 for entry in policy.missing)
    for rule in policy.rules:
        for control in rule.covers:
            assert set(rule.controls) & {*proposed[control].controls, "MEASURE 2.13"}, rule.id


def test_no_control_is_taken_more_lightly_than_by_the_catalogue_without_a_reason() -> None:
    gravity = [*Severity]
    rules = [rule for rule in read_policy("release", cards=registry.cards()).rules if rule.covers]
    for control in read_catalogue().controls:
        mine = [rule for rule in rules if control.id in rule.covers]
        if any(gravity.index(rule.severity) >= gravity.index(control.severity) for rule in mine):
            continue
        silent = [rule.id for rule in mine if "catalogue" not in rule.origin.text]
        assert silent == [], f"{control.id} is {control.severity} in the catalogue"


def test_the_demanding_policies_build_on_the_release_policy() -> None:
    cards = registry.cards()
    release, high = (read_policy(name, cards=cards) for name in ("release", "eu-high-risk"))
    assert {rule.id for rule in release.rules} == {rule.id for rule in high.rules}
    assert high.reaction(Severity.HIGH, measured=False) == "fail"
    strict = {rule.id: rule.limit for rule in high.rules}
    assert strict["accuracy"] > next(r.limit for r in release.rules if r.id == "accuracy")


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_validates_on_the_command_line(name: str) -> None:
    result = CliRunner().invoke(build(), ["policy", "validate", name])
    assert result.exit_code == 0, result.output
    assert result.output.endswith("valid\n")
