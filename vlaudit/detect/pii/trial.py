"""Tries the detector on invented personal data and decoys."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vlaudit.detect.pii.planted import decoys, plant, recovered
from vlaudit.detect.pii.tally import Tally

Part = tuple[str, str]
EVERYTHING: Part = ("", "")


@dataclass(frozen=True)
class Trial:
    """What became of planted personal data and of decoys.

    Attributes:
        found: plants that were found, of all and by tier, kind or language of the caption.
        planted: plants, likewise.
        alarms: decoys that were taken for personal data.
        decoyed: decoys.
    """

    found: Mapping[Part, int]
    planted: Mapping[Part, int]
    alarms: int
    decoyed: int

    def recall(self, kind: str) -> tuple[int, int]:
        """Return how many plants of a kind were found and missed."""
        part = ("entity", kind)
        return self.found[part], self.planted[part] - self.found[part]


def attempt(tally: Tally, rng: np.random.Generator, count: int) -> Trial:
    """Plant `count` pieces of personal data and as many decoys in the captions that were seen."""
    planted = plant(tally.carriers, rng, count)
    found: Counter[Part] = Counter()
    tried: Counter[Part] = Counter()
    for plant_, hit in zip(planted, recovered(tally.scanner, planted), strict=True):
        parts = [EVERYTHING, ("entity", plant_.entity), ("tier", str(plant_.tier))]
        parts.append(("language", tally.scanner.languages.of(plant_.carrier)))
        tried.update(parts)
        found.update(parts if hit else ())
    alarms = recovered(tally.scanner, decoys(tally.carriers, rng, count))
    return Trial(found, tried, sum(alarms), count)
