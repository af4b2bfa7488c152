"""Brings in what the configuration names, and makes it ready for the probes."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from vlaudit import data, demo, targets
from vlaudit.core.config import Config, TargetConfig
from vlaudit.core.dataset import DatasetFacts, Role
from vlaudit.core.errors import InputError
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.probe import Reference
from vlaudit.data import ArrowDataset
from vlaudit.features import Encoded, Store, TargetFeatures, encode
from vlaudit.runner import Bench, Observer
from vlaudit.targets import LoadedTarget

REFERENCE = "reference:"
QUARANTINE_NAMED = 1000


@dataclass(frozen=True)
class Subject:
    """The model and the rows under audit, and the model to compare with where one is named."""

    target: LoadedTarget
    data: ArrowDataset
    reference: LoadedTarget | None = None


@dataclass(frozen=True)
class Prepared:
    """A bench for the probes, what there is to say of the data, and what preparing it showed."""

    bench: Bench
    dataset: DatasetFacts
    findings: tuple[Finding, ...]


def load_subject(config: Config, *, base: Path) -> Subject:
    """Load rows, then model; relative paths are taken from `base`.

    Raises:
        InputError: the data cannot be used.
        TargetError: the model cannot be used.
    """
    rows = data.load(
        config.data,
        base=base,
        reference=demo.data_files,
        downloads=_kept(config, base) / "downloads",
        cache=_rows_for_all(config, base),
        engine=config.engine,
        seed=config.seed,
    )
    target = _load_target(config, config.target, base, rows)
    if config.reference is None:
        return Subject(target, rows)
    return Subject(target, rows, _load_target(config, config.reference, base, rows))


def _load_target(
    config: Config, wanted: TargetConfig, base: Path, rows: ArrowDataset
) -> LoadedTarget:
    if not wanted.model.startswith(REFERENCE):
        return targets.load(wanted, base=base, rows=rows, cache=_kept(config, base) / "answers")
    folder = demo.model_folder(wanted.model.removeprefix(REFERENCE))
    loaded = targets.load(wanted.model_copy(update={"model": f"local-dir:{folder}"}), base=base)
    facts = loaded.facts.model_copy(update={"name": wanted.model})
    return LoadedTarget(loaded.target, facts, loaded.findings)


def prepare(subject: Subject, config: Config, *, base: Path, observer: Observer) -> Prepared:
    """Decode and encode every picture once, and set aside the rows whose picture is unreadable.

    Raises:
        InputError: not a single picture can be decoded, or no row is left for evaluation.
    """
    rows, target = subject.data, subject.target
    encoded = Encoded.empty(rows)
    if rows.columns.has(Role.IMAGE):
        observer.begin("features", "Decoding and encoding pictures")
        encoded = _encode(target, config.target, rows, config, base, observer)
        observer.end(f"{len(rows) - encoded.reused} encoded, {encoded.reused} read back")
    _check_some_readable(rows, encoded)
    evaluation = rows.evaluation()
    bench = Bench(
        target=target.target,
        features=TargetFeatures(target.target, encoded, batch_size=config.target.batch_size),
        data=_readable(rows, encoded),
        evaluation=_readable(evaluation, encoded),
        seed=config.seed,
        reference=_reference(subject, config, base, observer),
    )
    if not len(bench.evaluation):
        raise InputError("data.evaluate_on: none of the rows for evaluation has a readable picture")
    quarantined = Counter(encoded.unreadable.values())
    facts = data.facts(rows, quarantined=quarantined).model_copy(
        update={"evaluated": len(bench.evaluation)}
    )
    return Prepared(bench, facts, (*target.findings, *_quarantine(rows, encoded)))


def _encode(
    target: LoadedTarget,
    wanted: TargetConfig,
    rows: ArrowDataset,
    config: Config,
    base: Path,
    observer: Observer,
) -> Encoded:
    return encode(
        target.target,
        rows,
        store=_store(config, target, base),
        batch_size=wanted.batch_size,
        progress=observer.advance,
    )


def _reference(
    subject: Subject, config: Config, base: Path, observer: Observer
) -> Reference | None:
    """Return the model to compare with, and its embeddings of the same rows."""
    rows, other, wanted = subject.data, subject.reference, config.reference
    if other is None or wanted is None:
        return None
    encoded = Encoded.empty(rows)
    if rows.columns.has(Role.IMAGE):
        observer.begin("reference", "Encoding pictures with the reference model")
        encoded = _encode(other, wanted, rows, config, base, observer)
        observer.end(f"{len(rows) - encoded.reused} encoded, {encoded.reused} read back")
    features = TargetFeatures(other.target, encoded, batch_size=wanted.batch_size)
    return Reference(other.target, features)


def _store(config: Config, target: LoadedTarget, base: Path) -> Store:
    """Return the store for this model at this precision on this kind of device."""
    facts = target.facts
    kind = f"{facts.fingerprint[:16]}-{facts.precision}-{facts.device.split(':')[0]}"
    return Store(_kept(config, base) / "features" / kind)


def _rows_for_all(config: Config, base: Path) -> Path | None:
    """Return a folder that every machine of a cluster can read; here temporary files will do."""
    return None if config.engine.ray is None else (_kept(config, base) / "rows").resolve()


def _kept(config: Config, base: Path) -> Path:
    """Return the folder for what later audits can use again."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / config.cache if config.cache else home / "vlaudit"


def _check_some_readable(rows: ArrowDataset, encoded: Encoded) -> None:
    if len(encoded.unreadable) == len(rows):
        first = next(iter(encoded.unreadable.values()))
        problem = f"data: none of {len(rows)} pictures can be decoded; the first: {first}"
        raise InputError([problem, *rows.notes])


def _readable(rows: ArrowDataset, encoded: Encoded) -> ArrowDataset:
    good = [at for at, row in enumerate(rows.rows) if row not in encoded.unreadable]
    return rows if len(good) == len(rows) else rows.select(good)


def _quarantine(rows: ArrowDataset, encoded: Encoded) -> list[Finding]:
    """Name the rows that were set aside, up to a bound; the facts count them all."""
    ids = dict(zip(rows.rows, rows.ids(), strict=True))
    return [
        Finding(
            "unreadable_picture",
            f"The picture cannot be decoded ({reason}); the row was left out of every probe.",
            Severity.LOW,
            Confidence.HIGH,
            row=ids[row],
            where="image",
        )
        for row, reason in list(encoded.unreadable.items())[:QUARANTINE_NAMED]
    ]
