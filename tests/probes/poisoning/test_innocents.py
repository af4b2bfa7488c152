"""Data that looks guilty and is not: logos, a product in many shots, captions that are merely bad.

Every probe of the data sees the same rows, and none may accuse them of more than bad captions.
"""

from dataclasses import replace

import numpy as np
import pytest

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.probe import Inapplicable
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes import poisoned
from vlaudit.selftest.fakes.copies import product
from vlaudit.selftest.memory import MemoryDataset

ROWS, SHOTS = 400, 30
PROBES = (
    "data.train_test_leak", "poisoning.influence_of_source", "poisoning.near_duplicates",
    "poisoning.split_view", "poisoning.suspicious_pairs", "poisoning.watermark_and_hidden_text",
    "poisoning.mislabelled_pairs",
)  # fmt: skip
# What is truly there: captions that do not fit, and hosts whose addresses bear no checksum.
TRUE = {"suspicious_pair", "doubtful_caption"}
SETTINGS = {"poisoning.suspicious_pairs": {"candidates": 8, "pictures": 60}}


def innocents() -> tuple[poisoned.Reader, MemoryDataset]:
    """Return a shop's pictures: a rare series, a logo, and three bad captions in ten."""
    target, data = poisoned.build(rate=0.0, logo=0.05, wrong=0.3, rows=ROWS)
    rng = np.random.default_rng(4)
    shots = [product(turn) for turn in range(SHOTS)]
    said = [f"a green bottle, kind {turn}" for turn in range(SHOTS)]
    labels = [*data.texts(Role.LABEL), *["bottle"] * SHOTS]
    hosts = [f"https://host{int(rng.integers(6))}.test/{row}.png" for row in range(ROWS + SHOTS)]
    splits = rng.choice(["train", "test"], ROWS + SHOTS, p=[0.8, 0.2]).tolist()
    values = {
        Role.CAPTION: [*data.texts(Role.CAPTION), *said],
        Role.LABEL: labels,
        Role.SOURCE: hosts,
        Role.SPLIT: splits,
    }
    return target, replace(data, pictures=[*data.pictures, *shots], values=values)


@pytest.mark.parametrize("name", PROBES)
def test_innocent_rows_that_look_guilty_are_not_accused(name: str) -> None:
    target, data = innocents()
    try:
        items = run_in_memory(registry.load(name), target, data, settings=SETTINGS.get(name))
    except Inapplicable:
        return
    accused = [item for item in items if isinstance(item, Finding) and item.kind not in TRUE]
    if name == "poisoning.split_view":
        accused = [item for item in accused if item.kind != "no_checksum"]
    assert [item.kind for item in accused] == []
