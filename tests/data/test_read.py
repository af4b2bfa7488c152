"""Every kind of table and saved dataset, read from real small files."""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vlaudit.core.config import DataConfig
from vlaudit.core.dataset import Role
from vlaudit.core.errors import InputError
from vlaudit.data import ArrowDataset
from vlaudit.data.read import read_hub

Load = Callable[..., ArrowDataset]
Encode = Callable[..., bytes]

COLOURS = ["red", "green", "blue", "yellow", "black"]
RGB = [(255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 0), (0, 0, 0)]


def colours_of(data: ArrowDataset) -> list[object]:
    return [picture.getpixel((0, 0)) for picture in data.images(range(len(data)))]


def frame(pictures: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"image": pictures, "caption": COLOURS, "label": ["007"] * 5})


WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    "rows.csv": lambda rows, path: rows.to_csv(path, index=False),
    "rows.tsv": lambda rows, path: rows.to_csv(path, index=False, sep="\t"),
    "semicolons.csv": lambda rows, path: rows.to_csv(path, index=False, sep=";"),
    "marked.csv": lambda rows, path: rows.to_csv(path, index=False, encoding="utf-8-sig"),
    "rows.jsonl": lambda rows, path: rows.to_json(path, orient="records", lines=True),
    "rows.json": lambda rows, path: rows.to_json(path, orient="records"),
    "rows.parquet": lambda rows, path: rows.to_parquet(path),
    "ROWS.CSV": lambda rows, path: rows.to_csv(path, index=False),
    "größe [1] 写真.csv": lambda rows, path: rows.to_csv(path, index=False),
}


@pytest.mark.parametrize("name", WRITERS)
def test_tables_with_paths(name: str, tmp_path: Path, pictures: list[str], load_from: Load) -> None:
    WRITERS[name](frame(pictures), tmp_path / name)
    data = load_from(name)
    assert colours_of(data) == RGB
    assert data.texts(Role.CAPTION) == COLOURS
    assert data.texts(Role.LABEL) == ["007"] * 5
    assert data.columns.image == "image"


def test_absolute_paths(tmp_path: Path, pictures: list[str], load_from: Load) -> None:
    (tmp_path / "tables").mkdir()
    rows = frame([str(tmp_path / name) for name in pictures])
    rows.to_csv(tmp_path / "tables" / "rows.csv")
    assert colours_of(load_from("tables/rows.csv")) == RGB


def test_paths_are_relative_to_their_table(
    tmp_path: Path, pictures: list[str], load_from: Load
) -> None:
    frame([name.removeprefix("img/") for name in pictures]).to_csv(tmp_path / "img" / "rows.csv")
    assert colours_of(load_from("img/rows.csv")) == RGB


@pytest.mark.parametrize("large", [False, True])
def test_encoded_pictures_in_a_column(
    large: bool, tmp_path: Path, encode: Encode, load_from: Load
) -> None:
    kind = pa.large_binary() if large else pa.binary()
    encoded = pa.array([encode(colour) for colour in COLOURS], kind)
    pq.write_table(pa.table({"picture": encoded, "text": COLOURS}), tmp_path / "rows.parquet")
    data = load_from("rows.parquet")
    assert colours_of(data) == RGB
    assert data.columns.image == "picture"
    assert data.columns.caption == "text"


def test_pictures_of_hugging_face_features(
    tmp_path: Path, pictures: list[str], encode: Encode, load_from: Load
) -> None:
    """Bytes where there are some, else the path, relative to the table."""
    structs = [
        {"bytes": encode("red"), "path": "absent.png"},
        *({"bytes": None, "path": name} for name in pictures[1:]),
    ]
    pq.write_table(pa.table({"image": structs}), tmp_path / "rows.parquet")
    assert colours_of(load_from("rows.parquet")) == RGB


def saved(pictures: list[str], folder: Path) -> datasets.Dataset:
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=["warm", "cold"]),
            "gender": datasets.ClassLabel(names=["f", "m"]),
        }
    )
    rows = {
        "image": [str(folder / name) for name in pictures],
        "label": [0, 1, 1, 0, -1],
        "gender": [0, 1, None, 0, 1],
    }
    return datasets.Dataset.from_dict(rows, features=features)


def test_a_dataset_saved_to_disk(tmp_path: Path, pictures: list[str], load_from: Load) -> None:
    saved(pictures, tmp_path).save_to_disk(tmp_path / "saved")
    data = load_from("saved")
    assert colours_of(data) == RGB
    assert data.texts(Role.LABEL) == ["warm", "cold", "cold", "warm", None]
    assert data.groups("gender") == ["f", "m", None, "f", "m"]
    assert data.columns.split is None


