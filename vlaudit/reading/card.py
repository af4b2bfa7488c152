"""Cards of probes, read from `probe.yaml`."""

from functools import cache

from vlaudit.core.probe import Card
from vlaudit.reading.document import parse
from vlaudit.reading.record import read_record


@cache
def read_card(text: str, *, where: str) -> Card:
    """Return the card that `text` describes; the same text is read once.

    Args:
        text: contents of a `probe.yaml`.
        where: its place, for errors.

    Raises:
        InputError: the text is not a card; lists every problem with its line.
    """
    return read_record(parse(text, where=where), Card)
