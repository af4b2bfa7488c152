"""Safe decoding: any bytes in, an RGB picture or the reason why there is none out."""

import io
import stat
import struct
import warnings
import zlib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from vlaudit.core.dataset import Unreadable

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")

# What Pillow's decoders were seen to raise on hostile bytes, beyond OSError.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How large a picture may be before it is set aside, undecoded.

    Attributes:
        pixels: width times height, as the header declares them.
        bytes: size of the encoded picture.
        formats: names of the formats, as Pillow spells them, that are opened at all.
    """

    pixels: int = 50_000_000
    bytes: int = 100_000_000
    formats: tuple[str, ...] = FORMATS


def read_picture(path: Path, *, limits: Limits) -> bytes | Unreadable:
    """Return the content of a regular file, or why there is none."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return Unreadable(reason="the path is not a file")
        if status.st_size > limits.bytes:
            return _too_large(limits)
        return path.read_bytes()
    except FileNotFoundError:
        return Unreadable(reason="the file is missing")
    except PermissionError:
        return Unreadable(reason="no permission to read the file")
    except (OSError, ValueError):
        return Unreadable(reason="the file cannot be read")


def decode(encoded: bytes, *, limits: Limits) -> Image.Image | Unreadable:
    """Return the picture upright, without transparency or metadata, in mode RGB.

    The first frame stands for an animation, white for transparency. Sixteen-bit greys keep their
    upper eight bits. The declared size is checked before a pixel is decoded.
    """
    if not encoded:
        return Unreadable(reason="the picture is empty")
    if len(encoded) > limits.bytes:
        return _too_large(limits)
    try:
        opened = Image.open(io.BytesIO(encoded), formats=limits.formats)
    except Image.DecompressionBombError:
        return _too_many_pixels(limits)
    except BROKEN:
        accepted = ", ".join(limits.formats)
        return Unreadable(reason=f"not a picture in an accepted format ({accepted})")
    if opened.width * opened.height > limits.pixels:
        return _too_many_pixels(limits)
    if opened.mode in ("I", "F"):
        return Unreadable(reason="32-bit grey has no agreed brightness range; save it as 8-bit")
    try:
        opened.load()
        return _rgb(_upright(opened))
    except BROKEN:
        return Unreadable(reason="the picture is truncated or corrupt")


@contextmanager
def silence() -> Generator[None]:
    """Silence Pillow's warnings: what is wrong with a picture is said by `Unreadable`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _upright(image: Image.Image) -> Image.Image:
    """Apply the orientation that EXIF declares; damaged EXIF declares none."""
    with suppress(*BROKEN):
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        # Pillow would clip at 255 instead of scaling.
        image = Image.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        opaque = Image.new("RGBA", image.size, "white")
        opaque.alpha_composite(image.convert("RGBA"))
        image = opaque
    picture = image.convert("RGB")
    # Without EXIF nobody turns the picture a second time.
    picture.info.clear()
    return picture


def _too_large(limits: Limits) -> Unreadable:
    return Unreadable(reason=f"larger than {limits.bytes / 1e6:g} MB")


def _too_many_pixels(limits: Limits) -> Unreadable:
    return Unreadable(reason=f"more than {limits.pixels / 1e6:g} million pixels")
