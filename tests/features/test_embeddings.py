"""Shards on disk stand for the matrix that they were cut from."""

from pathlib import Path

import numpy as np
import pytest

from vlaudit.features import Embeddings, Store


@pytest.fixture
def matrix() -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    return np.random.default_rng(0).normal(size=(1000, 8)).astype(np.float32)


def test_rows_come_from_their_shards(
    tmp_path: Path, matrix: "np.ndarray[tuple[int, int], np.dtype[np.float32]]"
) -> None:
    store = Store(tmp_path)
    shards = []
    for at in range(0, 1000, 300):
        store.write(f"{at:064d}", matrix[at : at + 300], {})
        mapped = store.map(f"{at:064d}")
        assert isinstance(mapped, np.memmap)
        shards.append(mapped)
    embeddings = Embeddings(shards)
    assert (len(embeddings), embeddings.dimensions) == (1000, 8)
    rows = np.random.default_rng(1).integers(0, 1000, 5000)
    np.testing.assert_array_equal(embeddings.take(rows), matrix[rows])
    joined = np.concatenate([block for _, block in embeddings.blocks(123)])
    np.testing.assert_array_equal(joined, matrix)


def test_a_shard_without_pictures_stands_for_zeros() -> None:
    ones = np.ones((2, 3), dtype=np.float32)
    embeddings = Embeddings([np.zeros((4, 0), dtype=np.float32), ones])
    assert embeddings.take(np.array([0, 5])).tolist() == [[0, 0, 0], [1, 1, 1]]
    assert Embeddings([]).take(np.array([], dtype=np.intp)).shape == (0, 0)


def test_what_cannot_be_mapped(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.map("0" * 64) is None
    store.write("1" * 64, np.zeros((3, 0), dtype=np.float32), {})
    assert store.map("1" * 64) is None
    (tmp_path / "22").mkdir()
    (tmp_path / "22" / f"{'2' * 64}.safetensors").write_bytes(b"\xff" * 20)
    assert store.map("2" * 64) is None
