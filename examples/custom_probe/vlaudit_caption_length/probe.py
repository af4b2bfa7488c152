"""The share of captions that say next to nothing."""

from collections.abc import Iterator

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.stats.intervals import rate


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Count captions with too few words."""
    captions = [caption for caption in context.data.texts(Role.CAPTION) if caption]
    if not captions:
        raise Inapplicable("no row has a caption; name the column in data.columns.caption")
    short = sum(len(caption.split()) < context.settings["words"] for caption in captions)
    share = rate(short, len(captions))
    yield Measurement("short_share", share.value, samples=share.samples, interval=share.interval)
