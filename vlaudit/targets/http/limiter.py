"""How many requests go out at once: as many as the server bears."""

import threading
from collections.abc import Generator
from contextlib import contextmanager

SLOW = 3.0
MEMORY = 0.9


class Limiter:
    """Lets one more request through after a round of good answers, and half as many when refused.

    Additive increase and multiplicative decrease, as TCP keeps its window; an answer that takes
    `SLOW` times as long as usual holds the window where it is.
    """

    def __init__(self, most: int, *, first: int = 2) -> None:
        """Allow at most `most` requests at once, and `first` to begin with."""
        self._most = most
        self._window = float(min(first, most))
        self._running = 0
        self._usual: float | None = None
        self._free = threading.Condition()

    @property
    def window(self) -> int:
        """Requests that may go out at once now."""
        return max(1, int(self._window))

    @contextmanager
    def slot(self) -> Generator[None]:
        """Wait until a request may go out."""
        with self._free:
            self._free.wait_for(lambda: self._running < self.window)
            self._running += 1
        try:
            yield
        finally:
            with self._free:
                self._running -= 1
                self._free.notify_all()

    def answered(self, seconds: float) -> None:
        """Hear that a request was answered well, in this time."""
        with self._free:
            usual = seconds if self._usual is None else self._usual
            if seconds <= SLOW * usual:
                self._window = min(float(self._most), self._window + 1 / self._window)
            self._usual = MEMORY * usual + (1 - MEMORY) * seconds
            self._free.notify_all()

    def refused(self) -> None:
        """Hear that the server was too busy."""
        with self._free:
            self._window = max(1.0, self._window / 2)
