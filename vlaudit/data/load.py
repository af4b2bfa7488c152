"""From a configuration to rows: read, map columns, keep a split, draw a sample."""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from vlaudit.core.config import DataConfig, EngineConfig
from vlaudit.core.dataset import Role
from vlaudit.core.errors import InputError
from vlaudit.data.assemble import assemble
from vlaudit.data.columns import suggest
from vlaudit.data.dataset import ArrowDataset
from vlaudit.data.fetch import Fetcher
from vlaudit.data.images import Limits
from vlaudit.data.read import KINDS
from vlaudit.data.source import Reader
from vlaudit.data.whole import Whole


def load(
    config: DataConfig,
    *,
    base: Path,
    reference: Callable[[str], Sequence[Path]] | None = None,
    cache: Path | None = None,
    downloads: Path | None = None,
    seed: int = 0,
    engine: EngineConfig | None = None,
) -> ArrowDataset:
    """Load the rows that `config` asks for.

    Args:
        config: the section `data` of a configuration.
        base: folder of the configuration file, where relative paths begin.
        reference: returns the parquet files of `reference:NAME`.
        cache: folder for memory-mapped copies of tables; without one, a folder in the system's
            place for temporary files that goes with the dataset.
        downloads: folder that keeps downloaded pictures; one below `cache` by default.
        seed: draws the sample of `limit` rows, which has the same share of each split as all
            rows, so that evaluation keeps its part.
        engine: where scans of many rows run; on this machine by default.

    Raises:
        InputError: the source cannot be read or holds no rows, or names in `config` are not in
            the data; lists every problem that was found.
    """
    kept = cache or _scratch()
    try:
        fetcher = Fetcher(
            config.fetch, folder=downloads or kept / "downloads", most_bytes=config.pictures.bytes
        )
        reader = Reader(config=config, base=base, cache=kept, fetcher=fetcher, reference=reference)
        whole = _whole(reader, seed=seed, engine=engine or EngineConfig())
    except BaseException:
        if cache is None:
            shutil.rmtree(kept, ignore_errors=True)
        raise
    if cache is None:
        weakref.finalize(whole, shutil.rmtree, kept, ignore_errors=True)
    # What reading took and freed again is given back: the rows are on disk.
    pa.default_memory_pool().release_unused()
    return ArrowDataset(whole)


def _whole(reader: Reader, *, seed: int, engine: EngineConfig) -> Whole:
    config = reader.config
    parts = [part for part in reader.read() if part.table.num_rows]
    if not parts:
        raise InputError(
            f"data.source {config.source!r}: holds no rows; name a file or folder that does"
        )
    table, columns, notes = assemble(parts, config.columns, fetch=config.fetch.pictures)
    pictures = config.pictures
    whole = Whole(
        table=table,
        index=range(table.num_rows),
        name=config.name or _name(config.source),
        columns=columns,
        limits=Limits(
            pixels=pictures.pixels, bytes=pictures.bytes, formats=tuple(pictures.formats)
        ),
        fetcher=reader.fetcher,
        engine=engine,
        scratch=reader.cache,
        evaluate_on=config.evaluate_on,
        notes=tuple(notes),
    )
    return _sample(_one_split(whole, config), config.limit, seed=seed)


def _scratch() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="vlaudit-"))
    except OSError as error:
        raise InputError(f"no folder for temporary files: {error}; set TMPDIR to one") from error


def _name(source: str) -> str:
    """Return the name of a file without its ending, of anything else the whole name."""
    path = Path(source)
    return path.stem if path.suffix.lower() in KINDS and path.stem != "*" else path.name or source


def _one_split(whole: Whole, config: DataConfig) -> Whole:
    """Keep the rows of `config.split`, and check the names of splits."""
    asked = {"split": config.split, "evaluate_on": config.evaluate_on}
    if not any(asked.values()):
        return whole
    if not whole.columns.split:
        raise InputError(
            [
                f"data.{key} is {name!r}, but no column holds the split; "
                "name one under data.columns.split"
                for key, name in asked.items()
                if name
            ]
        )
    splits = whole.strings(Role.SPLIT, range(len(whole.index)))
    present = [name for name in dict.fromkeys(splits) if name]
    problems = [
        f"data.{key}: no row is of split {name!r}{suggest(name, present)}; "
        f"present: {', '.join(present)}"
        for key, name in asked.items()
        if name and name not in present
    ]
    if config.split and config.evaluate_on not in (None, config.split):
        problems.append(
            f"data.evaluate_on is {config.evaluate_on!r}, but data.split keeps {config.split!r} "
            "only; remove one of the two"
        )
    if problems:
        raise InputError(problems)
    if config.split is None:
        return whole
    return replace(whole, index=[at for at, split in enumerate(splits) if split == config.split])


def _sample(whole: Whole, limit: int | None, *, seed: int) -> Whole:
    """Draw `limit` rows, of each split its share."""
    rows = len(whole.index)
    if limit is None or limit >= rows:
        return whole
    shuffled = np.random.default_rng(seed).permutation(rows).tolist()
    order: list[int] = shuffled
    if whole.columns.split:
        # Rows at equal distances in the order of their splits: every split gets its share.
        splits = whole.strings(Role.SPLIT, range(rows))
        order = sorted(shuffled, key=lambda row: splits[row] or "")
    drawn = sorted(order[(2 * at + 1) * rows // (2 * limit)] for at in range(limit))
    evaluated = whole.evaluate_on
    if evaluated and evaluated not in whole.strings(Role.SPLIT, drawn):
        raise InputError(f"data.limit {limit} leaves no row of split {evaluated!r}; raise it")
    note = f"a sample of {limit} of {rows} rows, with the same share of each split"
    return replace(whole, index=[whole.index[row] for row in drawn], notes=(*whole.notes, note))
