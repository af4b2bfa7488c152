"""Stored predictions stand in for the model as far as they go, and no further."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from vlaudit import targets
from vlaudit.core.config import TargetConfig
from vlaudit.core.dataset import Role
from vlaudit.core.errors import InputError
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Ability, DualEncoder, EmbedsImages, ScoresPairs, WritesText
from vlaudit.selftest.memory import MemoryDataset
from vlaudit.targets import LoadedTarget

TEXTS = ["a cat", "a dog", "ünï"]


@pytest.fixture
def rows(images: list[Image.Image]) -> MemoryDataset:
    return MemoryDataset(images, {Role.ID: ["x", "y", "z"]})


@pytest.fixture
def embedded(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for kind, key, values in (("images", "id", ["z", "x", "y"]), ("texts", "text", TEXTS)):
        rows = {key: values, "embedding": list(rng.normal(size=(3, 4)))}
        pd.DataFrame(rows).to_parquet(tmp_path / f"{kind}.parquet")
    return tmp_path


def load(folder: Path, rows: MemoryDataset, **options: Any) -> LoadedTarget:
    config = TargetConfig(model=f"predictions:{folder}", options=options)
    return targets.load(config, base=Path(), rows=rows)


def test_embeddings_are_found_by_picture_and_score_at_the_given_scale(
    embedded: Path, rows: MemoryDataset, images: list[Image.Image]
) -> None:
    loaded = load(embedded, rows, scale=10, bias=-2)
    target = cast("DualEncoder", loaded.target)
    stored = pd.read_parquet(embedded / "images.parquet").set_index("id")["embedding"]
    unit = [stored[key] / np.linalg.norm(stored[key]) for key in ("y", "x")]
    np.testing.assert_allclose(target.embed_images([images[1], images[0]]), unit, atol=1e-6)
    words = target.embed_texts(["a dog"])
    expected = np.array(unit) @ words.T * 10 - 2
    np.testing.assert_allclose(
        target.score_pairs([images[1], images[0]], ["a dog"]), expected, 1e-5
    )
    assert {str(ability) for ability in loaded.facts.abilities} == {
        "embeds_images", "embeds_texts", "scores_pairs",
    }  # fmt: skip
    assert loaded.facts.fingerprint != load(embedded, rows, scale=11).facts.fingerprint


def test_what_is_not_stored_makes_a_probe_inapplicable(
    embedded: Path, rows: MemoryDataset, images: list[Image.Image]
) -> None:
    target = cast("DualEncoder", load(embedded, rows).target)
    with pytest.raises(Inapplicable, match="1 of 2 pictures: the probe alters pictures"):
        target.embed_images([images[0], images[0].rotate(90)])
    with pytest.raises(Inapplicable, match=r"1 of 2 texts, such as 'a fox'; add them to texts"):
        target.embed_texts(["a cat", "a fox"])


def test_scores_and_answers_come_from_tables_of_text(
    tmp_path: Path, rows: MemoryDataset, images: list[Image.Image]
) -> None:
    (tmp_path / "scores.csv").write_text(
        "id,text,score\n"
        + "".join(f"{key},{text},{len(text)}\n" for key in "xyz" for text in TEXTS)
    )
    (tmp_path / "answers.jsonl").write_text(
        "".join(f'{{"id": "{key}", "prompt": "Who?", "answer": "{key}!"}}\n' for key in "xyz")
    )
    loaded = load(tmp_path, rows)
    target = loaded.target
    assert isinstance(target, ScoresPairs)
    assert isinstance(target, WritesText)
    assert not isinstance(target, EmbedsImages)
    np.testing.assert_array_equal(target.score_pairs(images[:1], ["a cat", "ünï"]), [[5, 3]])
    assert target.write_text(images[1:], ["Who?", "Who?"]) == ["y!", "z!"]
    with pytest.raises(Inapplicable, match=r"no answer is stored of 1 of 1 pairs.*'Why"):
        target.write_text(images[:1], ["Why?"])
    assert loaded.facts.lacks[Ability.EMBEDS_IMAGES] == "no such predictions are stored"


def _no_table(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def _wrong_columns(folder: Path) -> None:
    pd.DataFrame({"id": ["x"], "vector": [[1.0]]}).to_parquet(folder / "images.parquet")


def _ragged(folder: Path) -> None:
    rows = {"id": ["x", "y", "z"], "embedding": [[1.0], [1.0, 2.0], [3.0]]}
    pd.DataFrame(rows).to_parquet(folder / "images.parquet")


def _other_width(folder: Path) -> None:
    rows = {"id": ["x", "y", "z"], "embedding": [[1.0], [2.0], [3.0]]}
    pd.DataFrame(rows).to_parquet(folder / "images.parquet")


def _missing_row(folder: Path) -> None:
    table = pd.read_parquet(folder / "images.parquet")
    table[table.id != "y"].to_parquet(folder / "images.parquet")


def _twice(folder: Path) -> None:
    table = pd.read_parquet(folder / "images.parquet")
    pd.concat([table, table]).to_parquet(folder / "images.parquet")


def _damaged(folder: Path) -> None:
    (folder / "texts.parquet").write_bytes(b"PAR1 no")


def _no_number(folder: Path) -> None:
    (folder / "scores.csv").write_text("id,text,score\nx,a,5\ny,a,good\nz,a,1\n")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_no_table, "holds no stored predictions"),
        (_wrong_columns, "lacks embedding"),
        (_ragged, "lists of numbers of one length"),
        (_other_width, "have 1 dimensions, but those of texts have 4"),
        (_missing_row, "lacks 1 of 3 rows of the data, such as 'y'"),
        (_twice, "two embeddings of one id"),
        (_damaged, r"texts\.parquet cannot be read"),
        (_no_number, "a score that is no number"),
    ],
)
def test_tables_that_cannot_be_used_say_why(
    embedded: Path, rows: MemoryDataset, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(embedded)
    with pytest.raises(InputError, match=said):
        load(embedded, rows)


def test_a_path_or_an_option_that_is_wrong(embedded: Path, rows: MemoryDataset) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load(embedded / "nowhere", rows)
    with pytest.raises(InputError, match=r"target\.options\.scale: 'big' is no number"):
        load(embedded, rows, scale="big")
