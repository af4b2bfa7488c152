"""What an endpoint may cost, and what it has cost."""

import threading
from collections import Counter
from dataclasses import dataclass

from vlaudit.core.config import EndpointConfig
from vlaudit.core.probe import Inapplicable

MILLION = 1_000_000


@dataclass(frozen=True)
class Usage:
    """Tokens of one answer: those read and those written."""

    read: int
    written: int


class Ledger:
    """Counts calls, tokens and money, and lets no call through that could exceed the budget.

    A call reserves the most that it can cost before it goes out, so that calls which run side by
    side cannot exceed the budget together. One that does not fit waits for those that are out:
    they mostly cost less than they reserved.
    """

    def __init__(self, limits: EndpointConfig, *, most_written: int) -> None:
        """Hold calls against `limits`; none writes more than `most_written` tokens."""
        self._limits = limits
        self._most_written = most_written
        self._settled = threading.Condition()
        self._out: Counter[int] = Counter()
        self._dearest = 0
        self.calls = 0
        self.read = 0
        self.written = 0

    def reserve(self, most_read: int) -> int:
        """Set aside what a call can cost at most, and return the tokens that it may read.

        Args:
            most_read: a bound of those tokens; a dearer call that was seen before counts instead.

        Raises:
            Inapplicable: the budget does not suffice, so that the probe cannot be measured.
        """
        with self._settled:
            most_read = max(most_read, self._dearest)
            while (spent := self._exceeded(most_read)) is not None:
                if not self._out.total() or spent == "max_calls":
                    raise _spent(spent, getattr(self._limits, spent))
                self._settled.wait()
            self.calls += 1
            self._out[most_read] += 1
            return most_read

    def settle(self, most_read: int, usage: Usage | None) -> None:
        """Put what a call has cost in the place of what was set aside for it.

        Args:
            most_read: the tokens that were reserved.
            usage: what the server says; None where nothing was answered. An answer without usage
                counts as all that was reserved.
        """
        with self._settled:
            self._out[most_read] -= 1
            if usage is not None:
                self.read += usage.read
                self.written += usage.written
                self._dearest = max(self._dearest, usage.read)
            self._settled.notify_all()

    def _exceeded(self, most_read: int) -> str | None:
        """Return the limit that one more call could exceed."""
        limits = self._limits
        read = self.read + most_read + sum(size * count for size, count in self._out.items())
        written = self.written + self._most_written * (1 + self._out.total())
        cost = (read * limits.price_read + written * limits.price_written) / MILLION
        if limits.max_calls is not None and self.calls + 1 > limits.max_calls:
            return "max_calls"
        if limits.max_tokens is not None and read + written > limits.max_tokens:
            return "max_tokens"
        if limits.max_cost is not None and cost > limits.max_cost:
            return "max_cost"
        return None

    def most(self, read: int) -> Usage:
        """Return what a call counts as when the server does not say what it cost."""
        return Usage(read, self._most_written)


def _spent(name: str, limit: float) -> Inapplicable:
    return Inapplicable(
        f"the budget of the endpoint is spent (target.endpoint.{name}: {limit:g}); raise it and "
        "resume the run: answers that were given are not paid for again"
    )
