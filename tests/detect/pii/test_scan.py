"""The scanner: names and patterns together, long texts, equal texts, no raw data."""

from collections.abc import Iterator, Sequence

import pytest

from vlaudit.detect.names.recognise import NameRecogniser, Span
from vlaudit.detect.pii.kind import Tier
from vlaudit.detect.pii.patterns import bank
from vlaudit.detect.pii.scan import OVERLAP, WINDOW, Scanner


def ada(texts: Sequence[str]) -> Iterator[list[Span]]:
    """Recognise "Ada Brook" only."""
    for text in texts:
        yield [(i, i + 9) for i in range(len(text)) if text.startswith("Ada Brook", i)]


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(bank(), NameRecogniser("ada", ada))


def test_names_and_patterns_come_in_order_of_place(scanner: Scanner) -> None:
    text = "Ada Brook, mail ada@example.com, and Ada Brook again"
    [found] = scanner.scan([text])
    assert [(entity.name, text[entity.start : entity.end]) for entity in found] == [
        ("PERSON", "Ada Brook"), ("EMAIL_ADDRESS", "ada@example.com"), ("PERSON", "Ada Brook"),
    ]  # fmt: skip
    assert [entity.tier for entity in found] == [Tier.NAME, Tier.CONTACT, Tier.NAME]
    assert [entity.validated for entity in found] == [False, True, False]


def test_a_mask_tells_kind_and_length_only(scanner: Scanner) -> None:
    [[entity]] = scanner.scan(["write to ada@example.com"])
    assert entity.mask == "<EMAIL_ADDRESS:15>"
    assert "ada" not in repr(entity)


@pytest.mark.parametrize(
    "at", [0, WINDOW - 5, WINDOW - OVERLAP - 3, WINDOW, 3 * WINDOW - 700, 9000]
)
def test_a_long_text_loses_nothing_at_the_seams(scanner: Scanner, at: int) -> None:
    secret = "ada.brook@example.com"
    text = "so " * (at // 3) + secret + " it goes" * 900
    [found] = scanner.scan([text])
    assert [(entity.start, entity.end) for entity in found] == [(at // 3 * 3, at // 3 * 3 + 21)]


def test_equal_texts_are_read_once_and_told_each_time() -> None:
    read: list[str] = []

    def count(texts: Sequence[str]) -> Iterator[list[Span]]:
        read.extend(texts)
        return ada(texts)

    progress: list[float] = []
    scanner = Scanner(bank(), NameRecogniser("count", count))
    found = scanner.scan(["Ada Brook", "nobody", "Ada Brook"], progress.append)
    assert read == ["Ada Brook", "nobody"]
    assert [len(entities) for entities in found] == [1, 0, 1]
    assert progress[-1] == 1.0


def test_no_texts_give_no_findings(scanner: Scanner) -> None:
    assert scanner.scan([]) == []
    assert scanner.scan(["", "  "]) == [(), ()]