def test_splits_saved_to_disk(tmp_path: Path, pictures: list[str], load_from: Load) -> None:
    whole = saved(pictures, tmp_path)
    train, test = whole.select([4, 1, 0]), whole.select([3, 2])
    datasets.DatasetDict([("train", train), ("test", test)]).save_to_disk(tmp_path / "saved")
    data = load_from("saved", evaluate_on="test")
    assert data.texts(Role.SPLIT) == ["train"] * 3 + ["test"] * 2
    assert colours_of(data) == [RGB[i] for i in (4, 1, 0, 3, 2)]
    assert data.columns.split == "split"
    assert data.evaluation().rows == [3, 4]


def test_configurations_and_splits_of_a_hub_dataset(tmp_path: Path) -> None:
    """Read a clone of one, which the same loader takes by its path."""
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("en-train", "en-test", "de-train"):
        (clone / f"{name}.csv").write_text(f"caption\n{name}\n")
    (clone / "README.md").write_text(
        "---\nconfigs:\n"
        "- {config_name: en, data_files: [{split: train, path: en-train.csv}, "
        "{split: test, path: en-test.csv}]}\n"
        "- {config_name: de, data_files: de-train.csv}\n---\n"
    )
    parts = read_hub(DataConfig(source=f"{clone}:en"), base=tmp_path, cache=tmp_path / "cache")
    assert [(part.split, part.table.column("caption").to_pylist()) for part in parts] == [
        ("train", ["en-train"]),
        ("test", ["en-test"]),
    ]
    with pytest.raises(InputError, match=r"available configs: \['en', 'de'\]"):
        read_hub(DataConfig(source=str(clone)), base=tmp_path, cache=tmp_path / "cache")


def test_arrow_files(tmp_path: Path, encode: Encode, load_from: Load) -> None:
    table = pa.table({"image": [encode(colour) for colour in COLOURS]})
    with pa.ipc.new_stream(str(tmp_path / "rows.arrow"), table.schema) as stream:
        stream.write_table(table)
    assert colours_of(load_from("rows.arrow")) == RGB


