import numpy as np
import pytest

from vlaudit.core.errors import TargetError
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Matrix
from vlaudit.features import TargetFeatures, encode
from vlaudit.metrics.harm import choose, label_sets, tally
from vlaudit.selftest.fakes import namecaller
from vlaudit.selftest.fakes.seer import Seer

HARMS = ["crime: thief, criminal", "other: pig"]


def test_labels_are_read_each_once() -> None:
    sets = label_sets(["person", "thief", "person", ""], HARMS, ["wug", "wug"])
    assert sets.neutral == ("person",)
    assert sets.harms == {"crime": ("thief", "criminal"), "other": ("pig",)}
    assert sets.nonsense == ("wug",)
    for neutral, harms in ((["person"], ["crime"]), (["thief"], HARMS), (["person"], [])):
        with pytest.raises(Inapplicable):
            label_sets(neutral, harms, [])


def test_pictures_are_counted_by_what_they_are_called() -> None:
    called = {"a": {"thief": 0.2, "wug": 0.1}, "b": {"pig": 0.5}}
    target, data = namecaller.build(rows={"a": 10, "b": 10}, called=called)
    features = TargetFeatures(target, encode(target, data))
    chosen = choose(features, data, label_sets(["person"], HARMS, ["wug", "dax"]), ["a {}"])
    codes = np.repeat([0, 1], 10).astype(np.int16)
    found = tally(chosen, np.arange(20), codes)
    assert found.harmed.tolist() == [[2, 0], [0, 5]]
    assert found.harmed_only.tolist() == [[2, 0], [0, 5]]
    assert found.idle_only.tolist() == [[1, 0], [1, 0]]
    assert found.sizes.tolist() == [[10, 10], [10, 10]]
    assert [chosen.words[chosen.word[row]] for row in np.flatnonzero(chosen.sure)] == (
        ["thief"] * 2 + ["pig"] * 5
    )


class Lost(Seer):
    """Gives no number."""

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        return np.full((len(images), len(texts)), np.nan, dtype=np.float32)


def test_scores_that_are_no_numbers_are_refused() -> None:
    _, data = namecaller.build(rows={"a": 2}, called={})
    target = Lost(["person"])
    features = TargetFeatures(target, encode(target, data))
    with pytest.raises(TargetError, match="not finite"):
        choose(features, data, label_sets(["person"], HARMS, []), ["a {}"])
