"""Estimates what an audit costs: every probe runs for a moment, and the rest is extrapolated."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.audit import PlannedProbe
from vlaudit.core.config import Config, TargetConfig
from vlaudit.core.dataset import Role, Unreadable
from vlaudit.core.errors import VlauditError
from vlaudit.core.probe import Context, Inapplicable, Probe
from vlaudit.core.target import EmbedsImages, Matrix
from vlaudit.data import ArrowDataset
from vlaudit.data.elsewhere import Elsewhere
from vlaudit.features import Embeddings, Encoded, TargetFeatures
from vlaudit.prepare import Subject
from vlaudit.rehearsal.counted import Clock, CountedDataset, CountedTarget, Enough, Tally
from vlaudit.rehearsal.requests import Toll, toll
from vlaudit.runner import generator
from vlaudit.selfcheck import Mode, check_of, runs

SAMPLE = 64
MOST_ROWS = 10_000
FLOAT_BYTES = 4
BY_REQUEST = ("requests", "letters", "pixels", "writing")


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What one probe, or preparing for all of them, would take.

    Attributes:
        seconds: time.
        at_least: the probe did not say how far it had come, and would take longer than this.
        calls: pictures, texts or pairs that the model is given, by ability.
        decoded: pictures decoded.
        toll: what it costs at an endpoint.
        disk: bytes that it leaves on the disk.
        fraction: how much of the probe was run for the estimate; 1 where it ran to its end.
        remark: why there is no estimate, or why the probe would skip itself.
    """

    seconds: float
    at_least: bool = False
    calls: Mapping[str, int] = field(default_factory=dict[str, int])
    decoded: int = 0
    toll: Toll = field(default_factory=Toll)
    disk: int = 0
    fraction: float = 1.0
    remark: str = ""


def rehearse(
    subject: Subject,
    planned: Sequence[PlannedProbe],
    config: Config,
    *,
    load: Callable[[str], Probe],
    seconds: float,
    clock: Clock = time.perf_counter,
) -> tuple[Estimate, dict[str, Estimate]]:
    """Return what preparing would take, and what each applicable probe would.

    A few pictures are decoded and encoded, and stand for all others of their class, so that each
    probe can begin at once. It then runs on the real rows and the real model for `seconds`; what it
    took and asked for is divided by the fraction that it said was done. An endpoint is not asked.
    Nothing is written. Of many rows some at equal distances are taken, and stand for the others.
    """
    share = min(1.0, MOST_ROWS / max(len(subject.data), 1))
    taken = np.unique(np.linspace(0, len(subject.data) - 1, MOST_ROWS).astype(int))
    whole = subject.data if share == 1 else subject.data.select(taken.tolist())
    first, encoded = _prepare(subject, whole)
    estimates: dict[str, Estimate] = {}
    for item in planned:
        if item.skip is None:
            tally = Tally(seconds, clock)
            target = CountedTarget(subject.target.target, tally, endpoint=config.target.endpoint)
            features = TargetFeatures(target, encoded, batch_size=config.target.batch_size)
            rows = whole if item.card.rows == "all" else whole.evaluation()
            context = _context(
                item, target, CountedDataset(rows, tally), features, tally, config.seed
            )
            estimates[item.card.id] = _estimate(
                load(item.card.id), context, tally, share, config.target
            )
    return first, estimates


def _context(
    item: PlannedProbe,
    target: CountedTarget,
    rows: CountedDataset,
    features: TargetFeatures,
    tally: Tally,
    seed: int,
) -> Context:
    return Context(
        target=target,
        data=rows,
        features=features,
        settings=item.settings,
        rng=generator(seed, item.card.id),
        note=lambda text: None,
        progress=tally.progress,
        keep_picture=lambda name, pixels: name,
        open_pictures=Elsewhere.at,
    )


def _estimate(
    probe: Probe, context: Context, tally: Tally, rows: float, target: TargetConfig
) -> Estimate:
    """Run a probe until its time is over, and extrapolate to its end and to all rows."""
    remark, finished = "", False
    try:
        for _ in probe.run(context):
            tally.check()
        finished = True
    except Enough:
        pass
    except Inapplicable as reason:
        remark, finished = f"skips itself: {reason}", True
    except VlauditError as error:
        remark = f"cannot be estimated: {error}"
    except Exception as error:  # a probe is foreign code: what breaks it is shown by the run
        remark = f"cannot be estimated: {type(error).__name__}"
    found, fraction = tally.total(finished=finished)
    seconds = found.pop("milliseconds") / 1000 / rows
    counts = Counter({name: round(count / rows) for name, count in found.items()})
    requests = Counter({name: counts.pop(name, 0) for name in BY_REQUEST})
    return Estimate(
        seconds=seconds,
        at_least=fraction == 0,
        decoded=counts.pop("decoded", 0),
        toll=toll(requests, target),
        calls=counts,
        fraction=fraction,
        remark=remark,
    )


