from collections.abc import Sequence

import numpy as np
import pytest

from tests.probes.bias.conftest import Runner
from vlaudit.core.target import Matrix
from vlaudit.selftest.fakes import opinionated
from vlaudit.selftest.memory import MemoryDataset

PROBE = "bias.association"
CONCEPT = "career and family"


class Numb(opinionated.Opinionated):
    """Embeds every text alike."""

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        return np.tile(np.eye(1, 64, dtype=np.float32), (len(texts), 1))


def test_every_declared_metric_is_reported_and_findings_name_rows(run: Runner) -> None:
    target, data = opinionated.build(rows={"a": [60, 60], "b": [60, 60]}, lean=1.5)
    measured, findings, _ = run(PROBE, target, data)
    found = measured["effect_size", f"a {CONCEPT}"]
    assert found.samples == 240
    assert found.interval.low > 0.6
    assert measured["logit_shift", f"a {CONCEPT}"].interval.low > 0
    assert ("effect_size", f"b {CONCEPT}") not in measured
    assert {metric for metric, where in measured if not where} == {
        "association_by_meaning",
        "excess_effect_size",
        "template_spread",
        "associated_concepts",
    }
    finding = findings[0]
    assert finding.summary.startswith(f"{CONCEPT}: pictures of gender a lie nearer to executive,")
    genders = data.groups("gender")
    rows = str(finding.evidence["rows"]).split(", ")
    assert [genders[int(row)] for row in rows] == ["a"] * 5


def test_three_groups_are_each_held_against_the_rest(run: Runner) -> None:
    target, data = opinionated.build(rows={"a": [80], "b": [80], "c": [80]}, lean=1.5)
    measured, _, _ = run(PROBE, target, MemoryDataset(data.pictures, {}, data.attributes))
    a, b, c = (measured["effect_size", f"{name} {CONCEPT}"].value for name in "abc")
    assert a > 0.6
    assert max(b, c) < 0


def test_small_and_missing_groups_are_left_out(run: Runner) -> None:
    target, data = opinionated.build(rows={"a": [40, 40], "b": [40, 40]})
    genders = [*data.groups("gender")[:-4], None, "", "other", "other"]
    data = MemoryDataset(data.pictures, data.values, {"gender": genders, "age": ["old"] * 160})
    measured, findings, notes = run(PROBE, target, data, nonsense=[], templates=["{}"])
    assert measured["effect_size", f"a {CONCEPT}"].samples == 156
    assert ("association_by_meaning", "") not in measured
    assert ("template_spread", "") not in measured
    assert findings == []
    assert any(note.startswith("age has no two groups") for note in notes)


def test_words_are_compared_without_any_groups_in_the_data(run: Runner) -> None:
    target, data = opinionated.build(rows={"a": [2]}, word_lean=8.0)
    data = MemoryDataset(data.pictures)
    measured, findings, _ = run("bias.word_association", target, data)
    assert measured["effect_size", f"gender {CONCEPT}"].interval.low > 0.2
    assert measured["associated_concepts", ""].value == 1 / 8
    assert "'man' lie nearer to executive, salary, office than to home" in findings[0].summary
    measured, findings, _ = run("bias.word_association", Numb(), data)
    assert measured["excess_effect_size", ""].value == pytest.approx(0.0, abs=1e-9)
    assert findings == []
