import pytest

from tests.probes.bias.conftest import Runner
from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.captions import telling_prompt
from vlaudit.metrics.word_sets import read_sets, set_of_group, used, words_of
from vlaudit.selftest.fakes import chronicler
from vlaudit.selftest.fakes.chronicler import Chronicler
from vlaudit.selftest.memory import MemoryDataset

PROBE = "bias.caption_parity"


class Instructed(Chronicler):
    """Writes only when it is told to describe."""

    def write_text(self, images, prompts):  # type: ignore[no-untyped-def]
        texts = super().write_text(images, prompts)
        return [text if prompt else "a a a" for text, prompt in zip(texts, prompts, strict=True)]


def test_every_declared_metric_is_reported_and_findings_name_rows(run: Runner) -> None:
    target, data = chronicler.build(rows={"woman": 200, "man": 200}, wrong={"woman": 0.2})
    measured, findings, notes = run(PROBE, target, data, draws=100)
    assert {metric for metric, where in measured if not where} >= {
        "wrong_gender_rate",
        "wrong_gender_gap",
        "gender_word_rate",
        "gender_word_gap",
        "theme_gap",
        "length_gap",
        "detail_gap",
        "leakage",
    }
    assert measured["wrong_gender_gap", ""].interval.low > 0.1
    assert measured["theme_rate", "looks woman"].samples == 200
    rows = [item for item in findings if item.kind == "wrong_gender_word"]
    assert all(data.groups("gender")[int(str(item.row))] == "woman" for item in rows)
    assert "male people only" in rows[0].summary
    assert notes[0].startswith("The model was given 'Describe")


@pytest.mark.parametrize("rows", [5, 20, 200])
@pytest.mark.parametrize("count", [2, 12])
def test_groups_of_any_size_and_number_that_fare_alike(run: Runner, rows: int, count: int) -> None:
    names = {f"g{at}": rows for at in range(count)}
    target, data = chronicler.build(rows=names, looks=dict.fromkeys(names, 0.2))
    measured, findings, _ = run(PROBE, target, data, draws=100, min_group_rows=5)
    assert measured["theme_gap", ""].interval.low == 0.0
    assert measured["leakage", ""].interval.low <= 0.05
    assert findings == []
    assert ("wrong_gender_rate", "") not in measured


def test_rows_without_a_group_are_left_out_and_other_scripts_are_read(run: Runner) -> None:
    target, data = chronicler.build(rows={"woman": 60, "man": 60})
    target.texts = tuple(f"{text}, Frau Müller 東京" for text in target.texts)
    genders = [None if row % 4 == 0 else group for row, group in enumerate(data.groups("gender"))]
    data = MemoryDataset(data.pictures, data.values, {"gender": genders})
    measured, _, _ = run(PROBE, target, data, draws=50)
    assert measured["wrong_gender_rate", ""].samples == 90
    target.texts = ("",) * len(target.texts)
    with pytest.raises(Inapplicable, match="the model wrote no word"):
        run(PROBE, target, data)


def test_the_prompt_that_makes_the_model_talk_is_used(run: Runner) -> None:
    target, data = chronicler.build(rows={"woman": 30, "man": 30})
    mute = Instructed(target.texts)
    _, _, notes = run(PROBE, mute, data, prompts=["", "Describe."], draws=20)
    assert "'Describe.'" in notes[0]
    with pytest.raises(Inapplicable, match="setting `prompts` is empty"):
        telling_prompt(target, data, [], rng=None)  # type: ignore[arg-type]


def test_words_are_told_by_sets() -> None:
    sets = read_sets(["female: woman, Girl", "male: man"])
    assert used([words_of("A WOMAN's hat"), words_of("a human")], sets).tolist() == [
        [True, False],
        [False, False],
    ]
    assert [set_of_group(name, sets) for name in ("F", "girl", "male", "x", None)] == [
        0,
        0,
        1,
        None,
        None,
    ]
    with pytest.raises(Inapplicable, match="not of the form"):
        read_sets(["female"])
