"""The model and the rows, counting what a probe asks of them until its time is over."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image

from vlaudit.core.config import EndpointConfig
from vlaudit.core.dataset import Unreadable
from vlaudit.core.target import Choice, Target
from vlaudit.data import ArrowDataset
from vlaudit.rehearsal.requests import requests

Clock = Callable[[], float]
PATIENCE = 8
ANSWERED = ("write_text", "choose_answers", "rank_answers", "score_pairs", "weigh_tokens")
METHODS = (
    *ANSWERED,
    "embed_images",
    "embed_texts",
    "scores",
    "pixels",
    "pixel_scores",
    "embed_pixels",
    "pixel_likelihoods",
)
UNCOUNTED = ("scores", "pixels")


class Enough(BaseException):
    """Raised to end a rehearsal; no probe may take it for an error of its own."""


class Tally:
    """What a probe has asked for so far, and when it must stop.

    Attributes:
        counts: pictures, texts and pairs by ability, `decoded` pictures; of an endpoint also
            `requests`, and the `letters` and `pixels` in them.
        first: fraction, seconds and counts when the probe first said how far it had come.
        last: the same when it last did.
    """

    def __init__(self, seconds: float, clock: Clock = time.perf_counter) -> None:
        """Stop after `seconds` where the probe says how far it is, or after some times more."""
        self.counts: Counter[str] = Counter()
        self.first: tuple[float, Counter[str]] | None = None
        self.last: tuple[float, Counter[str]] = (0.0, Counter())
        self._clock = clock
        self._started = clock()
        self._seconds = seconds

    def progress(self, fraction: float) -> None:
        """Hear how far the probe has come."""
        self.last = (min(fraction, 1.0), self.so_far())
        self.first = self.first or self.last
        self.check()

    def so_far(self) -> Counter[str]:
        """Return counts, and milliseconds since the start."""
        spent = self._clock() - self._started
        return Counter({**self.counts, "milliseconds": int(1000 * spent)})

    def check(self) -> None:
        """End the rehearsal when its time is over."""
        # Loading a library before the first step does not use up the time for the steps.
        loading = self.first[1]["milliseconds"] / 1000 if self.first else 0.0
        seconds = self._seconds if self._moved else PATIENCE * self._seconds
        if self._clock() - self._started > loading + seconds:
            raise Enough

    @property
    def _moved(self) -> bool:
        return self.first is not None and self.last[0] > self.first[0]

    def total(self, *, finished: bool) -> tuple[Counter[str], float]:
        """Return counts for the whole probe and the fraction that they come from; 0 for none.

        What came before the probe first said how far it was comes once, such as loading a library;
        the rest grows with the fraction.
        """
        if finished or self.first is None or not self._moved:
            return self.so_far(), float(finished)
        (start, before), (end, after) = self.first, self.last
        scale = (1 - start) / (end - start)
        names = {*before, *after}
        return (Counter({n: round(before[n] + scale * (after[n] - before[n])) for n in names}), end)


class CountedTarget:
    """The model, counting what it is given; an endpoint is not asked but answered for."""

    def __init__(
        self, target: Target, tally: Tally, *, endpoint: EndpointConfig | None = None
    ) -> None:
        """Wrap `target`; the answers of an endpoint are made up, so that nothing is paid for."""
        self.name = target.name
        self.fingerprint = target.fingerprint
        self._target = target
        for name in METHODS:
            method = getattr(target, name, None)
            if callable(method):
                counted = _counted(name, method, tally)
                if endpoint is not None and name in ANSWERED:
                    counted = _requested(name, tally, side=endpoint.longest_side)
                setattr(self, name, counted)

    def __getattr__(self, name: str) -> Any:
        """Return whatever else the model has."""
        return getattr(self._target, name)


def _counted(name: str, method: Callable[..., Any], tally: Tally) -> Callable[..., Any]:
    def counted(*given: Any, **options: Any) -> Any:
        tally.check()
        options_of = len(given[-1]) if name in ("rank_answers", "score_pairs") else 1
        if name not in UNCOUNTED:
            tally.counts[name] += len(given[0]) * options_of
        return method(*given, **options)

    return counted


def _requested(name: str, tally: Tally, *, side: int | None) -> Callable[..., Any]:
    answer = _made_up(name)

    def requested(*given: Any) -> Any:
        tally.check()
        asked = requests(name, given, side=side)
        tally.counts.update({**asked, name: asked["requests"]})
        return answer(*given)

    return requested


def _made_up(name: str) -> Callable[..., Any]:
    """Return a stand-in for a method of an endpoint, of the same shape and without content."""

    def answer(images: Sequence[Any], *rest: Sequence[str]) -> Any:
        if name == "write_text":
            return ["nothing" for _ in images]
        if name == "choose_answers":
            return [Choice(option=None, said="") for _ in images]
        if name == "weigh_tokens":
            return [np.zeros(1, dtype=np.float32) for _ in images]
        return np.zeros((len(images), len(rest[-1])), dtype=np.float32)

    return answer


class CountedDataset(ArrowDataset):
    """The rows, counting the pictures that are decoded; a grey one stands for the unreadable."""

    def __init__(self, rows: ArrowDataset, tally: Tally) -> None:
        """Show the same rows as `rows`."""
        super().__init__(rows._whole, rows.rows)
        self._tally = tally

    def select(self, positions: Sequence[int]) -> "CountedDataset":
        """Return the dataset of these rows only."""
        return CountedDataset(super().select(positions), self._tally)

    def decode(self, positions: Sequence[int]) -> list[Image.Image | Unreadable]:
        """Return the pictures at these positions."""
        self._tally.check()
        self._tally.counts["decoded"] += len(positions)
        grey = Image.new("RGB", (224, 224), "grey")
        return [grey if isinstance(p, Unreadable) else p for p in super().decode(positions)]
