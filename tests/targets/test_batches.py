"""Batches shrink when the memory does not suffice, and nothing is lost or done twice."""

from collections.abc import Sequence

import pytest
import torch

from vlaudit.core.errors import TargetError
from vlaudit.targets.batches import Batches


@pytest.mark.parametrize("most", [1, 3, 5, 8, 100])
def test_a_batch_that_does_not_fit_is_halved_for_good(most: int) -> None:
    tried: list[int] = []

    def double(batch: Sequence[int]) -> list[int]:
        tried.append(len(batch))
        if len(batch) > most:
            torch.empty(1 << 55, dtype=torch.uint8)  # more than any machine has
        return [2 * item for item in batch]

    batches = Batches(8)
    items = list(range(21))
    assert [item for part in batches.map(double, items) for item in part] == [2 * i for i in items]
    assert batches.size <= max(most, 1)
    refused = [size for size in tried if size > most]
    assert refused == sorted(set(refused), reverse=True)
    list(batches.map(double, items))
    assert [size for size in tried if size > most] == refused


def test_what_cuda_raises_counts_too() -> None:
    def fn(batch: Sequence[int]) -> int:
        if len(batch) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return len(batch)

    assert sum(Batches(64).map(fn, range(10))) == 10


def test_one_item_that_does_not_fit_says_what_to_do() -> None:
    def fn(batch: Sequence[int]) -> int:
        torch.empty(1 << 55, dtype=torch.uint8)
        return 0

    with pytest.raises(TargetError, match=r"single picture.*target\.precision"):
        list(Batches(4).map(fn, range(4)))


def test_other_errors_are_not_swallowed() -> None:
    def fn(batch: Sequence[int]) -> int:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        list(Batches(4).map(fn, range(4)))


def test_nothing_is_no_batch() -> None:
    assert list(Batches(4).map(len, [])) == []
