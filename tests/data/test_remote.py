"""Sources on remote filesystems: the memory of fsspec behaves as a bucket does."""

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from vlaudit.core.dataset import Role, Unreadable
from vlaudit.core.errors import InputError
from vlaudit.data import ArrowDataset
from vlaudit.data.images import Limits
from vlaudit.data.remote import join, read_remote

Load = Callable[..., ArrowDataset]
Encode = Callable[..., bytes]


@pytest.fixture
def bucket(encode: Encode) -> Iterator[Any]:
    """Hold a folder with metadata and two pictures, and empty the bucket afterwards."""
    system = fsspec.filesystem("memory")
    system.pipe("/set/train/metadata.csv", b"file_name,caption\nimg/a.png,a red\nabsent.png,x\n")
    system.pipe("/set/train/img/a.png", encode("red"))
    system.pipe("/set/test/metadata.csv", b"file_name,caption\nb.png,a blue\n")
    system.pipe("/set/test/b.png", encode("blue"))
    yield system
    system.rm("/", recursive=True)


def test_a_remote_folder_with_metadata(bucket: Any, load_from: Load) -> None:
    data = load_from("memory://set", evaluate_on="test")
    rows = dict(zip(data.texts(Role.CAPTION), data.decode(range(3)), strict=True))
    assert getattr(rows["a red"], "size", None) == (8, 6)
    assert getattr(rows["a blue"], "size", None) == (8, 6)
    assert rows["x"] == Unreadable(reason="the file is missing")
    assert len(data.evaluation()) == 1


def test_a_remote_folder_of_pictures_and_a_glob(
    bucket: Any, encode: Encode, load_from: Load
) -> None:
    bucket.pipe({f"/classes/{name}/1.png": encode() for name in ("cat", "dog")})
    data = load_from("memory://classes")
    assert data.texts(Role.LABEL) == ["cat", "dog"]
    assert len(data.images([0, 1])) == 2
    tables = load_from("memory://set/*/metadata.csv")
    assert sorted(map(str, tables.texts(Role.CAPTION))) == ["a blue", "a red", "x"]


def test_one_remote_table(bucket: Any, load_from: Load) -> None:
    data = load_from("memory://set/test/metadata.csv")
    assert [picture.size for picture in data.images([0])] == [(8, 6)]


def test_remote_shards(bucket: Any, encode: Encode, load_from: Load) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as shard:
        for key in ("000", "001"):
            side = json.dumps({"caption": f"row {key}", "gender": "f", "width": 8}).encode()
            for ending, content in (("png", encode()), ("json", side)):
                info = tarfile.TarInfo(f"{key}.{ending}")
                info.size = len(content)
                shard.addfile(info, io.BytesIO(content))
    bucket.pipe("/shards/00000.tar", buffer.getvalue())
    data = load_from("memory://shards", columns={"groups": ["json.gender"]})
    assert data.texts(Role.CAPTION) == ["row 000", "row 001"]
    assert data.groups("json.gender") == ["f", "f"]
    assert len(data.images([0, 1])) == 2


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("memory://nothing/here", "there is no file there"),
        ("nonsense://bucket/x.csv", "no filesystem of this kind"),
    ],
)
def test_remote_places_that_cannot_be_read(source: str, problem: str, load_from: Load) -> None:
    with pytest.raises(InputError, match=problem):
        load_from(source)


def test_rows_reach_into_no_other_store(bucket: Any, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    for path, reason in {
        f"file://{tmp_path}/secret.png": "another store",
        "simplecache::memory://set/train/img/a.png": "leads|missing|another",
        "memory://other/a.png": "another store",
        "../test/b.png": "leads out of the source",
        "/test/b.png": "leads out of the source",
    }.items():
        found = read_remote("memory://set/train", path, limits=Limits())
        assert isinstance(found, Unreadable), path
        assert any(word in found.reason for word in reason.split("|")), (path, found)
    small = read_remote("memory://set/train", "img/a.png", limits=Limits(bytes=10))
    assert small == Unreadable(reason="larger than 1e-05 MB")


def test_addresses_within_archives() -> None:
    assert join("zip://img::s3://b/x.zip", "a.png") == "zip://img/a.png::s3://b/x.zip"
