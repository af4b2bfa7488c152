"""An overlay shows other values and leaves the rows beneath as they are."""

import io

from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.selfcheck.overlay import Overlay
from vlaudit.selftest.memory import MemoryDataset


def rows() -> MemoryDataset:
    pictures = [Image.new("RGB", (4, 4), (value, 0, 0)) for value in range(6)]
    captions = [f"caption {value}" for value in range(6)]
    groups = ["a", "a", "a", "b", "b", None]
    return MemoryDataset(pictures, {Role.CAPTION: captions}, {"gender": groups})


def test_replaced_values_are_shown_in_every_selection_and_batch() -> None:
    under = rows()
    white = Image.new("RGB", (4, 4), "white")
    over = Overlay(
        under, values={Role.CAPTION: {3: "other", 5: None}}, attributes={"gender": {5: "a"}},
        pictures={4: white},
    )  # fmt: skip
    part = over.select([5, 3, 4])
    assert part.texts(Role.CAPTION) == [None, "other", "caption 4"]
    assert part.groups("gender") == ["a", "b", "b"]
    assert part.images([2])[0].getpixel((0, 0)) == (255, 255, 255)
    assert part.images([1])[0].getpixel((0, 0)) == (3, 0, 0)
    roles = (Role.ID, Role.CAPTION, Role.IMAGE, Role.GROUPS)
    batches = list(over.map_batches(lambda batch: batch.to_pylist(), roles, size=4))
    shown = [row for batch in batches for row in batch]
    assert [len(batch) for batch in batches] == [4, 2]
    assert [row["caption"] for row in shown][3:] == ["other", "caption 4", None]
    assert shown[5]["groups"] == {"gender": "a"}
    assert Image.open(io.BytesIO(shown[4]["image"])).getpixel((0, 0)) == (255, 255, 255)
    assert shown[0]["image"] == under.picture_bytes([0])[0]
    assert over.digest != Overlay(under).digest


def test_the_rows_beneath_stay_as_they_are() -> None:
    under = rows()
    before = under.digest
    over = Overlay(Overlay(under, values={Role.CAPTION: {0: "x"}}), files={1: b"file"})
    assert over.texts(Role.CAPTION)[0] == "x"
    assert over.picture_bytes([1]) == [b"file"]
    assert len(over.decode([0, 1])) == 2
    assert (over.ids(), over.rows, over.name) == (under.ids(), under.rows, under.name)
    assert over.columns == under.columns
    assert under.digest == before
