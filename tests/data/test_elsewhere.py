"""Another dataset is read from a folder or a parquet table, and rows are held against it."""

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from vlaudit import registry
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Inapplicable
from vlaudit.data.elsewhere import Elsewhere
from vlaudit.detect.leaks import parts
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes.copies import build, copied, scene


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["folder", "bytes", "struct"])
def test_rows_are_held_against_another_dataset(tmp_path: Path, form: str) -> None:
    target, data = build(rows=60, splits=False)
    rng = np.random.default_rng(5)
    other = [scene(rng) for _ in range(20)]
    other += [data.pictures[3], copied(data.pictures[7], "jpeg", rng)]
    contents = [png(picture) for picture in other]
    place = tmp_path / "other"
    if form == "folder":
        (place / "deep").mkdir(parents=True)
        for at, content in enumerate([*contents, b"no picture"]):
            (place / "deep" / f"{at}.png").write_bytes(content)
    else:
        place = tmp_path / "other.parquet"
        held = [{"bytes": c, "path": None} for c in contents] if form == "struct" else contents
        pq.write_table(pa.table({"image": held}), place)
    probe = registry.installed()["data.train_test_leak"].load()
    seen = run_in_memory(probe, target, data, settings={"against": str(place)})
    values = {item.metric: item.value for item in seen if isinstance(item, Measurement)}
    assert values["leaked_share"] == pytest.approx(2 / 60)
    assert values["exact_share"] == pytest.approx(1 / 60)
    rows = [item.row for item in seen if not isinstance(item, Measurement)]
    assert rows == ["row-3", "row-7"]


def test_a_place_without_pictures_is_said(tmp_path: Path) -> None:
    pq.write_table(pa.table({"image": ["a.png"]}), tmp_path / "paths.parquet")
    for place in (tmp_path, tmp_path / "paths.parquet", tmp_path / "nothing"):
        with pytest.raises(Inapplicable, match="no folder of pictures"):
            Elsewhere.at(str(place))


def test_parts_follow_names_and_what_the_user_says() -> None:
    splits = ["train", "train-b", "test", "val", None, "extra"]
    usual = parts(splits, training=[], evaluation=[])
    assert usual.training.tolist() == [True, True, False, False, False, False]
    assert usual.evaluation.tolist() == [False, False, True, True, False, False]
    told = parts(splits, training=["extra"], evaluation=["val"])
    assert np.flatnonzero(told.training).tolist() == [5]
    assert np.flatnonzero(told.evaluation).tolist() == [3]
    with pytest.raises(Inapplicable, match="no row is of split 'nope'"):
        parts(splits, training=["nope"], evaluation=[])
