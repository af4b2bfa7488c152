"""What a model could be used for on people: telling attributes and persons apart."""

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import DualEncoder
from vlaudit.metrics.biometric import coded, read_out, recognised, small_copies
from vlaudit.stats.intervals import mean
from vlaudit.stats.roc import strongest
from vlaudit.stats.skill import skill

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Told = tuple[Ints, Ints, int]
MOST_GROUPS = 20


def run(context: Context) -> Iterator[Measurement]:
    """Measure skills by attribute, and how well pictures of one person are brought together."""
    wanted = list(context.settings["attributes"]) or list(context.data.columns.groups)
    told = {name: found for name in wanted if (found := _grouped(context, name)) is not None}
    shown = _people(context)
    if not told and shown is None:
        raise Inapplicable(
            f"no attribute has two groups of {context.settings['fewest']} pictures, and no column "
            "says who is shown; name some under data.columns.groups or data.columns.identity"
        )
    said: dict[str, dict[str, Told]] = {}
    for done, (name, (names, rows, codes)) in enumerate(told.items()):
        data = context.data.select(rows.tolist())
        for metric, answers in _answers(context, data, names, codes).items():
            said.setdefault(metric, {})[name] = answers, codes, len(names)
        context.progress(0.8 * (done + 1) / len(told))
    for metric, of in said.items():
        yield from _skills(metric, of)
    if shown is not None:
        yield from _recognition(context, *shown)
    context.progress(1.0)


def _grouped(context: Context, attribute: str) -> tuple[list[str], Ints, Ints] | None:
    """Return groups of enough rows, and rows and group indices; None where there are not two."""
    if attribute not in context.data.columns.groups:
        raise Inapplicable(f"attributes: no column {attribute!r} under data.columns.groups")
    values = context.data.groups(attribute)
    found = coded(values, fewest=int(context.settings["fewest"]), most=MOST_GROUPS)
    if found is None:
        context.note(f"{attribute}: it takes 2 to {MOST_GROUPS} groups of enough pictures.")
        return None
    names, rows, codes = found
    some = np.sort(context.rng.permutation(rows.size)[: int(context.settings["rows"])])
    return names, rows[some], codes[some]


def _answers(context: Context, data: Dataset, names: list[str], codes: Ints) -> dict[str, Ints]:
    """Return the group said of each row, by each way of telling."""
    prompts: list[str] = context.settings["prompts"]
    texts = [prompt.format(name) for prompt in prompts for name in names]
    scores = context.features.scores(data, texts).reshape(len(data), len(prompts), len(names))
    who = [name or f"row {row}" for row, name in enumerate(_names(data))]
    answers = {"named_skill": scores.mean(axis=1).argmax(axis=1)}
    if isinstance(context.target, DualEncoder):
        seen = context.features.images(data)
        answers["read_out_skill"] = read_out(seen, codes, context.rng, people=who)
    tiny = small_copies(data).astype(np.float32)
    answers["blind_skill"] = read_out(tiny, codes, context.rng, people=who)
    return answers


def _skills(metric: str, of: Mapping[str, Told]) -> Iterator[Measurement]:
    found = {name: skill(said, true, groups=k) for name, (said, true, k) in of.items()}
    level = 1 - 0.05 / len(of)
    sharper = [skill(said, true, groups=k, level=level) for said, true, k in of.values()]
    best = strongest(list(found.values()), sharper)
    yield Measurement(metric, best.value, best.samples, best.interval)
    for name, one in found.items():
        yield Measurement(metric, one.value, one.samples, one.interval, slice={"attribute": name})


def _people(context: Context) -> tuple[list[int], list[str]] | None:
    """Return pictures of people of whom there are two or more, drawn by person, and who it is."""
    who = _names(context.data)
    counts = Counter(filter(None, who))
    names = [name for name in sorted(counts) if counts[name] >= 2]
    rows: list[int] = []
    for name in context.rng.permutation(np.array(names, dtype=object)).tolist():
        mine = [row for row, held in enumerate(who) if held == name]
        if len(rows) + len(mine) <= int(context.settings["pictures"]):
            rows += mine
    chosen = {who[row] for row in rows}
    return (sorted(rows), [who[row] for row in sorted(rows)]) if len(chosen) > 1 else None


def _names(data: Dataset) -> list[str]:
    """Return who is on each picture; empty where nobody says."""
    if not data.columns.has(Role.IDENTITY):
        return [""] * len(data)
    return [(name or "").strip() for name in data.texts(Role.IDENTITY)]


def _recognition(context: Context, rows: list[int], who: list[str]) -> Iterator[Measurement]:
    data = context.data.select(rows)
    views: dict[str, Floats] = {"blind_recognition": small_copies(data)}
    if isinstance(context.target, DualEncoder):
        views["recognition"] = context.features.images(data).astype(np.float64)
    for metric, seen in views.items():
        found = mean(recognised(seen, who), bounds=(0.0, 1.0), rng=context.rng)
        yield Measurement(metric, found.value, found.samples, found.interval)
