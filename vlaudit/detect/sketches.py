"""What is kept of each picture to find its copies: a digest, a perceptual hash and a thumbnail."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import dctn

from vlaudit.core.dataset import Shown
from vlaudit.core.target import Matrix
from vlaudit.detect.rights import hash_codes

Codes = NDArray[np.uint64]
THUMB = 16
HASHED = 32
BATCH = 256


@dataclass(frozen=True)
class Sketches:
    """Under 1 kB a picture, so that a million of them stay in memory.

    Attributes:
        digests: first eight bytes of a digest of the decoded pixels, uint64 of shape (rows,).
        codes: perceptual hashes, uint64 of shape (rows,).
        broad: hashes of lower frequencies in colour, which bear more movement, uint64 of (rows,).
        thumbs: thumbnails, uint8 of shape (rows, THUMB, THUMB, 3).
    """

    digests: Codes
    codes: Codes
    broad: Codes
    thumbs: NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.digests)

    def take(self, rows: NDArray[np.int64]) -> "Sketches":
        """Return the sketches of some rows."""
        return Sketches(self.digests[rows], self.codes[rows], self.broad[rows], self.thumbs[rows])


def sketches(pictures: Sequence[Image.Image]) -> Sketches:
    """Return the sketches of RGB pictures."""
    small = [
        p.resize((HASHED, HASHED), Image.Resampling.BILINEAR, reducing_gap=2) for p in pictures
    ]
    pixels = np.zeros((len(small), HASHED, HASHED, 3), dtype=np.uint8)
    greys = np.zeros((len(small), HASHED, HASHED), dtype=np.float64)
    for row, picture in enumerate(small):
        pixels[row], greys[row] = np.asarray(picture), np.asarray(picture.convert("L"))
    step = HASHED // THUMB
    tiled = pixels.reshape(-1, THUMB, step, THUMB, step, 3).astype(np.uint16).sum(axis=(2, 4))
    thumbs = ((tiled + step) // step**2).astype(np.uint8)
    digests = np.array([_digest(picture) for picture in pictures], np.uint64)
    return Sketches(digests, hash_codes(greys), broad_codes(thumbs), thumbs)


def broad_codes(thumbs: NDArray[np.uint8]) -> Codes:
    """Return the signs of the lowest frequencies of light and of two colours, 64 in all."""
    red, green, blue = np.moveaxis(thumbs.astype(np.float64), -1, 0)
    down, right = np.indices((6, 6)).reshape(2, -1)
    lowest = np.argsort(down**2 + right**2, kind="stable")[1:]
    signs = [
        dctn(channel, axes=(1, 2))[:, down[lowest[:count]], right[lowest[:count]]] > 0
        for channel, count in (
            (red + green + blue, 22), (red - green, 21), (2 * blue - red - green, 21),
        )
    ]  # fmt: skip
    packed = np.packbits(np.ascontiguousarray(np.concatenate(signs, axis=1)), axis=1)
    return np.ascontiguousarray(packed).view(">u8")[:, 0].astype(np.uint64)


def sketched(data: Shown, progress: Callable[[float], None]) -> Sketches:
    """Return the sketches of all rows; a batch of pictures is in memory at a time."""
    parts: list[Sketches] = []
    for start in range(0, len(data), BATCH):
        rows = range(start, min(start + BATCH, len(data)))
        parts.append(sketches(data.images(rows)))
        progress(rows.stop / len(data))
    return joined(parts)


def joined(parts: Sequence[Sketches]) -> Sketches:
    """Return the sketches of several batches as one."""
    return Sketches(
        np.concatenate([part.digests for part in parts]),
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.broad for part in parts]),
        np.concatenate([part.thumbs for part in parts]),
    )


def _digest(picture: Image.Image) -> int:
    state = hashlib.blake2b(repr((picture.mode, picture.size)).encode(), digest_size=8)
    state.update(picture.tobytes())
    return int.from_bytes(state.digest(), "big")


def sign_codes(vectors: Matrix, rng: np.random.Generator) -> Codes:
    """Return the signs of unit vectors along 64 random directions (Charikar 2002), uint64.

    Codes differ in as large a share of their bits as the angle between two vectors is of 180
    degrees. What all vectors have in common is taken off first, since it tells nothing apart.
    """
    centre = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    directions = rng.normal(size=(vectors.shape[1], 64)).astype(np.float32)
    shift = centre @ directions
    codes = np.zeros(len(vectors), dtype=np.uint64)
    for start in range(0, len(vectors), 8192):
        signs = vectors[start : start + 8192] @ directions > shift
        codes[start : start + 8192] = np.packbits(signs, axis=1).view(">u8")[:, 0]
    return codes
