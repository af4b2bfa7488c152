"""National numbers and words of seven languages; numbers without a word or a check are innocent."""

import numpy as np
import pytest
from faker import Faker

from vlaudit.detect.pii.own import FrNirRecognizer, NlBsnRecognizer, PtNifRecognizer
from vlaudit.detect.pii.patterns import Bank, bank

PERSONAL = [
    ("Meine Steuer-ID ist 86095742719", "DE_TAX_ID"),
    ("Steuernummer 181/815/08155", "DE_TAX_NUMBER"),
    ("auf dem Kennzeichen M-AB 1234", "DE_KFZ"),
    ("geboren am 12.04.1985", "DATE_OF_BIRTH"),
    ("Kontonummer 1234567890", "US_BANK_NUMBER"),
    ("Telefon 089 1234567", "PHONE_NUMBER"),
    ("Codice fiscale RSSMRA85T10A562S", "IT_FISCAL_CODE"),
    ("un hombre con DNI 12345678Z", "ES_NIF"),
    ("teléfono 912 345 678", "PHONE_NUMBER"),
    ("PESEL 44051401359 na zdjęciu", "PL_PESEL"),
    ("zadzwoń 601 234 567", "PHONE_NUMBER"),
    ("numéro de sécurité sociale 2 55 08 14 168 025 38", "FR_NIR"),
    ("Tél : 01 42 68 53 00", "PHONE_NUMBER"),
    ("BSN 111222333", "NL_BSN"),
    ("contribuinte 123456789", "PT_NIF"),
]
INNOCENT = [
    "86095742719", "Tisch 181/815/08155", "rotes Auto M-AB 1234", "PESEL 44051401358",
    "BSN 111222334", "contribuinte 123456788", "DNI 12345678A", "Telefon 2020",
    "numéro de sécurité sociale 2 55 08 14 168 025 39", "robe portable taille 38",
    "Artikelnummer 912345678", "modelo 912 345 678",
]  # fmt: skip


@pytest.fixture(scope="module")
def every() -> Bank:
    return bank()


@pytest.mark.parametrize(("text", "entity"), PERSONAL)
def test_national_numbers_are_found(every: Bank, text: str, entity: str) -> None:
    assert entity in [match.kind.entity for match in every.matches(text)]


@pytest.mark.parametrize("text", INNOCENT)
def test_numbers_without_a_word_or_a_check_are_innocent(every: Bank, text: str) -> None:
    assert [match.kind.entity for match in every.matches(text)] == []


@pytest.mark.parametrize(
    ("locale", "recogniser"), [("nl_NL", NlBsnRecognizer()), ("fr_FR", FrNirRecognizer())]
)
def test_an_independent_generator_of_national_numbers_agrees(
    locale: str, recogniser: NlBsnRecognizer | FrNirRecognizer
) -> None:
    fake = Faker(locale)
    fake.seed_instance(0)
    assert all(recogniser.validate_result(fake.ssn()) for _ in range(50))


@pytest.mark.parametrize(
    ("recogniser", "digits"),
    [(FrNirRecognizer(), 15), (NlBsnRecognizer(), 9), (PtNifRecognizer(), 9)],
)
def test_random_digits_rarely_pass_a_check(
    recogniser: FrNirRecognizer | NlBsnRecognizer | PtNifRecognizer, digits: int
) -> None:
    rng = np.random.default_rng(0)
    made = ["".join(map(str, rng.integers(0, 10, digits))) for _ in range(1000)]
    assert 0 < sum(map(recogniser.validate_result, made)) < 150
