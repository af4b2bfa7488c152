import pytest

from tests.probes.bias.conftest import Runner
from vlaudit.core.probe import Inapplicable
from vlaudit.detect import faces
from vlaudit.selftest.fakes import crowd, seer
from vlaudit.selftest.fakes.chronicler import Chronicler
from vlaudit.selftest.memory import MemoryDataset

PROBE = "bias.representation"


@pytest.mark.parametrize("rows", [5, 20, 1000])
@pytest.mark.parametrize("count", [1, 2, 12])
def test_groups_of_any_size_and_number_by_their_shares(run: Runner, rows: int, count: int) -> None:
    accuracy = {f"g{index}": 0.5 for index in range(count)}
    target, data = seer.build(accuracy=accuracy, rows=min(rows, 2400 // count))
    population = [f"gender: {', '.join(f'{name}=1' for name in accuracy)}"]
    measured, findings, _ = run(PROBE, target, data, population=population)
    assert measured["lowest_ratio", ""].value == pytest.approx(1.0)
    assert findings == []
    assert ("evenness", "") in measured or count == 1


def test_the_tone_of_skin_is_guessed_only_when_asked_for(run: Runner) -> None:
    pytest.importorskip("skimage")
    target = Chronicler([])
    data = MemoryDataset([faces.example()] * 2, {}, {"gender": ["a", "b"]})
    measured, _, notes = run(PROBE, target, data)
    assert not any(metric.startswith("tone") for metric, _ in measured)
    measured, _, notes = run(PROBE, target, data, estimate_skin_tone=True)
    assert measured["tone_error", ""].samples == 2
    assert sum(item.value for (metric, _), item in measured.items() if metric == "tone_share") == 1
    assert notes[-1].startswith("Skin tones are guessed from 2 faces, found by the frontal-face")


def test_what_is_declared_but_not_annotated_is_said(run: Runner) -> None:
    target, data = crowd.build(rows={"cook": {"woman": 30, "man": 30}})
    data = MemoryDataset((), data.values, data.attributes)
    _, _, notes = run(PROBE, target, data, population=["age: old=1, young=1"])
    assert notes == ["The population of age is declared, but not annotated."]
    with pytest.raises(Inapplicable, match="no group column is named height; there are: gender"):
        run(PROBE, target, data, attributes=["height"])
