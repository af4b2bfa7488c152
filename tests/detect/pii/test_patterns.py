"""Which strings in a caption are believed to be personal data, and which are not."""

import inspect
import random
import socket
import string
from typing import Any

import pytest
from presidio_analyzer import EntityRecognizer, predefined_recognizers

from vlaudit.detect.pii.kinds import KINDS
from vlaudit.detect.pii.patterns import Bank, Detector, bank

# English recognisers of presidio-analyzer that propose from other things than patterns.
NOT_PATTERNS = {
    "SpacyRecognizer", "StanzaRecognizer", "TransformersRecognizer", "GLiNERRecognizer",
    "HuggingFaceNerRecognizer", "MedicalNERRecognizer", "AzureAILanguageRecognizer",
    "AzureHealthDeidRecognizer", "AzureOpenAILangExtractRecognizer", "BasicLangExtractRecognizer",
    "LangExtractRecognizer",
}  # fmt: skip


@pytest.fixture(scope="module")
def every() -> Bank:
    return bank()


PERSONAL = [
    ("mail jane.roe@example.com now", "EMAIL_ADDRESS"),
    ("müller@example.de", "EMAIL_ADDRESS"),
    ("a.b+c@sub.example.co.uk, at home", "EMAIL_ADDRESS"),
    ("call 415-555-2671", "PHONE_NUMBER"),
    ("+49 30 901820", "PHONE_NUMBER"),
    ("(212) 555-0142 x22", "PHONE_NUMBER"),
    ("+44 7700 900123", "PHONE_NUMBER"),
    ("020 7946 0018", "PHONE_NUMBER"),
    ("phone 01632 960123", "PHONE_NUMBER"),
    ("call 555-0123", "PHONE_NUMBER"),
    ("4111 1111 1111 1111", "CREDIT_CARD"),
    ("paid with 378282246310005", "CREDIT_CARD"),
    ("card number 4222222222222", "CREDIT_CARD"),
    ("DE89370400440532013000", "IBAN_CODE"),
    ("GB82 WEST 1234 5698 7654 32", "IBAN_CODE"),
    ("536-22-1234", "US_SSN"),
    ("SSN 900-12-3456", "US_SSN"),
    ("on 198.51.100.77", "IP_ADDRESS"),
    ("2001:db8::1", "IP_ADDRESS"),
    ("4f8a:c99e:dc86:faf9:5988:5f63:375e:8a2a", "IP_ADDRESS"),
    ("passport number 912803456", "US_PASSPORT"),
    ("AB 12 34 56 C", "UK_NINO"),
    ("1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "CRYPTO"),
    ("00:1A:2B:3C:4D:5E", "MAC_ADDRESS"),
    ("550e8400-e29b-41d4-a716-446655440000", "UUID"),
    ("DOB: 04/12/1985", "DATE_OF_BIRTH"),
    ("licence plate AB12 CDE", "UK_VEHICLE_REGISTRATION"),
    ("https://example.com/u/jane", "URL"),
    ("my bank account 1234567890", "US_BANK_NUMBER"),
    ("driver's license D1234567", "US_DRIVER_LICENSE"),
    ("NHS number 943 476 5919", "UK_NHS"),
    ("aadhaar 2345 6789 0124", "IN_AADHAAR"),
    ("tax file number 876 543 210", "AU_TFN"),
]
INNOCENT = [
    "Nike Air Max 90 size 42", "item 415-555-2671", "SKU 4111 1111 1111 1111",
    "model X200-4455, 120 x 80 x 200 cm", "ISBN 978-3-16-148410-0", "EAN 4006381333931",
    "4006381333931", "version 1.2.3.4", "1.2.3.4", "photo taken 2015-12-30 at 12:30:45",
    "$1,299.99 on 12.5.2020", "order 20231105123456", "shirt.In blue", "123456789", "1234567890123",
    "a plate AB12 CDE", "2000 4000 6000", "seen at 10::30", "IMG_20200101_123456.jpg",
    "DSC01234 5678901234", "MLK 1929-1968", "tickets 0800-1800 every day", "1 800 000 000 people",
    "4111 1111 1111 1112", "536-00-1234", "078-05-1120", "user@localhost", "phone 64 128 256 GB",
    "origin: 123456789", "hotel 12345678", "the united states, 123456789", "AB123456C bolt",
    "bus AB12345 to 4000", "M8 8MM bolts", "JK1234567", "2020/123456/07", "@handle", "3:4:5",
    "call a taxi to 26 Elm Street", "phone box 58", "1:2:3:4:5:6:7:8", "fax machine 2000",
]  # fmt: skip


@pytest.mark.parametrize(("text", "entity"), PERSONAL)
def test_personal_data_is_found(every: Bank, text: str, entity: str) -> None:
    assert entity in [match.kind.entity for match in every.matches(text)]


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_numbers_are_left_alone(every: Bank, text: str) -> None:
    assert [match.kind.entity for match in every.matches(text)] == []


def test_matches_do_not_overlap_and_lie_in_order(every: Bank) -> None:
    text = "mail jane@example.com, call +1 415-555-2671, card 4111111111111111, SSN 536-22-1234"
    found = every.matches(text)
    assert [text[m.start : m.end] for m in found] == [
        "jane@example.com", "+1 415-555-2671", "4111111111111111", "536-22-1234",
    ]  # fmt: skip


def test_every_english_pattern_recogniser_of_presidio_has_a_kind() -> None:
    known = {kind.recogniser for kind in KINDS} | NOT_PATTERNS
    missing = [
        name
        for name, made in inspect.getmembers(predefined_recognizers, inspect.isclass)
        if issubclass(made, EntityRecognizer)
        and name not in known
        and _default_language(made) == "en"
    ]
    assert missing == []


def _default_language(recogniser: Any) -> str:
    return str(inspect.signature(recogniser.__init__).parameters["supported_language"].default)


def _noise(rng: random.Random) -> str:
    pieces = ["2015", "12", "030", "+", "(0)", " ", " ", "-", ".", "/", "x", "ext. ", ", ", "a"]
    if rng.random() < 0.5:
        return "".join(rng.choices(pieces, k=rng.randint(1, 14)))
    alphabet = string.ascii_letters + string.digits * 3 + " -.:@/+()" * 2
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(1, 60)))


