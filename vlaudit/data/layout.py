"""What the paths of files say: which hold rows, which are pictures, which split and class."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

import pyarrow as pa

from vlaudit.data.read import KINDS

PICTURES = {
    *(".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
    *(".avif", ".jp2"),
}
METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
COLUMNAR = (".parquet", ".arrow")
SHARD = ".tar"
COCO = re.compile(r"captions_.*\.json")
SPLITS = (
    *("train", "training", "validation", "valid", "val", "dev"),
    *("test", "testing", "eval", "evaluation"),
)
HIDDEN = (".", "__")

Paths = list[PurePosixPath]


def visible(paths: Iterable[str]) -> Paths:
    """Return relative paths of which no part is hidden, in order."""
    relative = map(PurePosixPath, paths)
    return sorted(path for path in relative if not any(p.startswith(HIDDEN) for p in path.parts))


def tables(paths: Paths) -> Paths:
    """Return the files of a folder that hold its rows; none where its pictures are the rows.

    In this order: metadata beside pictures, COCO captions, parquet and arrow, WebDataset shards,
    pictures, other tables.
    """
    endings = {path.suffix.lower() for path in paths}
    for chosen in (
        [path for path in paths if path.name in METADATA],
        [path for path in paths if COCO.fullmatch(path.name)],
        [path for path in paths if path.suffix.lower() in COLUMNAR],
        [path for path in paths if path.suffix.lower() == SHARD],
    ):
        if chosen:
            return chosen
    if endings & PICTURES:
        return []
    return [path for path in paths if path.suffix.lower() in KINDS]


def list_pictures(paths: Paths) -> pa.Table:
    """List pictures; sub-folders are classes, or splits that hold classes.

    A class needs another one beside it, at the same depth.
    """
    pictures = [path for path in paths if path.suffix.lower() in PICTURES]
    tops = [path.parts[0] for path in pictures]
    split = len(set(tops)) > 1 and all(top.lower() in SPLITS for top in set(tops))
    parents = [path.parent.parts[split:] for path in pictures]
    columns = {"image": [str(path) for path in pictures]}
    if split:
        columns["split"] = tops
    if len(set(parents)) > 1 and len({len(parent) for parent in parents}) == 1:
        columns["label"] = [parent[-1] for parent in parents]
    arrays = [pa.array(values, pa.string()) for values in columns.values()]
    return pa.Table.from_arrays(arrays, names=list(columns))


def by_split(paths: Sequence[PurePosixPath]) -> dict[str | None, Paths]:
    """Sort files into the splits that their paths name, as train/0.parquet or test-0.parquet do.

    Paths tell nothing unless every one names a split and they name at least two.
    """
    splits: dict[str | None, Paths] = {}
    for path in paths:
        splits.setdefault(_split_of(path), []).append(path)
    return splits if len(splits) > 1 and None not in splits else {None: list(paths)}


def _split_of(path: PurePosixPath) -> str | None:
    words = (word for part in path.parts for word in re.split(r"[-._ \d]+", part))
    return next((word for word in words if word.lower() in SPLITS), None)
