"""Finds what a picture's file says besides the picture: places, people, devices, origins.

Nothing that is found is returned; a `Trace` names its kind and the field that holds it.
"""

import io
import re
import struct
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from PIL import ExifTags, Image, IptcImagePlugin

from vlaudit.detect import credentials

# What Pillow was seen to raise on hostile bytes.
BROKEN = (
    OSError, SyntaxError, ValueError, LookupError, TypeError, ArithmeticError, AttributeError,
    RuntimeError, MemoryError, EOFError, struct.error, Image.DecompressionBombError,
)  # fmt: skip


class Kind(StrEnum):
    """What a file says."""

    PLACE = "place"
    OWNER = "owner"
    SERIAL = "serial_number"
    THUMBNAIL = "thumbnail"
    TEXT = "text"
    CONTENT_CREDENTIALS = "content_credentials"
    BROKEN_CREDENTIALS = "broken_credentials"
    GENERATED = "generated"
    TIME = "time"


@dataclass(frozen=True)
class Trace:
    """One thing that a file says, and the field that says it.

    Attributes:
        kind: what it is.
        field: name of the field, such as `EXIF GPSLatitude`.
        text: what stands there, for kind `text` only, to be searched for personal data; it is
            never to be written anywhere.
    """

    kind: Kind
    field: str
    text: str = ""

    def __repr__(self) -> str:
        """Show kind and field, never the text."""
        return f"Trace({self.kind.value}, {self.field})"


EXIF: Mapping[int, tuple[Kind, str]] = {
    0x010E: (Kind.TEXT, "ImageDescription"),
    0x0132: (Kind.TIME, "DateTime"),
    0x013B: (Kind.OWNER, "Artist"),
    0x013C: (Kind.OWNER, "HostComputer"),
    0x8298: (Kind.TEXT, "Copyright"),
    0x9003: (Kind.TIME, "DateTimeOriginal"),
    0x9286: (Kind.TEXT, "UserComment"),
    0x9C9B: (Kind.TEXT, "XPTitle"),
    0x9C9C: (Kind.TEXT, "XPComment"),
    0x9C9D: (Kind.OWNER, "XPAuthor"),
    0x9C9E: (Kind.TEXT, "XPKeywords"),
    0xA420: (Kind.SERIAL, "ImageUniqueID"),
    0xA430: (Kind.OWNER, "CameraOwnerName"),
    0xA431: (Kind.SERIAL, "BodySerialNumber"),
    0xA435: (Kind.SERIAL, "LensSerialNumber"),
    0xC62F: (Kind.SERIAL, "CameraSerialNumber"),
}
IPTC: Mapping[tuple[int, int], tuple[Kind, str]] = {
    (2, 5): (Kind.TEXT, "ObjectName"),
    (2, 25): (Kind.TEXT, "Keywords"),
    (2, 80): (Kind.OWNER, "By-line"),
    (2, 90): (Kind.PLACE, "City"),
    (2, 92): (Kind.PLACE, "Sub-location"),
    (2, 116): (Kind.TEXT, "CopyrightNotice"),
    (2, 118): (Kind.OWNER, "Contact"),
    (2, 120): (Kind.TEXT, "Caption"),
    (2, 122): (Kind.OWNER, "Writer"),
}
XMP: Mapping[str, Kind] = {
    "exif:GPSLatitude": Kind.PLACE,
    "photoshop:City": Kind.PLACE,
    "Iptc4xmpCore:Location": Kind.PLACE,
    "dc:creator": Kind.OWNER,
    "aux:OwnerName": Kind.OWNER,
    "exifEX:CameraOwnerName": Kind.OWNER,
    "Iptc4xmpCore:CiEmailWork": Kind.OWNER,
    "Iptc4xmpExt:PersonInImage": Kind.OWNER,
    "mwg-rs:Name": Kind.OWNER,
    "aux:SerialNumber": Kind.SERIAL,
    "exifEX:BodySerialNumber": Kind.SERIAL,
    "aux:LensSerialNumber": Kind.SERIAL,
    "dc:description": Kind.TEXT,
    "dc:title": Kind.TEXT,
    "dc:rights": Kind.TEXT,
    "dc:subject": Kind.TEXT,
    "photoshop:Headline": Kind.TEXT,
}
NOT_TEXT = {
    "compression",
    "xmp",
    "XML:com.adobe.xmp",
    "exif",
    "icc_profile",
    "Raw profile type exif",
}
GENERATORS = {"parameters", "prompt", "workflow", "Dream", "sd-metadata", "invokeai_metadata"}
MADE = re.compile(rb"trainedAlgorithmicMedia|compositeWithTrainedAlgorithmicMedia")
SIMILAR = 0.8


