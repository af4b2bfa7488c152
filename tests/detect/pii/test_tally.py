"""Counting a stream: the same numbers as at once, the gravest finds, memory that does not grow."""

import tracemalloc

import numpy as np
import pytest

from vlaudit.core.errors import InputError
from vlaudit.detect.names.recognise import NameRecogniser
from vlaudit.detect.pii.patterns import bank
from vlaudit.detect.pii.reference import reviewed
from vlaudit.detect.pii.scan import Scanner
from vlaudit.detect.pii.tally import CARRIERS, Tally


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(bank(), NameRecogniser("nobody", lambda texts: iter([()] * len(texts))))


def counted(scanner: Scanner, texts: list[str], size: int, most: int = 10) -> Tally:
    tally = Tally(scanner, np.random.default_rng(0), most)
    for start in range(0, len(texts), size):
        part = texts[start : start + size]
        tally.add([str(start + i) for i in range(len(part))], part)
    return tally


def test_pieces_give_what_the_whole_gives(scanner: Scanner) -> None:
    texts = [f"dog {i}" for i in range(50)] + ["a@example.com", "4111 1111 1111 1111"] * 3
    one, many = counted(scanner, texts, 100), counted(scanner, texts, 7)
    assert one.hits == many.hits == {"any": 6, "contact": 3, "high_risk": 3, "validated": 6}
    assert (one.rows, one.distinct) == (many.rows, many.distinct) == (56, 52)
    assert one.gravest == many.gravest
    assert [found.entity.name for found in one.gravest] == ["CREDIT_CARD"] * 3 + [
        "EMAIL_ADDRESS"
    ] * 3
    assert [found.row for found in one.gravest][:3] == ["51", "53", "55"]


def test_only_the_gravest_are_kept(scanner: Scanner) -> None:
    tally = counted(scanner, ["a@example.com"] * 20 + ["4111 1111 1111 1111"], 4, most=2)
    assert [found.entity.name for found in tally.gravest] == ["CREDIT_CARD", "EMAIL_ADDRESS"]
    assert tally.finds == 21


def test_carriers_are_a_uniform_sample(scanner: Scanner) -> None:
    tally = counted(scanner, [f"dog {i % 100} {'x' * (i // 3000)}" for i in range(6000)], 1000)
    assert len(tally.carriers) == CARRIERS
    late = np.mean([text.endswith("x") for text in tally.carriers])
    assert late == pytest.approx(0.5, abs=0.05)


def test_memory_does_not_grow_with_the_number_of_captions(scanner: Scanner) -> None:
    tally = counted(scanner, [f"dog {i % 3000}" for i in range(3000)], 1000)
    batch = [f"dog {i}" for i in range(3000)]
    rows = [str(i) for i in range(3000)]
    tracemalloc.start()
    for _ in range(10):
        tally.add(rows, batch)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 30_000 * 16


def test_custom_kinds_and_allowed_texts() -> None:
    names = NameRecogniser("nobody", lambda texts: iter([()] * len(texts)))
    scanner = Scanner(
        bank(custom=["employee id=EMP-\\d{6}"]), names, allowed=frozenset({"info@example.com"})
    )
    found = scanner.scan(["badge EMP-123456", "mail INFO@example.com", "mail ada@example.com"])
    assert [[(e.name, e.tier.value) for e in one] for one in found] == [
        [("EMPLOYEE_ID", "custom")], [], [("EMAIL_ADDRESS", "contact")],
    ]  # fmt: skip


@pytest.mark.parametrize("given", ["EMP", "EMP=(", "=x", "EMP= "])
def test_a_custom_kind_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(InputError, match="custom kind"):
        bank(custom=[given])


def test_reviewed_counts_are_right_and_wrong() -> None:
    assert reviewed(["person=18/20"]) == {"PERSON": (18, 2)}


@pytest.mark.parametrize("given", ["PERSON=2/1", "PERSON", "PERSON=0/0", "PERSON=a/b"])
def test_reviewed_counts_that_are_no_share_are_refused(given: str) -> None:
    with pytest.raises(InputError, match="reviewed"):
        reviewed([given])
