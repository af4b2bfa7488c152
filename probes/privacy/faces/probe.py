"""Faces: how many pictures show one, and on what recorded basis; never whose."""

from collections.abc import Iterator, Sequence

import numpy as np
from PIL.Image import Image, Transpose

from vlaudit.core.errors import MissingExtraError
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.faces import Box, Finder, examples, load, pasted
from vlaudit.stats.intervals import clopper_pearson, paired_difference

PER = 1000
BATCH = 32


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Look for faces in a sample of the pictures, upright and upside down."""
    rows = len(context.data)
    if not rows:
        raise Inapplicable("there is no picture; name the column under data.columns.image")
    try:
        finder = load()
    except MissingExtraError as missing:
        raise Inapplicable(str(missing)) from missing
    chosen = _sample(rows, int(context.settings["sample"]), context.rng)
    context.note(f"{len(chosen)} of {rows} pictures were searched by the {finder.label}.")
    based = _based(context, chosen)
    seen = list(_seen(context, chosen, finder))
    upright = np.array([bool(boxes) for _, boxes, _ in seen])
    turned = np.array([alarm for _, _, alarm in seen])
    yield _rate("flagged_rate", upright)
    only_up, only_down = int((upright & ~turned).sum()), int((turned & ~upright).sum())
    gap = paired_difference(only_up, only_down, len(seen))
    interval = Interval(gap.low * PER, gap.high * PER, gap.method, gap.level)
    yield Measurement("face_rate", (only_up - only_down) / len(seen) * PER, len(seen), interval)
    if based is not None:
        yield _rate("without_basis_rate", upright & ~np.array(based))
    lacking = [not known for known in based] if based is not None else [False] * len(seen)
    yield from _findings(seen, lacking, int(context.settings["max_findings"]))
    if context.settings["planted"]:
        yield from _recall(context, chosen, finder)
    context.progress(1.0)


def _sample(rows: int, wanted: int, rng: np.random.Generator) -> list[int]:
    if wanted <= 0 or wanted >= rows:
        return list(range(rows))
    return sorted(int(row) for row in rng.choice(rows, wanted, replace=False))


def _based(context: Context, chosen: Sequence[int]) -> list[bool] | None:
    """Tell for each row whether it records a basis; None where no column is named."""
    column, accepted = str(context.settings["basis"]), set(context.settings["accepted"])
    if not column:
        context.note("No column of a recorded basis is named; set `basis`.")
        return None
    if column not in context.data.columns.groups:
        raise Inapplicable(f"basis: no column {column!r}; name it under data.columns.groups")
    values = context.data.select(chosen).groups(column)
    return [value in accepted if accepted else value is not None for value in values]


def _seen(
    context: Context, chosen: Sequence[int], finder: Finder
) -> Iterator[tuple[str, list[Box], bool]]:
    """Yield id, faces and false alarm of each picture."""
    for start in range(0, len(chosen), BATCH):
        part = chosen[start : start + BATCH]
        pictures: list[Image] = context.data.images(part)
        for row, picture in zip(context.data.select(part).ids(), pictures, strict=True):
            upside_down = picture.transpose(Transpose.FLIP_TOP_BOTTOM)
            yield row, finder.find(picture), bool(finder.find(upside_down))
        context.progress(0.9 * min(1.0, (start + BATCH) / len(chosen)))


def _findings(
    seen: Sequence[tuple[str, list[Box], bool]], lacking: Sequence[bool], most: int
) -> Iterator[Finding]:
    shown = [(row, boxes) for (row, boxes, _), lacks in zip(seen, lacking, strict=True) if lacks]
    for row, boxes in [(row, boxes) for row, boxes in shown if boxes][:most]:
        yield Finding(
            kind="face_without_basis",
            summary=f"{len(boxes)} face(s) may be shown, and the row records no basis for it.",
            severity=Severity.MEDIUM,
            confidence=Confidence.LOW,
            row=row,
            where="; ".join(f"image[{','.join(map(str, box))}]" for box in boxes),
        )


def _recall(context: Context, chosen: Sequence[int], finder: Finder) -> Iterator[Measurement]:
    """Paste photographed faces into pictures of the sample and see how often they are found."""
    heights, faces = list(map(int, context.settings["heights"])), examples()
    hits: dict[str, list[bool]] = {"": []}
    for turn in range(int(context.settings["planted"])):
        height = heights[turn % len(heights)]
        picture = context.data.images([chosen[int(context.rng.integers(len(chosen)))]])[0]
        face = faces[int(context.rng.integers(len(faces)))]
        hit = bool(finder.find(pasted(picture, face, height, context.rng)))
        for key in ("", str(height)):
            hits.setdefault(key, []).append(hit)
    for name, found in hits.items():
        part = {"height": name} if name else {}
        interval, share = clopper_pearson(sum(found), len(found)), sum(found) / len(found)
        yield Measurement("recall_on_planted", share, len(found), interval, slice=part)


def _rate(metric: str, flags: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> Measurement:
    hits, rows = int(flags.sum()), len(flags)
    exact = clopper_pearson(hits, rows)
    interval = Interval(exact.low * PER, exact.high * PER, exact.method, exact.level)
    return Measurement(metric, hits / rows * PER, rows, interval)
