"""Takes personal data out: words masked, writing covered, and files left with the picture only."""

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageOps

from vlaudit.detect.ocr import Box
from vlaudit.detect.pii.scan import Entity, Scanner

PASSES = 3
MASK = re.compile(r"<[A-Z0-9_]+>")
MARGIN = 3
ORIENTATION = 0x0112
JPEG_KEPT = {0xE0, 0xEE}  # JFIF, and Adobe's which tells the colour transform
COLOURS = b"ICC_PROFILE\x00"
PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT",
    b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT", b"cICP",
}  # fmt: skip
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def masked(text: str, scanner: Scanner, entities: Sequence[Entity]) -> tuple[str, int]:
    """Return a text with its personal data replaced by kinds, `<PERSON>`, and how much it was.

    What stands beside a mask may come out only once the rest is masked, so that the text is read
    again until nothing is found.

    Args:
        text: the text.
        scanner: finds personal data.
        entities: what it found in the text.
    """
    count = 0
    for _ in range(PASSES):
        if not entities:
            break
        # From the end, so that the offsets before it stay true.
        edge = len(text)
        for entity in sorted(entities, reverse=True):
            text = f"{text[: entity.start]}<{entity.name}>{text[min(entity.end, edge) :]}"
            edge = entity.start
            count += 1
        entities = outside_masks(text, scanner.scan([text])[0])
    return text, count


def outside_masks(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """Return the personal data that is not just the name of a kind in a mask."""
    masks = [found.span() for found in MASK.finditer(text)]
    return [
        entity
        for entity in entities
        if not any(start <= entity.start and entity.end <= end for start, end in masks)
    ]


def covered(encoded: bytes, boxes: Sequence[Box]) -> bytes:
    """Return a picture with black boxes over parts of it, in the format of its file.

    Nothing of the file but the picture is kept.
    """
    with Image.open(io.BytesIO(encoded)) as opened:
        form = opened.format or "PNG"
        picture = ImageOps.exif_transpose(opened)
    picture = picture.convert("RGB")
    draw = ImageDraw.Draw(picture)
    for left, top, right, bottom in boxes:
        draw.rectangle((left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN), fill="black")
    return _saved(picture, form)


def bare(encoded: bytes) -> bytes:
    """Return a picture's file without anything but the picture: no EXIF, XMP, IPTC, text, trailer.

    JPEG and PNG keep their pixels bit by bit; a JPEG that is turned by its EXIF, and other
    formats, are decoded and written anew.
    """
    if encoded.startswith(b"\xff\xd8") and not _turned(encoded):
        return b"".join(_jpeg_parts(encoded))
    if encoded.startswith(SIGNATURE) and not _turned(encoded):
        return SIGNATURE + b"".join(_png_parts(encoded))
    with Image.open(io.BytesIO(encoded)) as opened:
        form = opened.format or "PNG"
        frames = int(getattr(opened, "n_frames", 1))
        if frames > 1:
            return _saved(opened, form, save_all=True)
        return _saved(ImageOps.exif_transpose(opened), form)


def _turned(encoded: bytes) -> bool:
    with Image.open(io.BytesIO(encoded)) as opened:
        return opened.getexif().get(ORIENTATION, 1) not in (0, 1)


def _jpeg_parts(encoded: bytes) -> Iterator[bytes]:
    """Yield the parts of a JPEG that its pixels need, up to the end of the first picture."""
    yield encoded[:2]
    at = 2
    while at + 4 <= len(encoded):
        if encoded[at] != 0xFF:
            at += 1
            continue
        mark = encoded[at + 1]
        if mark == 0xFF:
            at += 1
            continue
        if mark == 0xD9:
            break
        size = int.from_bytes(encoded[at + 2 : at + 4], "big")
        end = at + 2 + size
        if mark == 0xDA:
            end = _end_of_scan(encoded, end)
        content = encoded[at:end]
        application = 0xE0 <= mark <= 0xEF or mark == 0xFE
        if not application or mark in JPEG_KEPT or content[4:16] == COLOURS:
            yield _without_thumbnail(content) if mark == 0xE0 else content
        at = end
    yield b"\xff\xd9"


def _without_thumbnail(content: bytes) -> bytes:
    """Return a JFIF segment without its thumbnail; nothing of its extension."""
    if content[4:9] != b"JFIF\x00":
        return b""
    return b"\xff\xe0\x00\x10" + content[4:16] + b"\x00\x00"


def _end_of_scan(encoded: bytes, at: int) -> int:
    """Return where the entropy-coded data that begin at `at` end: at the next marker."""
    while (at := encoded.find(b"\xff", at)) >= 0 and at + 1 < len(encoded):
        mark = encoded[at + 1]
        if mark != 0 and not 0xD0 <= mark <= 0xD7:
            return at
        at += 2
    return len(encoded)


def _png_parts(encoded: bytes) -> Iterator[bytes]:
    """Yield the chunks of a PNG that its pixels and colours need, up to its end."""
    at = len(SIGNATURE)
    while at + 12 <= len(encoded):
        end = at + 12 + int.from_bytes(encoded[at : at + 4], "big")
        kind = encoded[at + 4 : at + 8]
        if kind in PNG_KEPT:
            yield encoded[at:end]
        if kind == b"IEND":
            return
        at = end


def _saved(picture: Any, form: str, **options: Any) -> bytes:
    ways: dict[str, dict[str, Any]] = {"JPEG": {"quality": 95}, "WEBP": {"lossless": True}}
    best = ways.get(form, {})
    picture.info = {
        name: value
        for name, value in picture.info.items()
        if name in ("transparency", "icc_profile", "duration", "loop", "background")
    }
    buffer = io.BytesIO()
    picture.save(buffer, form, exif=b"", **best, **options)
    return buffer.getvalue()
