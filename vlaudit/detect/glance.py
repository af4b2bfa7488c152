"""One look at every picture, which probes share that would else decode all of them anew."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from vlaudit.core.dataset import Dataset, Shown
from vlaudit.core.probe import Features
from vlaudit.detect.sketches import BATCH, Sketches, joined, sketches
from vlaudit.detect.spectrum import Peaks, peaks
from vlaudit.detect.spectrum import joined as joined_peaks

T = TypeVar("T")


@runtime_checkable
class Remembers(Protocol):
    """Keeps what was worked out of some rows, for other probes of the same run."""

    def once(self, name: str, data: Dataset, work: Callable[[], T]) -> T:
        """Return what `work` returned for these rows before, or returns now."""
        ...


@dataclass(frozen=True)
class Glance:
    """What is kept of each picture.

    Attributes:
        sketches: what copies are found by.
        peaks: the faint waves that stand out.
    """

    sketches: Sketches
    peaks: Peaks


def glance(data: Dataset, features: Features, progress: Callable[[float], None]) -> Glance:
    """Return what is kept of each row, looked at once in a run where `features` remember it."""
    if isinstance(features, Remembers):
        return features.once("glance", data, lambda: look(data, progress))
    return look(data, progress)


def look(data: Shown, progress: Callable[[float], None]) -> Glance:
    """Decode all pictures, a batch of which is in memory at a time, and keep what matters."""
    seen: list[Sketches] = []
    waves: list[Peaks] = []
    for start in range(0, len(data), BATCH):
        rows = range(start, min(start + BATCH, len(data)))
        pictures = data.images(rows)
        seen.append(sketches(pictures))
        waves.append(peaks(pictures, start))
        progress(rows.stop / len(data))
    return Glance(joined(seen), joined_peaks(waves))