def _all_of(detector: Detector, text: str) -> set[tuple[int, int]]:
    """Return what presidio's recogniser returns, asked directly."""
    found = detector.recogniser.analyze(text, detector.recogniser.supported_entities, None)
    return {(result.start, result.end) for result in found}


def test_the_sieve_loses_no_finding_of_presidio(every: Bank) -> None:
    rng = random.Random(0)
    texts = [_noise(rng) for _ in range(500)] + [text for text, _ in PERSONAL] + INNOCENT
    texts += ["call 1 ext 3456789", "1      x      3456789", "\uff0b49 30 901820", "+800 12345678"]
    for text in texts:
        passed: dict[str, set[tuple[int, int]]] = {}
        for detector, start, end in every.proposals(text):
            passed.setdefault(detector.kind.recogniser, set()).add((start, end))
        for detector in every.detectors:
            lost = _all_of(detector, text) - passed.get(detector.kind.recogniser, set())
            assert not lost, (detector.kind.recogniser, text)


def test_no_network_is_asked(every: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was attempted")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    fresh = bank([*KINDS[1:], KINDS[0]])  # in another order, so that it is built anew
    for text, entity in PERSONAL:
        assert entity in [match.kind.entity for match in fresh.matches(text)]


@pytest.mark.parametrize(
    "text",
    ["", " ", "a" * 10_000, "1" * 10_000, "@" * 3000, "a." * 700, "::" * 700, "写真" * 3000,
     "1 2-" * 3000, "\x00\ud7ff\n\t", "٠١٢٣٤٥٦٧٨٩" * 20, "🚲" * 500],
)  # fmt: skip
def test_strange_texts_do_no_harm(every: Bank, text: str) -> None:
    assert isinstance(every.matches(text), list)
