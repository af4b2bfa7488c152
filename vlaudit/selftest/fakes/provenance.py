"""Rows with licences, sources and checksums, of which some are wrong at known rates."""

import hashlib
import io

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset

FREE = ("CC0-1.0", "https://creativecommons.org/licenses/by/4.0/", "MIT", "CC BY-SA 3.0", "PDM")
BOUND = ("CC-BY-NC-4.0", "Attribution-NoDerivs License", "All rights reserved")
VAGUE = ("", "unknown", None, "n/a")


def build(
    *,
    rows: int = 100,
    restricted: int = 0,
    unlicensed: int = 0,
    opted_out: int = 0,
    changed: int = 0,
    recompressed: int = 0,
    columns: bool = True,
    seed: int = 0,
) -> tuple[Seer, MemoryDataset]:
    """Return a trivial model and `rows` rows; each flaw stands in rows of its own.

    Args:
        rows: number of rows.
        restricted: rows under terms that forbid commercial use or changes.
        unlicensed: rows without a licence.
        opted_out: rows from reserved.example.
        changed: rows whose checksum is that of another file.
        recompressed: rows that show the first picture again, as a smaller JPEG.
        columns: whether there are columns of licence, source and checksum at all.
        seed: seed of the draws.
    """
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (rows, 8, 8, 3), dtype=np.uint8)
    pictures = [Image.fromarray(c).resize((96, 96), Image.Resampling.BICUBIC) for c in coarse]
    for row in range(1, 1 + recompressed):
        pictures[row] = pictures[0].resize((80, 80))
    files = [_file(picture, "JPEG" if row else "PNG") for row, picture in enumerate(pictures)]
    licences: list[str | None] = [FREE[i % len(FREE)] for i in range(rows)]
    sources: list[str | None] = [f"https://open.example/photos/{i}.jpg" for i in range(rows)]
    sums: list[str | None] = [hashlib.sha256(file).hexdigest() for file in files]
    spare = iter(range(rows - 1, -1, -1))
    for turn in range(restricted):
        licences[next(spare)] = BOUND[turn % len(BOUND)]
    for turn in range(unlicensed):
        licences[next(spare)] = VAGUE[turn % len(VAGUE)]
    for turn in range(opted_out):
        sources[next(spare)] = f"http://img.reserved.example/{turn}.png"
    for _ in range(changed):
        sums[next(spare)] = "0" * 64
    values = {Role.LICENCE: licences, Role.SOURCE: sources, Role.CHECKSUM: sums} if columns else {}
    data = MemoryDataset(pictures, values, name="provenance", encoded=files)
    return Seer([str(level) for level in range(256)]), data


def _file(picture: Image.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form)
    return buffer.getvalue()
