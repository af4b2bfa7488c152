"""Which strings in a caption are believed to be personal data, and which are not."""

import inspect
import random
import socket
import string
from typing import Any

import pytest
from presidio_analyzer import EntityRecognizer, predefined_recognizers

from vlaudit.detect.pii.kinds import KINDS
from vlaudit.detect.pii.patterns import Detector, detectors, marks, matches

# English recognisers of presidio-analyzer that propose from other things than patterns.
NOT_PATTERNS = {
    "SpacyRecognizer", "StanzaRecognizer", "TransformersRecognizer", "GLiNERRecognizer",
    "HuggingFaceNerRecognizer", "MedicalNERRecognizer", "AzureAILanguageRecognizer",
    "AzureHealthDeidRecognizer", "AzureOpenAILangExtractRecognizer", "BasicLangExtractRecognizer",
    "LangExtractRecognizer",
}  # fmt: skip


@pytest.fixture(scope="module")
def every() -> list[Detector]:
    return detectors()


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
def test_personal_data_is_found(every: list[Detector], text: str, entity: str) -> None:
    assert entity in [match.kind.entity for match in matches(text, every)]


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_numbers_are_left_alone(every: list[Detector], text: str) -> None:
    assert [match.kind.entity for match in matches(text, every)] == []


def test_matches_do_not_overlap_and_lie_in_order(every: list[Detector]) -> None:
    text = "mail jane@example.com, call +1 415-555-2671, card 4111111111111111, SSN 536-22-1234"
    found = matches(text, every)
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
    alphabet = string.ascii_letters + string.digits * 3 + " -.:@/+()" * 2
    return "".join(rng.choices(alphabet, k=rng.randint(1, 60)))


def test_leaving_detectors_out_loses_no_match(every: list[Detector]) -> None:
    rng = random.Random(0)
    texts = [_noise(rng) for _ in range(400)] + [text for text, _ in PERSONAL] + INNOCENT
    for text in texts:
        seen = marks(text)
        for detector in every:
            if not detector.could_match(seen):
                assert list(detector.proposals(text)) == [], (detector.kind.recogniser, text)


def test_no_network_is_asked(every: list[Detector], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was attempted")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    fresh = detectors()
    for text, entity in PERSONAL:
        assert entity in [match.kind.entity for match in matches(text, fresh)]


@pytest.mark.parametrize(
    "text",
    ["", " ", "a" * 10_000, "1" * 10_000, "@" * 3000, "a." * 700, "::" * 700, "写真" * 3000,
     "1 2-" * 3000, "\x00\ud7ff\n\t", "٠١٢٣٤٥٦٧٨٩" * 20, "🚲" * 500],
)  # fmt: skip
def test_strange_texts_do_no_harm(every: list[Detector], text: str) -> None:
    assert isinstance(matches(text, every), list)
