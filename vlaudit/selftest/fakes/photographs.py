"""Photographs whose files say more than the picture shows, at known rates."""

import io
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import ExifTags, Image, PngImagePlugin

from vlaudit.core.dataset import Role
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset

GPS: dict[int, Any] = {
    ExifTags.GPS.GPSLatitudeRef: "S",
    ExifTags.GPS.GPSLatitude: (41.0, 12.0, 3.5),
    ExifTags.GPS.GPSLongitudeRef: "W",
    ExifTags.GPS.GPSLongitude: (120.0, 5.0, 9.25),
}
NOWHERE: dict[int, Any] = {
    ExifTags.GPS.GPSLatitude: (0.0, 0.0, 0.0),
    ExifTags.GPS.GPSLongitude: (0.0, 0.0, 0.0),
}
FIELDS: Mapping[str, Mapping[int, str]] = {
    "owner": {0xA430: "Zuzana Thistlewood"},
    "artist": {0x013B: "Zuzana Thistlewood"},
    "serial": {0xA431: "XQ-00417732"},
    "comment": {0x010E: "call 415-555-0142 or mail zuzana@example.com"},
    "innocent": {
        0x010F: "Imaginary Cameras",
        0x0110: "Model 4711",
        0x010E: "a red bicycle, 1/250 s",
    },
}
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description aux:SerialNumber="4711" '
    'exif:GPSLatitude="41,12.05S"><dc:creator><rdf:Seq><rdf:li>Zuzana Thistlewood</rdf:li>'
    "</rdf:Seq></dc:creator></rdf:Description></x:xmpmeta>"
)
MADE = '<x:xmpmeta><rdf:Description Iptc4xmpExt:DigitalSourceType="trainedAlgorithmicMedia"/>'


def build(
    *, rows: int = 100, planted: Mapping[str, int] | None = None, seed: int = 0
) -> tuple[Seer, MemoryDataset]:
    """Return a trivial model and `rows` pictures; `planted` says how many files say what.

    What can be planted: gps, nowhere (a position of zeros), owner, artist, serial, comment,
    innocent (maker and exposure), same_thumbnail, other_thumbnail, xmp, iptc, png_text, made
    (declared as generated) and c2pa.
    """
    rng = np.random.default_rng(seed)
    plan = [kind for kind, count in (planted or {}).items() for _ in range(count)]
    plan += ["nothing"] * (rows - len(plan))
    scenes = [_scene(rng) for _ in range(rows)]
    files = [photograph(scene, kind, rng) for scene, kind in zip(scenes, plan, strict=True)]
    names: list[str | None] = [f"{kind}-{i}" for i, kind in enumerate(plan)]
    data = MemoryDataset(scenes, {Role.ID: names}, name="photographs", encoded=files)
    return Seer([str(level) for level in range(256)]), data


def photograph(scene: Image.Image, kind: str, rng: np.random.Generator) -> bytes:
    """Return a picture's file with one thing planted in it."""
    if kind == "png_text":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", "for Zuzana, SSN 536-22-7431")
        return _saved(scene, "PNG", pnginfo=text)
    if kind in ("same_thumbnail", "other_thumbnail"):
        shown = scene if kind == "same_thumbnail" else _scene(rng)
        return _inserted(_saved(scene, "JPEG"), 0xE1, _with_thumbnail(shown))
    if kind in ("xmp", "made"):
        packet = b"http://ns.adobe.com/xap/1.0/\0" + (XMP if kind == "xmp" else MADE).encode()
        return _inserted(_saved(scene, "JPEG"), 0xE1, packet)
    if kind == "iptc":
        return _inserted(_saved(scene, "JPEG"), 0xED, _iptc({80: "Zuzana", 90: "Nowhere-on-Sea"}))
    if kind == "c2pa":
        return _inserted(_saved(scene, "JPEG"), 0xEB, b"JP\0\1\0\0\0\1\0\0\0\x20jumbjumdc2pa")
    exif = Image.Exif()
    if kind in ("gps", "nowhere"):
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(GPS if kind == "gps" else NOWHERE)
    for tag, value in FIELDS.get(kind, {}).items():
        (exif.get_ifd(ExifTags.IFD.Exif) if tag > 0x9000 else exif)[tag] = value
    return _saved(scene, "JPEG", exif=exif)


def _scene(rng: np.random.Generator) -> Image.Image:
    coarse = Image.fromarray(rng.integers(30, 255, (4, 5, 3), dtype=np.uint8))
    return coarse.resize((80, 64), Image.Resampling.BICUBIC)


def _saved(scene: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    scene.save(buffer, form, **options)
    return buffer.getvalue()


def _inserted(jpeg: bytes, marker: int, payload: bytes) -> bytes:
    """Put a segment behind the start of a JPEG file."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload + jpeg[2:]


def _with_thumbnail(shown: Image.Image) -> bytes:
    """Return EXIF whose second directory holds a JPEG thumbnail with black bars."""
    framed = Image.new("RGB", (80, 60))
    framed.paste(shown.resize((80, 52)), (0, 4))
    small = _saved(framed, "JPEG")
    offset = 8 + 6 + 6 + 2 * 12
    entries = struct.pack("<HHLL", 0x0201, 4, 1, offset) + struct.pack(
        "<HHLL", 0x0202, 4, 1, len(small)
    )
    directories = struct.pack("<HL", 0, 14) + struct.pack("<H", 2) + entries + bytes(4)
    return b"Exif\0\0II*\0" + struct.pack("<L", 8) + directories + small


def _iptc(fields: Mapping[int, str]) -> bytes:
    records = b"".join(
        struct.pack(">BBBH", 0x1C, 2, field, len(text)) + text.encode()
        for field, text in fields.items()
    )
    head = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">L", len(records))
    return head + records + b"\0" * (len(records) % 2)
