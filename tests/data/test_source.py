"""What a source may name, and what is said when it names nothing that can be used."""

import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vlaudit.core.config import DataConfig
from vlaudit.core.dataset import Role
from vlaudit.core.errors import InputError
from vlaudit.data import ArrowDataset, load

Load = Callable[..., ArrowDataset]
Encode = Callable[..., bytes]


def put(folder: Path, files: Sequence[str], content: bytes) -> None:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def test_a_folder_with_metadata(tmp_path: Path, pictures: list[str], load_from: Load) -> None:
    rows = pd.DataFrame(
        {
            "file_name": ["red.png", "absent.png", "blue.png"],
            "label": ["01", "02", "03"],
            "split": ["train", "train", "test"],
        }
    )
    rows.to_csv(tmp_path / "img" / "metadata.csv", index=False)
    data = load_from("img")
    assert len(data) == 3
    assert data.texts(Role.LABEL) == ["01", "02", "03"]
    assert data.picture_bytes([1]) == [b""]
    assert data.columns.image == "file_name"


def test_metadata_in_the_folder_of_each_split(
    tmp_path: Path, encode: Encode, load_from: Load
) -> None:
    for split, colour in (("train", "red"), ("test", "blue")):
        put(tmp_path / "data" / split, ["a.png"], encode(colour))
        pd.DataFrame({"file_name": ["a.png"], "text": [colour]}).to_json(
            tmp_path / "data" / split / "metadata.jsonl", orient="records", lines=True
        )
    data = load_from("data")
    assert sorted(zip(data.texts(Role.SPLIT), data.texts(Role.CAPTION), strict=True)) == [
        ("test", "blue"),
        ("train", "red"),
    ]
    assert [picture.getpixel((0, 0)) for picture in data.images([0, 1])] in (
        [(0, 0, 255), (255, 0, 0)],
        [(255, 0, 0), (0, 0, 255)],
    )


def test_folders_of_classes(tmp_path: Path, encode: Encode, load_from: Load) -> None:
    put(tmp_path / "data", ["cat/1.png", "cat/2.JPG", "dog/é 1.jpeg", ".x/h.png"], encode())
    put(tmp_path / "data", ["README.md", "cat/notes.txt"], b"text")
    data = load_from("data")
    assert data.texts(Role.LABEL) == ["cat", "cat", "dog"]
    assert len(data.images(range(3))) == 3
    assert data.columns.split is None


def test_splits_of_classes(tmp_path: Path, encode: Encode, load_from: Load) -> None:
    files = [f"{split}/{name}/1.png" for split in ("test", "train") for name in ("cat", "dog")]
    put(tmp_path / "data", files, encode())
    data = load_from("data", evaluate_on="test")
    assert data.texts(Role.SPLIT) == ["test", "test", "train", "train"]
    assert data.texts(Role.LABEL) == ["cat", "dog", "cat", "dog"]
    assert len(data.evaluation()) == 2


def test_a_class_that_is_named_like_a_split(
    tmp_path: Path, encode: Encode, load_from: Load
) -> None:
    put(tmp_path / "data", ["bus/1.png", "train/1.png", "tram/1.png"], encode())
    data = load_from("data")
    assert data.texts(Role.LABEL) == ["bus", "train", "tram"]
    assert data.columns.split is None


def test_pictures_without_classes(tmp_path: Path, pictures: list[str], load_from: Load) -> None:
    data = load_from("img")
    assert len(data) == 5
    assert data.columns.label is None


def test_shards_named_by_split(tmp_path: Path, load_from: Load) -> None:
    for name in ("train-00000-of-00002", "train-00001-of-00002", "test-00000-of-00001"):
        table = pa.table({"caption": [name]})
        (tmp_path / "data" / "data").mkdir(parents=True, exist_ok=True)
        pq.write_table(table, tmp_path / "data" / "data" / f"{name}.parquet")
    put(tmp_path / "data", ["logo.png", "README.md"], b"")
    for source in ("data", "data/data/*.parquet"):
        data = load_from(source)
        assert data.texts(Role.SPLIT) == ["test", "train", "train"]
    assert load_from("data/data/train*").columns.split is None


def test_files_of_several_kinds_and_columns_are_joined(tmp_path: Path, load_from: Load) -> None:
    pq.write_table(pa.table({"caption": ["a"], "label": [1]}), tmp_path / "1.parquet")
    (tmp_path / "2.csv").write_text("label,gender\ntwo,f\n")
    data = load_from("[12].*")
    assert data.texts(Role.CAPTION) == ["a", None]
    assert data.texts(Role.LABEL) == ["1", "two"]
    assert data.groups("gender") == [None, "f"]


