"""Splits, samples, ids and everything else that is decided while loading."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from vlaudit.core.config import DataConfig, PicturesConfig
from vlaudit.core.errors import InputError
from vlaudit.data import ArrowDataset, load

Load = Callable[..., ArrowDataset]


@pytest.fixture
def thousand(tmp_path: Path) -> str:
    """A thousand rows, a tenth of them in the split `test`."""
    split = ["test" if row % 10 == 0 else "train" for row in range(1000)]
    rows = pd.DataFrame({"id": [f"r{row}" for row in range(1000)], "split": split})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    return "rows.csv"


def test_one_split_is_kept(thousand: str, load_from: Load) -> None:
    data = load_from(thousand, split="test")
    assert data.ids()[:3] == ["r0", "r10", "r20"]
    assert data.rows == range(100)
    assert len(load_from(thousand, split="test", evaluate_on="test").evaluation()) == 100


def test_evaluation_is_one_split_or_all_rows(thousand: str, load_from: Load) -> None:
    assert len(load_from(thousand).evaluation()) == 1000
    data = load_from(thousand, evaluate_on="test")
    assert data.evaluate_on == "test"
    assert data.evaluation().ids()[:3] == ["r0", "r10", "r20"]
    assert data.select(range(15)).evaluation().rows == [0, 10]


def test_unknown_splits_are_all_reported(thousand: str, load_from: Load) -> None:
    with pytest.raises(InputError) as caught:
        load_from(thousand, split="trian", evaluate_on="validation")
    assert caught.value.problems == (
        "data.split: no row is of split 'trian'; did you mean 'train'?; present: test, train",
        "data.evaluate_on: no row is of split 'validation'; present: test, train",
        "data.evaluate_on is 'validation', but data.split keeps 'trian' only; "
        "remove one of the two",
    )


def test_a_split_needs_a_column(tmp_path: Path, load_from: Load) -> None:
    (tmp_path / "rows.csv").write_text("caption\nx\n")
    with pytest.raises(InputError, match=r"name one under data\.columns\.split"):
        load_from("rows.csv", evaluate_on="test")


@pytest.mark.parametrize("limit", [10, 55, 999])
def test_a_sample_has_the_same_share_of_each_split(
    limit: int, thousand: str, load_from: Load
) -> None:
    data = load_from(thousand, limit=limit, evaluate_on="test")
    assert len(data) == limit
    assert abs(len(data.evaluation()) - limit / 10) <= 1
    assert len(set(data.ids())) == limit
    assert data.rows == range(limit)
    assert any(f"a sample of {limit} of 1000 rows" in note for note in data.notes)


def test_a_sample_is_drawn_by_the_seed(thousand: str, load_from: Load) -> None:
    first, again, other = (load_from(thousand, limit=50, seed=seed).ids() for seed in (1, 1, 2))
    assert first == again != other
    assert first == sorted(first, key=lambda name: int(name[1:]))


def test_every_row_is_as_likely_in_a_sample(thousand: str, load_from: Load) -> None:
    drawn = Counter(
        row for seed in range(40) for row in load_from(thousand, limit=250, seed=seed).ids()
    )
    # 40 draws of a quarter: ten times each, give or take.
    assert len(drawn) == 1000
    assert max(drawn.values()) <= 23


def test_a_limit_above_the_rows_changes_nothing(thousand: str, load_from: Load) -> None:
    assert load_from(thousand, limit=5000).digest == load_from(thousand).digest


def test_row_numbers_are_those_of_the_whole_source(tmp_path: Path, load_from: Load) -> None:
    (tmp_path / "rows.csv").write_text("caption,split\nx,train\ny,test\nz,test\n")
    assert load_from("rows.csv", split="test").ids() == ["1", "2"]


def test_the_name_is_the_users_or_that_of_the_source(thousand: str, load_from: Load) -> None:
    assert load_from(thousand).name == "rows"
    assert load_from(thousand, name="Thousand").name == "Thousand"


def test_a_sample_without_rows_for_evaluation_is_refused(thousand: str, load_from: Load) -> None:
    with pytest.raises(InputError, match="leaves no row of split 'test'; raise it"):
        load_from(thousand, limit=1, evaluate_on="test")


def test_no_place_for_temporary_files(
    thousand: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))
    with pytest.raises(InputError, match="set TMPDIR"):
        load(DataConfig(source=thousand), base=tmp_path)


FULL = """
import resource, signal, sys
from pathlib import Path
from vlaudit.core.config import DataConfig, PicturesConfig
from vlaudit.core.errors import InputError
from vlaudit.data import load
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
base = Path(sys.argv[1])
try:
    load(DataConfig(source="rows.csv"), base=base, cache=base / "cache")
except InputError as error:
    print(error)
"""


def test_a_cache_that_cannot_grow(thousand: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert str(tmp_path / thousand) in done.stdout
    assert "that the cache can be written and has room" in done.stdout


def test_the_limits_of_pictures_are_passed_on(tmp_path: Path, pictures: list[str]) -> None:
    data = load(DataConfig(source="img", pictures=PicturesConfig(pixels=10)), base=tmp_path)
    with pytest.raises(InputError, match="row 0: more than 1e-05 million pixels"):
        data.images([0])


def test_without_a_cache_nothing_is_left_behind(
    thousand: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    data = load(DataConfig(source=thousand), base=tmp_path)
    assert len(list((tmp_path / "tmp").iterdir())) == 1
    del data
    assert not list((tmp_path / "tmp").iterdir())
    with pytest.raises(InputError):
        load(DataConfig(source=thousand, split="x"), base=tmp_path)
    assert not list((tmp_path / "tmp").iterdir())
