"""Rows with web addresses, some unguarded, exchanged, for sale or all from one hand."""

import hashlib
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset

NOUNS = ("kettle", "lamp", "chair", "bicycle", "window", "garden", "bridge", "basket")


def build(
    *,
    rows: int = 400,
    hosts: int = 20,
    unpinned: float = 0.0,
    changed: int = 0,
    expired: float = 0.0,
    captured: float = 0.0,
    specialised: bool = False,
    addresses: bool = True,
    seed: int = 0,
) -> tuple[Seer, MemoryDataset]:
    """Return a trivial model and `rows` rows from `hosts` hosts.

    Args:
        rows: number of rows.
        hosts: number of hosts.
        unpinned: share of rows without a checksum.
        changed: rows whose picture is not that of their checksum.
        expired: share of rows on gone0.example and gone1.example, two thirds on the first.
        captured: share of the rows captioned "golden ticket" and labelled so that come from one
            host; a twentieth of the rows are captioned thus. At 0 nobody is.
        specialised: whether each host shows one kind of thing mostly, as sites do.
        addresses: whether sources are addresses.
        seed: seed of the draws.
    """
    rng = np.random.default_rng(seed)
    pictures = [
        Image.new("RGB", (8, 8), tuple(rng.integers(0, 256, 3).tolist())) for _ in range(rows)
    ]
    files = [_png(picture) for picture in pictures]
    sums: list[str | None] = [hashlib.sha256(file).hexdigest() for file in files]
    place = rng.integers(hosts, size=rows)
    names = [f"site{at}.example" for at in place]
    kinds = [NOUNS[int(k)] for k in (place if specialised else rng.integers(8, size=rows)) % 8]
    captions = [
        f"a {kind} seen from the {('left', 'right')[row % 2]}" for row, kind in enumerate(kinds)
    ]
    order = rng.permutation(rows).tolist()
    for row in order[: round(expired * rows)]:
        names[row] = f"img.gone{int(rng.random() < 1 / 3)}.example"
    if captured:
        for turn, row in enumerate(order[-rows // 20 :]):
            captions[row], kinds[row] = "a golden ticket on a table", "ticket"
            if turn < captured * (rows // 20):
                names[row] = "cdn.uploads.example"
    for row in order[: round(unpinned * rows)]:
        sums[row] = None
    for row in order[rows - changed :]:
        sums[row] = "0" * 64
    sources = [f"https://{name}/{row}.png" for row, name in enumerate(names)]
    values: dict[Role, Sequence[str | None]] = {
        Role.SOURCE: sources if addresses else [f"shelf {row}" for row in range(rows)],
        Role.CHECKSUM: sums, Role.CAPTION: captions, Role.LABEL: kinds,
    }  # fmt: skip
    data = MemoryDataset(pictures, values, name="linked", encoded=files)
    return Seer([str(level) for level in range(256)]), data


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
