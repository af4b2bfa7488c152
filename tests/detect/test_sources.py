"""Holds of sources against permutations, and addresses against what a budget buys."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from vlaudit.core.errors import InputError
from vlaudit.detect.addressed import addresses, bought, for_sale, host, is_checksum
from vlaudit.detect.sources import Items, holds, items, origins


def test_the_p_value_is_that_of_permutations() -> None:
    rng = np.random.default_rng(0)
    sources = rng.integers(0, 3, 120)
    inside = np.zeros(120, dtype=bool)
    inside[:24] = True
    sources[:10] = 1
    found = holds(Items(("it",), csr_array(inside[:, None].astype(float))), sources)[0]
    seen = (sources[inside] == 1).sum()
    dealt = [(rng.permutation(sources)[inside] == 1).sum() >= seen for _ in range(20_000)]
    assert (found.source, found.rows, found.of) == (1, seen, 24)
    assert found.p_value / 3 == pytest.approx(np.mean(dealt), abs=0.01)
    assert found.excess == pytest.approx(seen / 24 - np.mean(sources == 1))


def test_random_sources_hold_nothing_more_often_than_said() -> None:
    alarms = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        member = csr_array((rng.random((300, 30)) < 0.15).astype(float))
        ranked = holds(Items(tuple("x" * 30), member), rng.integers(0, 12, 300))
        alarms += ranked[0].p_value < 0.05
    assert alarms <= 6


def test_items_are_labels_phrases_and_kinds_and_name_nobody() -> None:
    labels = [("cat", "dog")[row % 2] for row in range(200)]
    captions = [f"Ada Lovelace with a {label} outside" for label in labels]
    found = items(labels, captions, np.zeros((200, 0), dtype=np.float32), 0)
    assert {"label 'cat'", "phrase 'with'", "phrase 'cat outside'"} <= set(found.names)
    assert not any("Ada" in name or "ada" in name for name in found.names)
    place = found.names.index("label 'cat'")
    assert found.member[:, [place]].sum() == 100


def test_origins_are_hosts_or_texts() -> None:
    codes = origins(["https://a.example/1", "http://A.EXAMPLE/2", "Shelf", "shelf ", None, ""])
    assert codes.tolist() == [0, 0, 1, 1, -1, -1]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://Img.Example:8080/x", "img.example"), ("http://user@a.example", "a.example"),
        ("ftp://a.example/x", None), ("a.example/x", None), (None, None), ("https://[::1", None),
    ],
)  # fmt: skip
def test_hosts_of_addresses(address: str | None, name: str | None) -> None:
    assert host(address) == name


def test_a_budget_buys_most_rows_for_its_price() -> None:
    domains = for_sale(["cheap.example", "https://dear.example 50", "*.mid.example 20"], 10)
    assert domains == {"cheap.example": 10, "dear.example": 50, "mid.example": 20}
    sources = ["https://x.cheap.example/1"] * 3 + ["https://dear.example/"] * 30
    sources += ["https://mid.example/"] * 4 + ["https://notcheap.example/"] * 5 + ["no address"]
    named = addresses(sources, ["0" * 64] * 43)
    sold = named.sold(domains)
    assert len(named.rows) == 42
    assert named.pinned.all()
    for budget, rows in ((9, 0), (10, 3), (30, 7), (50, 30), (60, 33), (80, 37)):
        assert bought(sold, domains, budget).sum() == rows
    for wrong in ("nodot", "a.example -3", "a.example cheap"):
        with pytest.raises(InputError, match=r"expired\[0\]"):
            for_sale([wrong], 10)


def test_checksums_are_known_by_their_form() -> None:
    assert is_checksum("sha256:" + "a" * 64)
    assert is_checksum("D" * 32)
    assert not any(map(is_checksum, [None, "", "x" * 64, "a" * 63]))
