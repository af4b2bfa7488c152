"""Any bytes in, an RGB picture or a reason out."""

import io
import random
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vlaudit.core.dataset import Unreadable
from vlaudit.data.images import Limits, decode, read_picture, silence

LIMITS = Limits()


def encode(picture: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def decoded(encoded: bytes) -> Image.Image:
    with silence():
        picture = decode(encoded, limits=LIMITS)
    assert isinstance(picture, Image.Image), picture
    assert picture.mode == "RGB"
    return picture


def reason(encoded: bytes, limits: Limits = LIMITS) -> str:
    picture = decode(encoded, limits=limits)
    assert isinstance(picture, Unreadable)
    return picture.reason


def halves(*colours: str) -> Image.Image:
    """Return a picture of 32 x 16 whose left and right half have these colours."""
    picture = Image.new("RGB", (32, 16), colours[0])
    picture.paste(colours[1], (16, 0, 32, 16))
    return picture


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(np.subtract(np.asarray(pixel), colour)).max() < 12)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_accepted_format_is_decoded(format: str) -> None:
    picture = decoded(encode(halves("red", "blue"), format))
    assert picture.size == (32, 16)
    assert near(picture.getpixel((3, 8)), (255, 0, 0))
    assert near(picture.getpixel((28, 8)), (0, 0, 255))


@pytest.mark.parametrize("format", ["ICO", "PPM", "TGA", "ICNS"])
def test_other_formats_are_refused(format: str) -> None:
    assert "accepted format" in reason(encode(Image.new("RGB", (32, 32)), format))


def test_cmyk_jpeg_has_its_colours() -> None:
    red = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    assert near(decoded(encode(red, "JPEG")).getpixel((8, 8)), (255, 0, 0))


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_sixteen_bit_greys_are_scaled_not_clipped(format: str) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, axis=0)
    grey = np.asarray(decoded(encode(Image.fromarray(ramp), format)))[0, :, 0]
    assert np.abs(grey.astype(int) - np.arange(256)).max() <= 1


def sixteen_bit_png(kind: int, values: list[int]) -> bytes:
    """Return one pixel of 16 bits a channel, which Pillow can read but not write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        sum_of = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + sum_of

    header = struct.pack(">IIBBBBB", 1, 1, 16, kind, 0, 0, 0)
    data = zlib.compress(b"\0" + struct.pack(f">{len(values)}H", *values))
    whole = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + whole


@pytest.mark.parametrize(
    ("kind", "values", "colour"),
    [
        (2, [65535, 32768, 0], (255, 128, 0)),
        (6, [65535, 0, 0, 65535], (255, 0, 0)),
        (6, [0, 0, 0, 0], (255, 255, 255)),
        (4, [32768, 65535], (128, 128, 128)),
        (4, [0, 0], (255, 255, 255)),
    ],
)
def test_sixteen_bit_colours_and_transparency(
    kind: int, values: list[int], colour: tuple[int, int, int]
) -> None:
    assert near(decoded(sixteen_bit_png(kind, values)).getpixel((0, 0)), colour)


def test_cmyk_in_a_tiff() -> None:
    green = Image.new("CMYK", (8, 8), (255, 0, 255, 0))
    assert near(decoded(encode(green, "TIFF")).getpixel((4, 4)), (0, 255, 0))


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_orientation_is_that_of_pillow(turn: int) -> None:
    """A picture whose four corners differ shows turns and mirrors alike."""
    corners = Image.new("RGB", (32, 16), "black")
    for at, colour in (((0, 0), "red"), ((16, 0), "lime"), ((0, 8), "blue"), ((16, 8), "white")):
        corners.paste(colour, (*at, at[0] + 16, at[1] + 8))
    exif = Image.Exif()
    exif[0x0112] = turn
    upright = decoded(encode(corners, "PNG", exif=exif))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }  # fmt: skip
    expected = corners.transpose(undo[turn]) if turn in undo else corners
    assert np.array_equal(np.asarray(upright), np.asarray(expected))


def test_formats_are_opened_only_when_they_are_listed() -> None:
    bitmap = encode(halves("red", "blue"), "BMP")
    assert "accepted format (JPEG, PNG)" in reason(bitmap, Limits(formats=("JPEG", "PNG")))
    jpeg2000 = encode(halves("red", "blue"), "JPEG2000")
    assert "accepted format" in reason(jpeg2000)
    assert isinstance(decode(jpeg2000, limits=Limits(formats=("JPEG2000",))), Image.Image)


def test_float_pixels_are_refused_with_a_remedy() -> None:
    floats = Image.fromarray(np.ones((4, 4), dtype=np.float32))
    assert "save it as 8-bit" in reason(encode(floats, "TIFF"))


def test_transparency_becomes_white() -> None:
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    half = Image.new("RGBA", (4, 4), (0, 0, 0, 128))
    grey = Image.new("LA", (4, 4), (0, 0))
    assert decoded(encode(clear, "PNG")).getpixel((0, 0)) == (255, 255, 255)
    assert near(decoded(encode(half, "PNG")).getpixel((0, 0)), (127, 127, 127))
    assert decoded(encode(grey, "PNG")).getpixel((0, 0)) == (255, 255, 255)


def test_a_transparent_palette_entry_becomes_white() -> None:
    indexed = halves("red", "blue").quantize(2)
    red = indexed.getpixel((0, 0))
    picture = decoded(encode(indexed, "PNG", transparency=red))
    assert picture.getpixel((0, 0)) == (255, 255, 255)
    assert near(picture.getpixel((31, 0)), (0, 0, 255))


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_frame_stands_for_an_animation(format: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("lime", "red", "blue")]
    options = {"save_all": True, "append_images": frames[1:]}
    assert near(decoded(encode(frames[0], format, **options)).getpixel((4, 4)), (0, 255, 0))


def test_pictures_of_phones_with_several_frames_are_decoded() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    several = encode(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert near(decoded(several).getpixel((4, 4)), (255, 0, 0))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied_exactly_once(format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise
    picture = decoded(encode(halves("red", "blue"), format, exif=exif))
    assert picture.size == (16, 32)
    assert near(picture.getpixel((8, 3)), (255, 0, 0))
    assert near(picture.getpixel((8, 28)), (0, 0, 255))
    assert not picture.getexif()
    assert not picture.info


def test_damaged_exif_does_not_cost_the_picture() -> None:
    damaged = encode(halves("red", "blue"), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert decoded(damaged).size == (32, 16)


def png_header(width: int, height: int) -> bytes:
    """Return a PNG whose header promises far more pixels than its data holds."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8_000, 20_000, 100_000, 2**31 - 1])
