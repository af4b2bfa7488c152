"""Invented personal data is formally right, decoys are not, and both are put where they say."""

from collections.abc import Iterator, Sequence

import numpy as np
import phonenumbers
import pytest
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, IbanRecognizer

from vlaudit.detect.names.recognise import NameRecogniser, Span
from vlaudit.detect.pii.kind import Tier
from vlaudit.detect.pii.patterns import bank
from vlaudit.detect.pii.planted import decoys, plant, recovered, with_iban_digits, with_luhn_digit
from vlaudit.detect.pii.scan import Scanner

TEXTS = ["a red bicycle", "Two people at a market.", ""]


def nobody(texts: Sequence[str]) -> Iterator[list[Span]]:
    """Recognise no names."""
    return ([] for _ in texts)


@pytest.fixture(scope="module")
def patterns_only() -> Scanner:
    return Scanner(bank(), NameRecogniser("nobody", nobody))


def test_check_digits_are_those_of_published_examples() -> None:
    assert with_luhn_digit("7992739871") == "79927398713"
    assert with_luhn_digit("411111111111111") == "4111111111111111"
    assert with_iban_digits("DE", "370400440532013000") == "DE89370400440532013000"
    assert with_iban_digits("GB", "WEST12345698765432") == "GB82WEST12345698765432"


def test_presidio_agrees_that_the_check_digits_are_right() -> None:
    for p in plant(TEXTS, np.random.default_rng(0), 350):
        secret = p.text[p.start : p.end]
        if secret.replace(" ", "").replace("-", "").isdigit() and len(secret) >= 16:
            assert CreditCardRecognizer().validate_result(secret)
        if secret[:2] in ("GB", "DE", "NL", "BE", "AT") and secret[2:4].isdigit():
            assert IbanRecognizer().validate_result(secret)
        if secret.startswith("+"):
            assert phonenumbers.is_possible_number(phonenumbers.parse(secret))


def test_each_kind_is_planted_as_often() -> None:
    tiers = [p.tier for p in plant(TEXTS, np.random.default_rng(1), 210)]
    assert [tiers.count(t) for t in (Tier.NAME, Tier.CONTACT, Tier.HIGH_RISK)] == [30, 90, 90]


def test_patterns_find_what_is_planted_and_leave_decoys(patterns_only: Scanner) -> None:
    rng = np.random.default_rng(2)
    planted = [p for p in plant(TEXTS, rng, 700) if p.tier != Tier.NAME]
    assert np.mean(recovered(patterns_only, planted)) > 0.99
    assert np.mean(recovered(patterns_only, decoys(TEXTS, rng, 800))) < 0.005


def test_names_are_missed_by_a_recogniser_that_knows_nobody(patterns_only: Scanner) -> None:
    planted = [p for p in plant(TEXTS, np.random.default_rng(3), 70) if p.tier == Tier.NAME]
    assert recovered(patterns_only, planted) == [False] * len(planted)


def test_places_are_right_and_seeds_repeat() -> None:
    first = plant(["{it} {text} {"], np.random.default_rng(4), 50)
    assert first == plant(["{it} {text} {"], np.random.default_rng(4), 50)
    assert all(p.text[p.start : p.end].strip() for p in first)