def test_webdataset_archives(tmp_path: Path, encode: Encode, load_from: Load) -> None:
    with tarfile.open(tmp_path / "shard-0.tar", "w") as archive:
        for number, colour in enumerate(COLOURS):
            for suffix, content in (("png", encode(colour)), ("txt", colour.encode())):
                member = tarfile.TarInfo(f"{number:03}.{suffix}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    data = load_from("shard-0.tar")
    assert colours_of(data) == RGB
    assert data.texts(Role.CAPTION) == COLOURS
    assert data.ids() == ["000", "001", "002", "003", "004"]


def test_categories_dates_numbers_and_flags_become_texts(tmp_path: Path, load_from: Load) -> None:
    pd.DataFrame(
        {
            "label": pd.Categorical(["a", None, "b"]),
            "gender": [True, False, None],
            "age": [1.0, float("nan"), 2.5],
            "race": [1, 2, 3],
            "caption": ["x", None, "  "],
        }
    ).to_parquet(tmp_path / "rows.parquet")
    data = load_from("rows.parquet")
    assert data.texts(Role.LABEL) == ["a", None, "b"]
    assert data.groups("gender") == ["true", "false", None]
    assert data.groups("age") == ["1", None, "2.5"]
    assert data.groups("race") == ["1", "2", "3"]
    assert data.texts(Role.CAPTION) == ["x", None, None]


def test_missing_values_of_csv(tmp_path: Path, load_from: Load) -> None:
    (tmp_path / "rows.csv").write_text(
        "caption,label,gender\n a cat ,001,NA\n,None, female \nNaN,1e3,\n"
    )
    data = load_from("rows.csv")
    assert data.texts(Role.CAPTION) == [" a cat ", None, None]
    assert data.texts(Role.LABEL) == ["001", "None", "1e3"]
    assert data.groups("gender") == [None, "female", None]


def test_json_lines_of_mixed_types(tmp_path: Path, load_from: Load) -> None:
    rows = [
        {"id": 1, "caption": ["first", "second"], "label": 7},
        {"id": "b", "caption": "only", "label": "seven"},
        {"id": 3, "caption": [], "label": None},
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    data = load_from("rows.jsonl")
    assert data.ids() == ["1", "b", "3"]
    assert data.texts(Role.CAPTION) == ["first", "only", None]
    assert data.texts(Role.LABEL) == ["7", "seven", None]


BROKEN = {
    "not.parquet": (b"hello", "cannot be read as parquet"),
    "cut.jsonl": (b'{"caption": ["a"', "cannot be read as json"),
    "ragged.csv": (b"a,b\n1,2\n1,2,3\n", "line 3"),
    "latin.csv": ("a,b\ncafé,2\n".encode("latin-1"), "save it as UTF-8"),
    "wide.csv": ("caption\nx\n".encode("utf-16"), "save it as UTF-8"),
    "not.arrow": (b"hello", "cannot be read as arrow"),
    "not.tar": (b"hello", "cannot be read as webdataset"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_tables(name: str, tmp_path: Path, load_from: Load) -> None:
    content, reason = BROKEN[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=reason) as caught:
        load_from(name)
    assert str(tmp_path / name) in caught.value.problems[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", ""), ("b.csv", "a,b\n"), ("c.jsonl", "\n\n"), ("d.json", "[]"), ("e.tsv", " ")],
)
def test_tables_without_rows(name: str, content: str, tmp_path: Path, load_from: Load) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match="holds no rows"):
        load_from(name)


def test_empty_files_among_others_are_passed_over(tmp_path: Path, load_from: Load) -> None:
    for number, captions in enumerate((["a"], [], ["b"])):
        table = pa.table({"caption": pa.array(captions, pa.string())})
        pq.write_table(table, tmp_path / f"{number}.parquet")
    assert load_from("*.parquet").texts(Role.CAPTION) == ["a", "b"]


def test_all_broken_files_are_named_at_once(tmp_path: Path, load_from: Load) -> None:
    for name in ("a.parquet", "c.parquet"):
        (tmp_path / name).write_bytes(b"broken")
    pq.write_table(pa.table({"caption": ["a"]}), tmp_path / "b.parquet")
    with pytest.raises(InputError) as caught:
        load_from("*.parquet")
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        str(tmp_path / "a.parquet"),
        str(tmp_path / "c.parquet"),
    ]


OFFLINE = """
import sys
def refuse(event, details):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise RuntimeError(f"network: {details}")
sys.addaudithook(refuse)
from pathlib import Path
from vlaudit.core.config import DataConfig
from vlaudit.data import load
for source in sys.argv[2:]:
    assert len(load(DataConfig(source=source), base=Path(sys.argv[1]))) == 5
"""


def test_local_data_needs_no_network_leaves_no_trace_and_prints_nothing(
    tmp_path: Path, pictures: list[str]
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "tmp").mkdir()
    saved(pictures, tmp_path).save_to_disk(tmp_path / "saved")
    for name in ("rows.csv", "rows.jsonl", "rows.parquet"):
        WRITERS[name](frame(pictures), tmp_path / name)
    sources = ("rows.csv", "rows.jsonl", "rows.parquet", "saved", "img", "rows.p*")
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, str(tmp_path), *sources],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path / "home"),
            "TMPDIR": str(tmp_path / "tmp"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list((tmp_path / "home").iterdir())
    assert not list((tmp_path / "tmp").iterdir())


def test_the_terminal_settings_of_datasets_are_left_as_they_were(
    tmp_path: Path, pictures: list[str], load_from: Load
) -> None:
    frame(pictures).to_csv(tmp_path / "rows.csv")
    before = (datasets.are_progress_bars_disabled(), datasets.logging.get_verbosity())
    load_from("rows.csv")
    assert (datasets.are_progress_bars_disabled(), datasets.logging.get_verbosity()) == before


def test_a_stream_reads_the_first_rows_only(tmp_path: Path, encode: Encode) -> None:
    """Pictures stay encoded, and splits after the limit are not touched."""
    clone = tmp_path / "clone"
    clone.mkdir()
    picture = datasets.Image()
    for split in ("train", "test"):
        rows = {"image": [{"bytes": encode(c), "path": None} for c in COLOURS], "text": COLOURS}
        kinds = datasets.Features({"image": picture, "text": datasets.Value("string")})
        datasets.Dataset.from_dict(rows, features=kinds).to_parquet(clone / f"{split}.parquet")
    asked = DataConfig(source=str(clone), stream=True, limit=7)
    parts = read_hub(asked, base=tmp_path, cache=tmp_path / "cache")
    assert [(part.split, part.table.num_rows) for part in parts] == [("train", 5), ("test", 2)]
    assert parts[1].table.column("image")[1].as_py()["bytes"] == encode("green")
    one = read_hub(
        asked.model_copy(update={"split": "test"}), base=tmp_path, cache=tmp_path / "cache"
    )
    assert [part.split for part in one] == ["test"]
    with pytest.raises(InputError, match=r"data\.stream needs data\.limit"):
        read_hub(asked.model_copy(update={"limit": None}), base=tmp_path, cache=tmp_path / "cache")