def test_bombs_are_refused_by_their_header(side: int) -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        with silence():
            assert reason(png_header(side, side)) == "more than 50 million pixels"
    assert not heard


def test_the_limits_are_settings() -> None:
    picture = encode(Image.new("RGB", (100, 100)), "PNG")
    assert reason(picture, Limits(pixels=9_999)) == "more than 0.009999 million pixels"
    assert reason(picture, Limits(bytes=50)) == "larger than 5e-05 MB"
    assert isinstance(decode(picture, limits=Limits(pixels=10_000)), Image.Image)


def test_broken_pictures_have_reasons() -> None:
    whole = encode(Image.effect_noise((64, 64), 50).convert("RGB"), "JPEG")
    assert reason(b"") == "the picture is empty"
    assert "accepted format" in reason(b"<html>404 not found</html>")
    assert reason(whole[: len(whole) // 2]) == "the picture is truncated or corrupt"
    assert reason(whole[:100]) != ""


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_hostile_bytes_never_escape(format: str) -> None:
    """Mutate, truncate and extend; whatever comes out is a picture or a reason."""
    random_state = random.Random(format)
    whole = encode(Image.effect_noise((24, 24), 80).convert("RGB"), format)
    with silence():
        for _ in range(300):
            hostile = bytearray(whole)
            for _ in range(random_state.choice((1, 3, 10))):
                at = random_state.randrange(min(len(hostile), 200))
                hostile[at] = random_state.randrange(256)
            cut = random_state.choice((len(hostile), random_state.randrange(len(hostile))))
            picture = decode(bytes(hostile[:cut]), limits=LIMITS)
            assert isinstance(picture, Unreadable) or picture.mode == "RGB"


def test_files_that_cannot_be_read_have_reasons(tmp_path: Path) -> None:
    (tmp_path / "big.jpg").write_bytes(bytes(100))
    cases = {
        "absent.jpg": "the file is missing",
        ".": "the path is not a file",
        "a\0b.jpg": "the file cannot be read",
        "x" * 5000: "the file cannot be read",
        "big.jpg/x.jpg": "the file cannot be read",
        "big.jpg": "larger than 9.9e-05 MB",
    }
    for name, expected in cases.items():
        assert read_picture(tmp_path / name, limits=Limits(bytes=99)) == Unreadable(reason=expected)
    assert read_picture(Path("/dev/zero"), limits=LIMITS) == Unreadable(
        reason="the path is not a file"
    )
