"""What picture files say: found where it is planted, in hostile files too, and never shown."""

import io
import json
from importlib.resources import as_file, files

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import ExifTags, Image

from vlaudit.detect.metadata import Kind, traces
from vlaudit.selftest.fakes.photographs import build, photograph

SAYS = {
    "gps": {Kind.PLACE},
    "owner": {Kind.OWNER},
    "artist": {Kind.OWNER},
    "serial": {Kind.SERIAL},
    "comment": {Kind.TEXT},
    "innocent": {Kind.TEXT},
    "other_thumbnail": {Kind.THUMBNAIL},
    "xmp": {Kind.PLACE, Kind.OWNER, Kind.SERIAL},
    "iptc": {Kind.PLACE, Kind.OWNER},
    "png_text": {Kind.TEXT},
    "made": {Kind.GENERATED},
    "c2pa": {Kind.CONTENT_CREDENTIALS, Kind.BROKEN_CREDENTIALS},
    "nowhere": set[Kind](),
    "same_thumbnail": set[Kind](),
    "nothing": set[Kind](),
}


def scene(seed: int = 0) -> Image.Image:
    return build(rows=1, seed=seed)[1].pictures[0]


@pytest.mark.parametrize("kind", SAYS)
def test_what_is_planted_is_found_and_nothing_else(kind: str) -> None:
    for seed in range(5):
        file = photograph(scene(seed), kind, np.random.default_rng(seed + 100))
        assert {trace.kind for trace in traces(file)} == SAYS[kind]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_positions_are_found_in_several_formats(form: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Imaginary Cameras"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (10.0, 0.0, 0.0)
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLongitude] = (10.0, 0.0, 0.0)
    buffer = io.BytesIO()
    scene().save(buffer, form, exif=exif)
    assert Kind.PLACE in {trace.kind for trace in traces(buffer.getvalue())}


def test_saving_without_metadata_removes_every_trace() -> None:
    for kind in SAYS:
        with Image.open(io.BytesIO(photograph(scene(), kind, np.random.default_rng(1)))) as opened:
            buffer = io.BytesIO()
            Image.fromarray(np.asarray(opened)).save(buffer, "PNG")
        assert traces(buffer.getvalue()) == []


def test_no_text_is_shown() -> None:
    for kind in SAYS:
        shown = repr(traces(photograph(scene(), kind, np.random.default_rng(1))))
        assert not any(secret in shown for secret in ("Zuzana", "0142", "4711", "536-22", "41"))


@pytest.mark.parametrize("kind", SAYS)
def test_broken_files_do_no_harm(kind: str) -> None:
    rng = np.random.default_rng(3)
    whole = photograph(scene(), kind, rng)
    for _ in range(30):
        bad = bytearray(whole[: int(rng.integers(len(whole)))])
        for at in rng.integers(0, max(len(bad), 1), 5) if bad else ():
            bad[at] = int(rng.integers(256))
        assert isinstance(traces(bytes(bad)), list)


def test_bytes_that_are_no_picture_say_nothing() -> None:
    assert traces(b"") == traces(b"GIF89a") == traces(b"\xff\xd8\xff\xe1") == []


def test_the_bundled_positions_are_found_and_no_others() -> None:
    folder = files("vlaudit.demo") / "data"
    truth = json.loads((folder / "defects_truth.json").read_text(encoding="utf-8"))
    with as_file(folder / "defects.parquet") as path:
        rows = pq.read_table(path, columns=["id", "image"]).to_pylist()
    found = {row["id"] for row in rows if traces(row["image"]["bytes"])}
    assert found == {
        row for row, facts in truth.items() if any(fact["kind"] == "exif_gps" for fact in facts)
    }
