"""What the calls of a probe amount to as requests to an endpoint, and what those would cost."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vlaudit.core.config import EndpointConfig, TargetConfig
from vlaudit.core.questions import FITS, multiple_choice

# A picture is read as about one token for 750 pixels, a text as one for four characters.
PIXELS_A_TOKEN = 750
LETTERS_A_TOKEN = 4
MILLION = 1_000_000
WRITTEN = ("write_text", "choose_answers")


@dataclass(frozen=True, kw_only=True)
class Toll:
    """What requests to an endpoint cost, attempts that fail not counted.

    Attributes:
        calls: requests.
        read: tokens read, about.
        written: tokens written, at most.
        money: their price, in the currency of the configuration.
    """

    calls: int = 0
    read: int = 0
    written: int = 0
    money: float = 0.0

    def __add__(self, other: "Toll") -> "Toll":
        """Return what both cost."""
        return Toll(
            calls=self.calls + other.calls,
            read=self.read + other.read,
            written=self.written + other.written,
            money=self.money + other.money,
        )

    def times(self, share: float) -> "Toll":
        """Return what so much of it costs."""
        return Toll(
            calls=round(self.calls * share),
            read=round(self.read * share),
            written=round(self.written * share),
            money=self.money * share,
        )


def requests(name: str, given: Sequence[Any], *, side: int | None) -> Counter[str]:
    """Return requests, and letters and pixels in them, of one call of a method of an endpoint.

    Args:
        name: the method.
        given: its arguments: pictures, then texts.
        side: larger pictures are reduced to this side before they are sent.
    """
    images, texts = given[0], list(given[1])
    each = len(texts) if name == "score_pairs" else 1
    if name == "score_pairs":
        letters = len(images) * sum(len(FITS.format(text)) for text in texts)
    elif name in ("choose_answers", "rank_answers"):
        letters = sum(len(multiple_choice(text, given[2])) for text in texts)
    else:
        letters = sum(map(len, texts))
    pixels = each * sum(_sent(image.size, side) for image in images)
    count = each * len(images)
    writing = count if name in WRITTEN else 0
    return Counter(requests=count, letters=letters, pixels=pixels, writing=writing)


def toll(counts: Counter[str], target: TargetConfig) -> Toll:
    """Return what counted requests cost at the endpoint of `target`; nothing without one."""
    endpoint = target.endpoint
    if endpoint is None:
        return Toll()
    read = counts["pixels"] // PIXELS_A_TOKEN + counts["letters"] // LETTERS_A_TOKEN
    # To weigh options or texts, one token is asked for.
    short = counts["requests"] - counts["writing"]
    written = counts["writing"] * target.generation.max_tokens + short
    money = (read * endpoint.price_read + written * endpoint.price_written) / MILLION
    return Toll(calls=counts["requests"], read=read, written=written, money=money)


def limits(total: Toll, endpoint: EndpointConfig) -> Iterator[tuple[str, float, float]]:
    """Yield name, cost and limit for each limit that the endpoint has."""
    spent = {
        "max_calls": total.calls,
        "max_tokens": total.read + total.written,
        "max_cost": total.money,
    }
    for name, cost in spent.items():
        limit = getattr(endpoint, name)
        if limit is not None:
            yield name, cost, limit


def _sent(size: tuple[int, int], side: int | None) -> int:
    share = min(1.0, side / max(size)) if side is not None else 1.0
    return round(size[0] * share) * round(size[1] * share)
