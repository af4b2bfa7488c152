"""Each picture is encoded once; a second audit reads it back; the unreadable are set aside."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role, Unreadable
from vlaudit.core.target import Matrix
from vlaudit.features import Store, TargetFeatures, encode
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset


class Counting(Seer):
    """Counts the pictures and texts that it encodes."""

    def __init__(self) -> None:
        super().__init__(["cat", "dog"])
        self.pictures = 0
        self.words = 0

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        self.pictures += len(images)
        return super().embed_images(images)

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        self.words += len(texts)
        return super().embed_texts(texts)


class Damaged(MemoryDataset):
    """Every tenth picture cannot be decoded."""

    def decode(self, positions: Sequence[int]) -> list[Image.Image | Unreadable]:
        return [
            Unreadable(reason="truncated") if self.rows[at] % 10 == 0 else self.images([at])[0]
            for at in positions
        ]


def pictures(count: int) -> list[Image.Image]:
    return [Image.new("RGB", (4, 4), (row % 2, row % 256, row // 256)) for row in range(count)]


def test_a_second_audit_reads_back_what_the_first_encoded(tmp_path: Path) -> None:
    data = MemoryDataset(pictures(1100), {Role.LABEL: ["cat"] * 1100})
    first, second = Counting(), Counting()
    once = encode(first, data, store=Store(tmp_path))
    again = encode(second, data, store=Store(tmp_path))
    assert (first.pictures, second.pictures) == (1100, 0)
    assert (once.reused, again.reused) == (0, 1100)
    np.testing.assert_array_equal(once.matrix, again.matrix)


def test_another_model_or_another_picture_is_encoded_anew(tmp_path: Path) -> None:
    data = MemoryDataset(pictures(10))
    encode(Counting(), data, store=Store(tmp_path))
    other = Counting()
    other.fingerprint = "1" * 64
    assert encode(other, data, store=Store(tmp_path)).reused == 0
    changed = [*pictures(9), Image.new("RGB", (4, 4), (1, 200, 0))]
    assert encode(Counting(), MemoryDataset(changed), store=Store(tmp_path)).reused == 0


def test_a_damaged_or_unwritable_store_is_no_obstacle(tmp_path: Path) -> None:
    data = MemoryDataset(pictures(10))
    encode(Counting(), data, store=Store(tmp_path))
    for chunk in tmp_path.rglob("*.safetensors"):
        chunk.write_bytes(b"damaged")
    assert encode(Counting(), data, store=Store(tmp_path)).reused == 0
    (tmp_path / "file").write_text("")
    assert encode(Counting(), data, store=Store(tmp_path / "file")).matrix.shape == (10, 3)


def test_unreadable_pictures_are_set_aside_and_remembered(tmp_path: Path) -> None:
    data = Damaged(pictures(30))
    encode(Counting(), data, store=Store(tmp_path))
    encoded = encode(Counting(), data, store=Store(tmp_path))
    assert encoded.unreadable == {0: "truncated", 10: "truncated", 20: "truncated"}
    good = data.select([row for row in range(30) if row % 10])
    features = TargetFeatures(Counting(), encoded)
    np.testing.assert_allclose(np.linalg.norm(features.images(good), axis=1), 1)


def test_rows_of_a_selection_keep_their_embeddings() -> None:
    whole = MemoryDataset(pictures(50))
    part = whole.select(range(20, 40))
    target = Counting()
    features = TargetFeatures(target, encode(target, part))
    odd = part.select([1, 3, 5])
    np.testing.assert_array_equal(features.images(odd), target.embed_images(odd.images(range(3))))


def test_scores_equal_those_of_the_target_and_texts_are_embedded_once() -> None:
    data = MemoryDataset(pictures(20))
    target = Counting()
    features = TargetFeatures(target, encode(target, data))
    texts = ["a cat", "a dog", "a cat"]
    features.scores(data, texts)
    scores = features.scores(data, texts)
    assert target.words == 2
    np.testing.assert_allclose(scores, target.score_pairs(data.images(range(20)), texts))


class Pairs:
    """Scores pairs without embeddings, and counts them."""

    name = "pairs"
    fingerprint = "0" * 64

    def __init__(self) -> None:
        self.scored = 0

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        self.scored += len(images) * len(texts)
        means = np.array([np.asarray(image, np.float32).mean() for image in images], np.float32)
        return np.asarray(means[:, None] + [len(text) for text in texts], dtype=np.float32)


def test_a_pair_without_embeddings_is_scored_once() -> None:
    whole = MemoryDataset(pictures(30))
    part = whole.select(range(5, 25))
    target = Pairs()
    features = TargetFeatures(target, encode(target, part), batch_size=7)
    first = features.scores(part, ["a cat", "a dog", "a cat"])
    np.testing.assert_allclose(
        first, target.score_pairs(part.images(range(20)), ["a cat", "a dog", "a cat"])
    )
    target.scored = 0
    few = part.select([19, 3])
    again = features.scores(few, ["a dog", "a cat"])
    assert target.scored == 0
    np.testing.assert_array_equal(again, first[[few.rows[0] - 5, few.rows[1] - 5]][:, [1, 0]])
    features.scores(few, ["a cat", "a bird"])
    assert target.scored == 2
    features.scores(part, ["a bird"])
    assert target.scored == 2 + 20