def traces(encoded: bytes) -> list[Trace]:
    """Return what a picture's file says besides the picture; nothing where it cannot be opened."""
    found: list[Trace] = []
    if credentials.carried(encoded):
        found.append(Trace(Kind.CONTENT_CREDENTIALS, "C2PA manifest"))
        if credentials.installed() and not credentials.holds(encoded):
            found.append(Trace(Kind.BROKEN_CREDENTIALS, "C2PA manifest"))
    if MADE.search(encoded):
        found.append(Trace(Kind.GENERATED, "digital source type"))
    with suppress(*BROKEN), _quiet(), Image.open(io.BytesIO(encoded)) as picture:
        readers: tuple[Callable[[Any], Iterator[Trace]], ...] = (_exif, _iptc, _xmp, _texts, _small)
        for read in readers:
            with suppress(*BROKEN):
                found.extend(read(picture))
    return list(dict.fromkeys(found))


@contextmanager
def _quiet() -> Generator[None]:
    """Silence Pillow's warnings about damaged fields."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _exif(picture: Any) -> Iterator[Trace]:
    exif = picture.getexif()
    fields = {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}
    for tag, (kind, name) in EXIF.items():
        text = _plain(fields.get(tag))
        if text:
            yield Trace(kind, f"EXIF {name}", text if kind is Kind.TEXT else "")
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    angles = [place.get(tag) for tag in (ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLongitude)]
    if all(angles) and any(float(part) for angle in angles for part in angle):
        yield Trace(Kind.PLACE, "EXIF GPS")


def _iptc(picture: Any) -> Iterator[Trace]:
    fields: dict[Any, Any] = IptcImagePlugin.getiptcinfo(picture) or {}
    for key, (kind, name) in IPTC.items():
        values = fields.get(key, [])
        listed = values if isinstance(values, list) else [values]
        text = " ".join(filter(None, map(_plain, listed)))
        if text:
            yield Trace(kind, f"IPTC {name}", text if kind is Kind.TEXT else "")


def _xmp(picture: Any) -> Iterator[Trace]:
    raw: bytes | str = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp") or b""
    packet = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
    for name, kind in XMP.items():
        tag = re.escape(name)
        inside = re.search(rf"<{tag}\b[^>]*>(.*?)</{tag}>", packet, re.DOTALL)
        value = inside or re.search(rf"\b{tag}\s*=\s*[\"'](.*?)[\"']", packet, re.DOTALL)
        text = _plain(re.sub(r"<[^>]*>", " ", value[1])) if value else ""
        if text:
            yield Trace(kind, f"XMP {name}", text if kind is Kind.TEXT else "")


def _texts(picture: Any) -> Iterator[Trace]:
    """Yield comments, and text chunks of PNG and GIF."""
    for name, value in {**picture.info, **getattr(picture, "text", {})}.items():
        if name in GENERATORS:
            yield Trace(Kind.GENERATED, f"text {name}")
        if isinstance(value, str) or name == "comment":
            text = _plain(value)
            if text and name not in NOT_TEXT:
                yield Trace(Kind.TEXT, f"text {name}"[:60], text)


def _small(picture: Any) -> Iterator[Trace]:
    """Tell whether an embedded thumbnail shows something else: what was cut off or covered."""
    if not picture.getexif().get_ifd(ExifTags.IFD.IFD1):
        return
    for small in picture.get_child_images():
        if _likeness(picture, small) < SIMILAR:
            yield Trace(Kind.THUMBNAIL, "EXIF thumbnail")


def _likeness(picture: Any, small: Any) -> float:
    """Return how alike a picture and its thumbnail are, as the correlation of their brightness.

    Thumbnails keep their own proportions: black bars of a thumbnail are left out.
    """
    little = np.asarray(small.convert("L"), dtype=np.float64)
    bright = little > 24
    rows, columns = (np.flatnonzero(bright.mean(axis=axis) > 0.02) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return 0.0 if np.asarray(picture.convert("L")).mean() > 24 else 1.0
    cut = Image.fromarray(little[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    sides = (32, 32)
    one = np.asarray(cut.resize(sides, Image.Resampling.BILINEAR)).ravel()
    other = np.asarray(picture.convert("L").resize(sides, Image.Resampling.BILINEAR)).ravel()
    if np.ptp(one) < 8 and np.ptp(other) < 8:
        return 1.0 if abs(one.mean() - other.mean()) < 24 else 0.0
    return float(np.nan_to_num(np.corrcoef(one, other.astype(np.float64))[0, 1]))


def _plain(value: object) -> str:
    """Return a field as text; empty where it holds nothing but blanks, zeros or a placeholder."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        wide = value[1:2] == b"\x00" and not value.startswith((b"ASCII", b"UNICODE"))
        value = value.removeprefix(b"ASCII\x00\x00\x00").removeprefix(b"UNICODE\x00")
        value = value.decode("utf-16-le" if wide else "utf-8", "replace")
    text = " ".join(str(value).replace("\x00", " ").split())
    return text if re.search(r"[1-9]|[^\W\d_]", text) else ""
