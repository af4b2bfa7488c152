"""Text that nobody sees, text that speaks to a model, and faint patterns that recur."""

from collections.abc import Iterator

import numpy as np

from vlaudit.core.dataset import Role
from vlaudit.core.errors import MissingExtraError
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.glance import glance
from vlaudit.detect.hidden import addresses_model, doubts
from vlaudit.detect.ocr import Reader, load
from vlaudit.detect.spectrum import Recurring, recurring
from vlaudit.stats.intervals import clopper_pearson

SAYS = {
    "instruction": (Severity.HIGH, "caption", "The caption speaks to a model."),
    "written_instruction": (Severity.HIGH, "image", "Writing in the picture speaks to a model."),
    "invisible_text": (Severity.MEDIUM, "caption", "The caption holds characters nobody sees."),
}


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Look through captions for hidden text, and through pictures for patterns and orders."""
    data, found = context.data, dict[str, list[int]]()
    if not (data.columns.has(Role.CAPTION) or data.columns.has(Role.IMAGE)) or not len(data):
        raise Inapplicable("there are neither captions nor pictures")
    reader = _reader(context)
    if data.columns.has(Role.CAPTION):
        captions = data.texts(Role.CAPTION)
        written = sum(1 for text in captions if text)
        found["invisible_text"], found["instruction"] = doubts(captions)
        for kind in ("invisible_text", "instruction") if written else ():
            yield _share(f"{kind}_share", len(found[kind]), written)
    listed: list[Finding] = []
    if data.columns.has(Role.IMAGE):
        patterns = list(_patterns(context))
        listed = [item for item in patterns if isinstance(item, Finding)]
        yield from (item for item in patterns if isinstance(item, Measurement))
        if reader is not None:
            rows = _read(context, reader)
            found["written_instruction"] = rows
            count = min(int(context.settings["read"]), len(data))
            yield _share("written_instruction_share", len(rows), count)
    ids = data.ids()
    told = [
        Finding(kind, says, severity, Confidence.HIGH, row=ids[row], where=where)
        for kind, (severity, where, says) in SAYS.items()
        for row in found.get(kind, ())
    ]
    yield from [*told, *listed][: context.settings["listed"]]
    if (more := len(told) + len(listed) - context.settings["listed"]) > 0:
        context.note(f"{more} further findings are counted but not listed.")


def _patterns(context: Context) -> Iterator[Measurement | Finding]:
    data = context.data
    looked = glance(data, context.features, lambda done: context.progress(0.9 * done))
    seen = recurring(looked.peaks)
    guilty: dict[int, list[Recurring]] = {}
    for one in seen:
        for row in one.rows.tolist():
            guilty.setdefault(row, []).append(one)
    yield _share("pattern_share", len(guilty), len(data))
    ids = data.ids()
    for row in sorted(guilty):
        mine = guilty[row]
        yield Finding(
            "recurring_pattern",
            f"Holds a faint wave of {mine[0].down} by {mine[0].right} cycles, as "
            f"{len(mine[0].rows)} pictures do.",
            Severity.MEDIUM,
            Confidence.LOW,
            row=ids[row],
            where="image",
            evidence={"frequencies": len(mine), "amplitude": round(mine[0].amplitude, 2)},
        )


def _reader(context: Context) -> Reader | None:
    """Return what reads writing, where that is asked for."""
    if context.settings["read"] <= 0 or not context.data.columns.has(Role.IMAGE):
        return None
    try:
        return load()
    except MissingExtraError as error:
        raise Inapplicable(f"{error}; or set read to 0") from error


def _read(context: Context, reader: Reader) -> list[int]:
    """Return the rows, of those drawn, whose picture bears an order to a model."""
    count = min(int(context.settings["read"]), len(context.data))
    drawn = np.sort(context.rng.choice(len(context.data), count, replace=False)).tolist()
    guilty: list[int] = []
    for row in drawn:
        lines = reader.read(context.data.images([row])[0])
        if addresses_model(" ".join(line.text for line in lines)):
            guilty.append(row)
    return guilty


def _share(metric: str, hits: int, count: int) -> Measurement:
    return Measurement(metric, hits / count, count, clopper_pearson(hits, count))
