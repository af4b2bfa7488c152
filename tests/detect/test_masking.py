"""Masks, boxes and bare files keep the rest as it is."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from vlaudit.detect.masking import bare, covered, masked
from vlaudit.detect.metadata import traces
from vlaudit.detect.pii.scan import Entity, Scanner, scanner

SECRET = "edda.palmeiro@example.org"


@pytest.fixture(scope="module")
def tool() -> Scanner:
    return scanner("shipped")


@pytest.mark.parametrize(
    "text",
    [
        f"a dog, mail {SECRET} or call 415-555-0123",
        "Tadeusz Ostrowski with Edda Palmeiro, card 4111 1111 1111 1111",
        f"photo by Edda Palmeiro <{SECRET}>",
    ],
)
def test_nothing_is_found_after_masking(tool: Scanner, text: str) -> None:
    made, count = masked(text, tool, tool.scan([text])[0])
    assert count >= 1
    for secret in (SECRET, "Palmeiro", "Ostrowski", "555-0123", "4111"):
        assert secret not in made


def test_what_is_not_personal_stays(tool: Scanner) -> None:
    text = f"a red dog (model 42-A, 1999) mail {SECRET} today"
    made, _ = masked(text, tool, tool.scan([text])[0])
    assert made == "a red dog (model 42-A, 1999) mail <EMAIL_ADDRESS> today"


def test_pieces_that_overlap_leave_no_rest(tool: Scanner) -> None:
    (one,) = tool.scan([SECRET])[0]
    parts = [Entity(0, 12, one.name, one.tier, True), Entity(5, len(SECRET), "URL", one.tier, True)]
    made, _ = masked(SECRET, tool, parts)
    assert made == "<EMAIL_ADDRESS><URL>"


def picture() -> Image.Image:
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    return coarse.resize((80, 60), Image.Resampling.BICUBIC)


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[0x013B], made[0x0112] = "Edda Palmeiro", orientation
    made.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    return made


def jpeg(*, progressive: bool = False) -> bytes:
    buffer = io.BytesIO()
    picture().save(
        buffer,
        "JPEG",
        exif=exif(),
        comment=SECRET.encode(),
        icc_profile=b"p" * 200,
        progressive=progressive,
    )
    return buffer.getvalue() + b"\x00trailer " + SECRET.encode()


def png() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Edda Palmeiro")
    text.add_itxt("XML:com.adobe.xmp", f"<dc:creator>{SECRET}</dc:creator>")
    buffer = io.BytesIO()
    picture().save(buffer, "PNG", pnginfo=text, exif=exif())
    return buffer.getvalue() + SECRET.encode()


def webp() -> bytes:
    buffer = io.BytesIO()
    picture().save(buffer, "WEBP", lossless=True, exif=exif(), xmp=SECRET.encode())
    return buffer.getvalue()


def tiff() -> bytes:
    buffer = io.BytesIO()
    picture().save(buffer, "TIFF", tiffinfo={270: SECRET, 315: "Edda Palmeiro"})
    return buffer.getvalue()


def gif() -> bytes:
    buffer = io.BytesIO()
    picture().save(buffer, "GIF", comment=SECRET.encode())
    return buffer.getvalue()


@pytest.mark.parametrize(
    "make",
    [jpeg, lambda: jpeg(progressive=True), png, webp, tiff, gif],
    ids=["jpeg", "progressive", "png", "webp", "tiff", "gif"],
)
def test_a_bare_file_holds_the_same_pixels_and_nothing_else(make: Callable[[], bytes]) -> None:
    encoded = make()
    clean = bare(encoded)
    assert b"palmeiro" in encoded.lower()
    assert b"palmeiro" not in clean.lower()
    assert traces(clean) == []
    before, after = (Image.open(io.BytesIO(file)) for file in (encoded, clean))
    assert before.format == after.format
    assert (np.asarray(before.convert("RGB")) == np.asarray(after.convert("RGB"))).all()
    assert bare(clean) == clean or before.format in ("WEBP", "TIFF", "GIF")


def test_the_colours_of_a_jpeg_keep_their_profile() -> None:
    assert Image.open(io.BytesIO(bare(jpeg()))).info["icc_profile"] == b"p" * 200


def test_a_picture_that_is_turned_by_its_file_stays_turned() -> None:
    buffer = io.BytesIO()
    picture().save(buffer, "JPEG", exif=exif(6), quality=95)
    clean = Image.open(io.BytesIO(bare(buffer.getvalue())))
    assert clean.size == (60, 80)
    assert not dict(clean.getexif())


def test_a_box_is_black_and_the_rest_stays() -> None:
    made = Image.open(io.BytesIO(covered(png(), [(20, 20, 40, 30)])))
    pixels, before = np.asarray(made), np.asarray(picture())
    assert (pixels[20:31, 20:41] == 0).all()
    assert (pixels[40:] == before[40:]).all()
    assert traces(covered(jpeg(), [(0, 0, 1, 1)])) == []
