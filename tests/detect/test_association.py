from collections.abc import Sequence

import numpy as np
from scipy.stats import chi2_contingency

from vlaudit.core.target import Matrix
from vlaudit.detect.association import Topics, excess, public_name, shared_phrase, topics


def vectors_of(words: Sequence[str], rng: np.random.Generator) -> Matrix:
    table = {word: rng.normal(size=24) for word in dict.fromkeys(words)}
    rows = np.stack([table[word] + rng.normal(0, 0.1, 24) for word in words])
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_excess_is_half_the_g_statistic_with_a_sign() -> None:
    table = np.array([[12, 88], [30, 870]])
    g = chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
    assert np.isclose(excess(12, 100, 30, 900), g / 2)
    assert np.isclose(excess(30, 900, 12, 100), -g / 2)
    assert excess(0, 10, 0, 10) == 0


def test_a_row_belongs_to_the_topic_of_its_caption_whatever_its_label() -> None:
    rng = np.random.default_rng(0)
    words = ["cat", "dog", "cow"] * 40
    labels = list(words)
    labels[0] = "dog"
    found = topics(words, vectors_of(words, rng), labels)
    assert set(found.names[:3]) == {"cat", "dog", "cow"}
    assert found.names[found.owner[0]] == "cat"


def test_captions_without_labels_are_clustered() -> None:
    rng = np.random.default_rng(0)
    words = ["cat", "dog", "cow", "hen"] * 30
    captions = [f"{word} number {row}" for row, word in enumerate(words)]
    found = topics(captions, vectors_of(words, rng), None)
    for word in ("cat", "dog", "cow", "hen"):
        owners = {int(found.owner[row]) for row in range(120) if words[row] == word}
        assert len(owners) <= 3


def test_a_phrase_never_holds_names_numbers_or_addresses() -> None:
    inside = ["a photo of Ada Byron ada@example.com 555-0100"] * 9
    outside = ["a photo of a dog", "two cats on a mat"] * 9
    phrase = shared_phrase(inside, outside)
    assert phrase is None or not set(phrase.split()) & set(inside[0].split()[3:])
    assert shared_phrase(["one ripe banana, yellow banana"] * 9, outside) == "yellow banana"


def test_a_topic_with_the_label_of_a_person_is_not_named() -> None:
    captions = ["a photo of Ada Byron"] * 5 + ["a photo of a dog"] * 5
    found = Topics(("Ada Byron", "dog"), np.eye(2, dtype=np.float32), np.repeat([0, 1], 5))
    assert "Ada" not in public_name(found, 0, captions)
    assert public_name(found, 1, captions) == "'dog'"
