"""Captions with personal data planted at a known rate, among captions full of innocent numbers."""

import numpy as np

from vlaudit.core.dataset import Role
from vlaudit.detect.pii.planted import decoys, plant
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset

THINGS = ("red bicycle", "wooden table", "firefighter", "glass of milk", "woman in a blue coat",
          "man with a beard", "birthday cake", "cable car", "teddy bear", "pair of boots",
          "mountain lake", "market stall", "yellow taxi", "violin", "chess board")  # fmt: skip
FORMS = ("a photo of a {}", "{}", "Close-up of a {}.", "a {} on a white background",
         "A {} at night", "old {} for sale", "{} in the rain, seen from above")  # fmt: skip


def build(
    *,
    rows: int = 1000,
    planted: int = 0,
    decoyed: int = 0,
    only: str | None = None,
    seed: int = 0,
    odd: tuple[str | None, ...] = (),
) -> tuple[Seer, MemoryDataset]:
    """Return a trivial model and `rows` captions.

    Args:
        rows: number of captions.
        planted: how many of them hold one piece of personal data each.
        decoyed: how many others hold an innocent number, date, code or brand.
        only: tier of the personal data (`high_risk`, `contact`, `name`); all of them when None.
        seed: seed of the draws.
        odd: captions put in front, such as an empty one or None.
    """
    rng = np.random.default_rng(seed)
    plain = [FORMS[i % len(FORMS)].format(THINGS[i % len(THINGS)]) for i in range(rows)]
    personal = [p for p in plant(plain, rng, 8 * planted) if only in (None, p.tier)]
    captions = [p.text for p in personal[:planted]]
    captions += [decoy.text for decoy in decoys(plain, rng, decoyed)]
    captions += plain[len(captions) :]
    shuffled = [captions[i] for i in rng.permutation(len(captions))]
    data = MemoryDataset(values={Role.CAPTION: [*odd, *shuffled]}, name="captions")
    return Seer(("thing",)), data