def _prepare(subject: Subject, rows: ArrowDataset) -> tuple[Estimate, Encoded]:
    """Time decoding and encoding on a sample, and let its embeddings stand for all rows."""
    target, count = subject.target.target, len(subject.data)
    if not rows.columns.has(Role.IMAGE) or not len(rows):
        return Estimate(seconds=0.0), Encoded.empty(rows)
    sample = np.unique(np.linspace(0, len(rows) - 1, SAMPLE).astype(int)).tolist()
    rows.decode(sample[:1])
    started = time.perf_counter()
    decoded = [(at, p) for at, p in zip(sample, rows.decode(sample), strict=True)]
    good = [(at, picture) for at, picture in decoded if not isinstance(picture, Unreadable)]
    seconds = time.perf_counter() - started
    calls: dict[str, int] = {}
    encoded = Encoded.empty(rows)
    if good and isinstance(target, EmbedsImages):
        pictures = [picture for _, picture in good]
        target.embed_images(pictures[:1])
        started = time.perf_counter()
        matrix = target.embed_images(pictures)
        seconds += time.perf_counter() - started
        calls = {"embed_images": count}
        stand_ins = _spread(matrix, [at for at, _ in good], rows)
        encoded = Encoded(Embeddings([stand_ins]), np.asarray(rows.rows), {})
    disk = count * encoded.embeddings.dimensions * FLOAT_BYTES
    total = seconds / len(sample) * count
    return Estimate(seconds=total, calls=calls, decoded=count, disk=disk), encoded


def _spread(matrix: Matrix, known: Sequence[int], rows: ArrowDataset) -> Matrix:
    """Return an embedding for every row: that of a known row of its class, a little moved."""
    rng = np.random.default_rng(0)
    of_class: dict[str | None, list[int]] = {}
    labels = rows.texts(Role.LABEL) if rows.columns.has(Role.LABEL) else [None] * len(rows)
    for place, at in enumerate(known):
        of_class.setdefault(labels[at], []).append(place)
    every = list(range(len(known)))
    chosen: NDArray[np.intp] = np.array(
        [rng.choice(of_class.get(label, every)) for label in labels], dtype=np.intp
    )
    wide = matrix.shape[1]
    moved = matrix[chosen] + rng.normal(scale=0.1 / np.sqrt(wide), size=(len(rows), wide))
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def self_check_estimate(
    estimates: Mapping[str, Estimate],
    planned: Sequence[PlannedProbe],
    subject: Subject,
    *,
    only: Collection[str],
    mode: Mode,
) -> Estimate:
    """Return about what trying the probes that `only` names on altered rows would take.

    A further run of fewer rows is taken to cost a probe as much less; what does not grow with the
    rows, such as loading a library, is counted again each time, so that this is rather too much.
    A made-up model takes the time of a run, but asks the user's model nothing.
    """
    seconds, calls, price = 0.0, Counter[str](), Toll()
    for item in planned:
        estimate = estimates.get(item.card.id)
        if estimate is None or item.card.id not in only:
            continue
        check = check_of(item.card)
        rows = subject.data if item.card.rows == "all" else subject.data.evaluation()
        times = sum(runs(item.card, subject.target.target, mode))
        share = times * min(1, check.trial.rows / max(1, len(rows)))
        seconds += share * estimate.seconds
        if check.plant is None or not check.plant.made_up:
            calls.update({name: round(share * count) for name, count in estimate.calls.items()})
            price += estimate.toll.times(share)
    return Estimate(seconds=seconds, calls=calls, toll=price)


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What a whole audit takes.

    Attributes:
        seconds: time of all that could be estimated.
        longer: probes that would take longer than is counted here.
        disk: bytes that embeddings take.
        toll: what it costs at an endpoint.
    """

    seconds: float
    longer: tuple[str, ...]
    disk: int
    toll: Toll


def bill(first: Estimate, estimates: Mapping[str, Estimate]) -> Bill:
    """Add up what the parts of an audit take."""
    return Bill(
        seconds=sum(e.seconds for e in (first, *estimates.values())),
        longer=tuple(name for name, e in estimates.items() if e.at_least),
        disk=first.disk,
        toll=sum((e.toll for e in estimates.values()), Toll()),
    )
