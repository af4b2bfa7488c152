"""Members of ZIP archives, also of those packed with Zstandard, as Inspect packs its logs."""

import zipfile
from zlib import crc32

import pyarrow as pa

ZSTANDARD = 93
HEADER = 30
LENGTHS = slice(26, 30)


def member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the bytes of one member.

    Raises:
        NotImplementedError: it is packed in a way that is not known.
        ValueError: it is damaged, or is not of the size that the archive says.
    """
    entry = archive.getinfo(name)
    if entry.compress_type != ZSTANDARD:
        return archive.read(name)
    packed = _packed(archive, entry)
    try:
        unpacked = pa.decompress(packed, entry.file_size, codec="zstd", asbytes=True)
    except OSError as error:
        raise ValueError(f"{name}: {error}") from error
    if crc32(unpacked) != entry.CRC:
        raise ValueError(f"{name} is damaged")
    return bytes(unpacked)


def _packed(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the packed bytes of a member; before them stand a header, its name and its extras."""
    stream = archive.fp
    if stream is None:
        raise ValueError("the archive is closed")
    stream.seek(entry.header_offset)
    header = stream.read(HEADER)[LENGTHS]
    name, extra = int.from_bytes(header[:2], "little"), int.from_bytes(header[2:], "little")
    stream.seek(entry.header_offset + HEADER + name + extra)
    return stream.read(entry.compress_size)
