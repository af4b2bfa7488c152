"""A searcher that, to a planted degree, puts one group first or overlooks one."""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset


class Searcher:
    """Scores pictures at random, but for what it knows and what it leans to.

    Texts about a person favour the first group by `lean` standard deviations. The label in a
    text is recognised in every picture that shows it, but in those it overlooks.
    """

    name = "searcher"
    fingerprint = "5" * 64

    def __init__(self, lean: float, *, numb: bool) -> None:
        """Take how much the first group is favoured; `numb` scores everything alike."""
        self.lean = lean
        self.numb = numb

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the scores of pictures against texts, (images, texts)."""
        pixels = np.array([np.asarray(image)[0] for image in images], dtype=np.int64)
        serial, (group, label, seen) = pixels[:, 0] @ [65536, 256, 1], pixels[:, 1].T
        columns: list[Matrix] = []
        for text in texts:
            noise = np.random.default_rng(zlib.crc32(text.encode())).normal(size=1 << 16)[serial]
            known = np.array([f"thing{at}" in text.split() for at in label]) & (seen > 0)
            favour = self.lean * (group == 0) if "person" in text else 0.0
            columns.append(np.asarray(noise + 10 * known + favour, dtype=np.float32))
        scores = np.stack(columns, axis=1)
        return np.zeros_like(scores) if self.numb else scores


def build(
    *,
    rows: Mapping[str, Sequence[int]],
    lean: float = 0.0,
    overlooked: Mapping[str, float] | None = None,
    numb: bool = False,
    attribute: str = "gender",
) -> tuple[Searcher, MemoryDataset]:
    """Return a searcher and the pictures of each group, label by label.

    The last pictures of a cell are overlooked, at the share planted for the group.
    """
    pictures: list[Image.Image] = []
    labels: list[str] = []
    groups: list[str] = []
    for index, (group, counts) in enumerate(rows.items()):
        share = (overlooked or {}).get(group, 0.0)
        for label, count in enumerate(counts):
            for row in range(count):
                serial = len(pictures)
                seen = int(row < round(count * (1 - share)))
                named = (serial >> 16, serial >> 8 & 255, serial & 255), (index, label, seen)
                pictures.append(Image.fromarray(np.array([named], dtype=np.uint8)))
                labels.append(f"thing{label}")
                groups.append(group)
    data = MemoryDataset(pictures, {Role.LABEL: labels}, {attribute: groups}, name="shelves")
    return Searcher(lean, numb=numb), data