def test_reference_data_come_from_the_resolver(tmp_path: Path) -> None:
    pq.write_table(pa.table({"caption": ["a", "b"]}), tmp_path / "x.parquet")
    asked: list[str] = []

    def files(name: str) -> list[Path]:
        asked.append(name)
        return [tmp_path / "x.parquet", tmp_path / "x.parquet"]

    config = DataConfig(source="reference:clean")
    data = load(config, base=tmp_path, reference=files)
    assert (len(data), data.name, asked) == (4, "reference:clean", ["clean"])
    with pytest.raises(InputError, match="no reference data"):
        load(config, base=tmp_path)


def test_signs_of_patterns_in_the_folder_of_the_configuration(tmp_path: Path) -> None:
    put(tmp_path / "a[1]*", ["1.csv", "2.csv"], b"caption\nx\n")
    for source, rows in (("1.csv", 1), ("*.csv", 2), (".", 2)):
        assert len(load(DataConfig(source=source), base=tmp_path / "a[1]*")) == rows
    with pytest.raises(InputError, match="did you mean"):
        load(DataConfig(source="l.csv"), base=tmp_path / "a[1]*")


def test_the_home_folder_is_expanded(tmp_path: Path, load_from: Load) -> None:
    with pytest.raises(InputError, match=str(Path.home() / "no_such_folder_of_pictures")):
        load_from("~/no_such_folder_of_pictures")


def test_what_cannot_be_read_is_said(tmp_path: Path, load_from: Load) -> None:
    (tmp_path / "empty").mkdir()
    put(tmp_path, ["rows.xlsx", "captions.csv"], b"x")
    cases = {
        "empty": "holds no pictures",
        "rows.xlsx": "none of the tables that can be read",
        "caption.csv": "did you mean 'captions.csv'?",
        "empty/absent": "there is no file or folder",
        "*.nothing": "no file matches",
        "https://user@example.com/rows.csv": "the web address is not valid",
        "nowhere/at/all/x.parquet": "a relative path begins at the folder",
    }
    for source, reason in cases.items():
        with pytest.raises(InputError, match=reason.replace("?", r"\?")):
            load_from(source)


FORBIDDEN = """
import os, sys
from pathlib import Path
from vlaudit.core.config import DataConfig
from vlaudit.core.errors import InputError
from vlaudit.data import load
base = Path(sys.argv[1])
load(DataConfig(source="open.csv"), base=base)
if os.getuid() == 0:  # root may read everything
    os.setuid(65534)
for source in ("shut.csv", "shut"):
    try:
        load(DataConfig(source=source), base=base)
    except InputError as error:
        print(error)
"""


def test_what_may_not_be_read_is_said() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        put(folder, ["open.csv", "shut.csv", "shut/a.csv"], b"caption\nx\n")
        (folder / "shut.csv").chmod(0)
        (folder / "shut").chmod(0)
        folder.chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-c", FORBIDDEN, name], capture_output=True, text=True, check=True
        )
        (folder / "shut").chmod(0o700)
    problems = done.stdout.splitlines()
    assert len(problems) == 2
    assert all("ermission" in problem and "shut" in problem for problem in problems)


def test_a_hub_name_that_cannot_be_reached(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from vlaudit.core.config import DataConfig\n"
        "from vlaudit.core.errors import InputError\n"
        "from vlaudit.data import load\n"
        "try: load(DataConfig(source='some-owner/some-data'), base=Path(sys.argv[1]))\n"
        "except InputError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HOME": str(tmp_path), "HF_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "'some-owner/some-data' is no file or folder" in done.stdout
    assert "Hugging Face hub" in done.stdout
    assert done.stderr == ""


PHOTOS = Path(__file__).parents[3] / "shared" / "data" / "clothing_small_128.tar"


def test_real_photos(tmp_path: Path, load_from: Load) -> None:
    if not PHOTOS.is_file():
        pytest.skip("development photos are absent")
    with tarfile.open(PHOTOS) as archive:
        archive.extractall(tmp_path, filter="data")
    data = load_from("clothing_small", evaluate_on="test", limit=400)
    assert (len(data), len(data.evaluation())) == (400, 39)
    assert len(set(data.texts(Role.LABEL))) == 10
    assert all(min(picture.size) == 128 for picture in data.evaluation().images(range(39)))
