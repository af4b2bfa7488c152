"""Only pictures inside the run folder get into a document."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from vlaudit.report.pictures import LARGEST_SIDE, inlined


def test_a_kept_picture_is_carried_small(tmp_path: Path) -> None:
    Image.new("RGB", (1000, 500), "red").save(tmp_path / "kept.png")
    uri = inlined(tmp_path, "kept.png")
    assert uri is not None
    head, _, body = uri.partition(",")
    assert head == "data:image/png;base64"
    picture = Image.open(io.BytesIO(base64.b64decode(body)))
    assert picture.size == (LARGEST_SIDE, LARGEST_SIDE // 2)
    assert picture.getpixel((5, 5)) == (255, 0, 0)


@pytest.mark.parametrize(
    "path", ["../secret.png", "/etc/passwd", "absent.png", "text.png", ".", "bad\0.png"]
)
def test_nothing_else_is(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "secret.png")
    (folder / "text.png").write_text("<svg onload=alert(1)>")
    assert inlined(folder, path) is None


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "secret.png")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    assert inlined(folder, "link.png") is None
