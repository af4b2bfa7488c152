"""Every shipped policy names real things and says where its numbers come from."""

from datetime import date
from importlib.resources import files

import pytest
from typer.testing import CliRunner

from vlaudit import registry
from vlaudit.cli import build
from vlaudit.core.policy import OriginClass
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


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_validates_on_the_command_line(name: str) -> None:
    result = CliRunner().invoke(build(), ["policy", "validate", name])
    assert result.exit_code == 0, result.output
    assert result.output.endswith("valid\n")
