"""Cards that people edit: their text stays, the evidence is held against the run."""

from pathlib import Path

import pytest
from huggingface_hub import DatasetCard, ModelCard

from tests.cli.conftest import RunMaker, Verb

HUMAN = """\
---
# who may use it
license: mit   # checked by legal
tags: [own, clip]
---
# My model

It sees things.
"""


@pytest.fixture
def card(vlaudit: Verb, run: Path, tmp_path: Path) -> Path:
    place = tmp_path / "README.md"
    assert vlaudit("card", "model", run, "--output", place).exit_code == 0
    return place


def test_a_fresh_card_says_what_was_measured(vlaudit: Verb, run: Path, card: Path) -> None:
    done = vlaudit("card", "--check", card, run)
    assert done.exit_code == 0, done.output
    assert "says what was measured" in done.output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{value: 0.3,", "{value: 0.1,", "bias.own.gap: the card says 0.1 [0.2, 0.4] of 400"),
        ("| **30.0%** |", "| **3.0%** |", "block results is not what was measured"),
        ("| Failed |", "| Passed |", "block verdicts is not what was measured"),
        ("samples: 400", "samples: 4000", "of 4000, the run"),
        ("400 of them kept", "4,000 of them kept", "block data is not what was measured"),
        ("measured: 1\n", "measured: 2\n", "measured: the card says 2, the run 1"),
        ("sha256_of_measurements: ", "sha256_of_measurements: 0", "sha256_of_measurements: the"),
        ("run: r1", "run: r2", "run: the card says 'r2', the run 'r1'"),
    ],
)
def test_an_edited_number_is_found(
    vlaudit: Verb, run: Path, card: Path, old: str, new: str, said: str
) -> None:
    text = card.read_text()
    assert old in text
    card.write_text(text.replace(old, new))
    done = vlaudit("card", "--check", card, run)
    assert done.exit_code == 1
    assert said in done.output


def test_a_persons_words_are_no_difference(vlaudit: Verb, run: Path, card: Path) -> None:
    card.write_text(
        card.read_text().replace("### Direct Use\n\nNot provided.", "### Direct Use\n\nA.")
    )
    assert vlaudit("card", "model", run, "--check", card).exit_code == 0


def test_a_persons_card_gets_a_block_and_keeps_its_text(
    vlaudit: Verb, make_run: RunMaker, tmp_path: Path
) -> None:
    place = tmp_path / "mine.md"
    place.write_text(HUMAN)
    run = make_run()
    assert vlaudit("card", "model", run, "--update", place).exit_code == 0
    first = place.read_text()
    assert "# who may use it\nlicense: mit   # checked by legal\ntags: [own, clip]\n" in first
    assert "# My model\n\nIt sees things.\n\n<!-- vlaudit:begin audit -->" in first
    assert vars(ModelCard(first).data)["license"] == "mit"
    assert vlaudit("card", "--check", place, run).exit_code == 0
    place.write_text(first.replace("It sees things.", "It sees birds.") + "\nBye.\n")
    assert vlaudit("card", "model", make_run(0.05, 0.01, 0.09), "--update", place).exit_code == 0
    second = place.read_text()
    assert "It sees birds." in second
    assert second.endswith("\nBye.\n")
    assert "5.0%" in second
    assert "30.0%" not in second
    assert vlaudit("card", "--check", place, run).exit_code == 1


def test_words_stand_where_nothing_was_measured(vlaudit: Verb, run: Path, tmp_path: Path) -> None:
    words = tmp_path / "card.yaml"
    words.write_text(
        "out_of_scope_use: |\n  Never on people.\n\n  <b>x</b>\nlanguage_s_nlp: German\n"
    )
    place = tmp_path / "card.md"
    before = vlaudit("card", "model", run, "--output", place).output
    after = vlaudit("card", "model", run, "--words", words, "--output", place).output
    text = place.read_text()
    assert "### Out-of-Scope Use\n\nNever on people.\n\n&lt;b&gt;x" in text
    assert "- **Language(s) (NLP):** German *A person's words; not measured.*" in text
    counts = [int(said.split(": ")[1].split(" of ")[0]) for said in (before, after)]
    assert counts[1] == counts[0] + 2
    words.write_text("results: All is well.\n")
    done = vlaudit("card", "model", run, "--words", words)
    assert done.exit_code == 2
    assert "'results' is no open place of this card" in done.output


def test_the_card_of_a_dataset_is_known_by_itself(vlaudit: Verb, run: Path, tmp_path: Path) -> None:
    place = tmp_path / "data.md"
    vlaudit("card", "dataset", run, "--output", place)
    assert DatasetCard.load(place).data.to_dict()["vlaudit"]["rows"] == 400
    assert vlaudit("card", "--check", place, run).exit_code == 0
    place.write_text(place.read_text().replace("rows: 400", "rows: 500"))
    assert vlaudit("card", "--check", place, run).exit_code == 1


def test_what_is_no_card_is_said(vlaudit: Verb, run: Path, tmp_path: Path) -> None:
    place = tmp_path / "plain.md"
    place.write_text("# Nothing\n")
    done = vlaudit("card", "--check", place, run)
    assert done.exit_code == 1
    assert "no evidence of vlaudit" in done.output
    place.write_text("---\n- a\n---\n")
    assert vlaudit("card", "model", run, "--update", place).exit_code == 2
    assert vlaudit("card", "modle", run).exit_code == 2
