"""Croissant descriptions, read with mlcroissant; what they name on the web, only when asked."""

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from vlaudit.core.config import DataConfig
from vlaudit.core.dataset import Unreadable
from vlaudit.core.errors import InputError, MissingExtraError
from vlaudit.data.fetch import Fetcher
from vlaudit.data.read import Part

AT_ONCE = 256
PICTURE = ("sc:ImageObject", "https://schema.org/ImageObject", "http://schema.org/ImageObject")
TEXT = "sc:Text"
WEB = ("http://", "https://")
FORESEEN = (ValueError, OSError, LookupError, TypeError, AttributeError, NotImplementedError)


def is_croissant(document: Any) -> bool:
    """Tell whether a JSON document is a Croissant description with records."""
    if not isinstance(document, dict) or "@context" not in document:
        return False
    return bool(document.get("recordSet") or document.get("cr:recordSet"))


def read_croissant(
    file: Path, document: dict[str, Any], *, config: DataConfig, fetcher: Fetcher, cache: Path
) -> Part:
    """Read one record set: the one that `data.configuration` names, or the only one.

    Checksums of the description are verified by mlcroissant. Pictures stay encoded, so that they
    are decoded within the limits.

    Raises:
        MissingExtraError: mlcroissant is not installed.
        InputError: the description is invalid, names what is not allowed or cannot be read.
    """
    try:
        import mlcroissant
    except ImportError as error:
        raise MissingExtraError(extra="croissant", purpose=f"reading {file}") from error

    chosen = _record_set(file, document, config.configuration)
    pictures: set[str] = set()
    encoded = _with_encoded(document, pictures)
    files = _downloads(file, document, fetcher, cache)
    with _silence(), _problems_of(file, mlcroissant):
        context = mlcroissant.Context(folder=_folder(file), mapping=files)
        metadata = mlcroissant.Metadata.from_json(ctx=context, json_=encoded)
        records = mlcroissant.Dataset.from_metadata(metadata).records(chosen)
        path = cache / f"{file.stem}-{chosen.replace('/', '_')}.arrow"
        table = _table(iter(records), path, pictures=pictures, limit=config.limit)
    return Part(table, file.parent)


def _record_set(file: Path, document: Mapping[str, Any], wanted: str | None) -> str:
    names = [str(item.get("@id") or item.get("name")) for item in document["recordSet"]]
    # Enumerations that others refer to carry their rows inline.
    rows = [str(i.get("@id") or i.get("name")) for i in document["recordSet"] if "data" not in i]
    if wanted in names:
        return str(wanted)
    if wanted is None and len(rows) == 1:
        return rows[0]
    raise InputError(
        f"{file}: name one of its record sets under data.configuration: {', '.join(names)}"
        + (f"; {wanted!r} is none of them" if wanted else "")
    )


def _downloads(
    file: Path, document: Mapping[str, Any], fetcher: Fetcher, cache: Path
) -> dict[str, Any]:
    """Download the files that lie on the web, screened; mlcroissant itself makes no request."""
    from etils import epath

    kept: dict[str, Any] = {}
    problems: list[str] = []
    for item in document.get("distribution") or ():
        url = str(item.get("contentUrl") or "")
        name = str(item.get("@id") or item.get("name"))
        if item.get("containedIn") or "://" not in url:
            continue
        if not url.startswith(WEB):
            problems.append(f"{file}: {name} lies at {url}, which cannot be downloaded here")
            continue
        content = fetcher.picture(url)
        if isinstance(content, Unreadable):
            problems.append(f"{file}: {name} ({url}): {content.reason}")
            continue
        path = cache / "croissant" / name.replace("/", "_")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        kept[name] = epath.Path(path)
    if problems:
        raise InputError(problems)
    return kept


def _folder(file: Path) -> Any:
    from etils import epath

    return epath.Path(file.parent.resolve())


def _with_encoded(node: Any, pictures: set[str]) -> Any:
    """Return the description with pictures as bytes: it would decode them without limits.

    Names of fields that hold pictures are added to `pictures`.
    """
    if isinstance(node, list):
        return [_with_encoded(item, pictures) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {key: _with_encoded(value, pictures) for key, value in node.items()}
    formats = node.get("encodingFormat")
    if any(str(kind).startswith("image/") for kind in _listed(formats)):
        changed["encodingFormat"] = "text/plain"
    if any(kind in PICTURE for kind in _listed(node.get("dataType"))):
        changed["dataType"] = TEXT
        pictures.add(str(node.get("@id") or node.get("name")))
    return changed


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _table(
    records: Iterator[Mapping[str, Any]], path: Path, *, pictures: set[str], limit: int | None
) -> pa.Table:
    """Write records to disk batch by batch, and return them memory-mapped.

    Pictures are bytes; all else is text, or a list of texts where the first records have lists.
    """
    records = islice(records, limit)
    first = list(islice(records, AT_ONCE))
    names = list(dict.fromkeys(name for record in first for name in record))
    kinds = {name: _kind(name, first, pictures) for name in names}
    fields = [pa.field(name.rpartition("/")[2], kind) for name, kind in kinds.items()]
    schema = pa.schema(fields)
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as stream:
        batch = first
        while batch:
            columns = [
                pa.array([_value(record.get(name), kind) for record in batch], kind)
                for name, kind in kinds.items()
            ]
            stream.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
            batch = list(islice(records, AT_ONCE))
    return pa.ipc.open_stream(pa.memory_map(str(path))).read_all()


def _kind(name: str, records: Sequence[Mapping[str, Any]], pictures: set[str]) -> Any:
    if name in pictures:
        return pa.large_binary()
    lists = any(isinstance(record.get(name), (list, tuple)) for record in records)
    return pa.list_(pa.string()) if lists else pa.string()


def _value(value: Any, kind: Any) -> Any:
    if pa.types.is_large_binary(kind):
        return value if isinstance(value, bytes) else None
    if pa.types.is_list(kind):
        return [_text(item) for item in value] if isinstance(value, (list, tuple)) else None
    return _text(value)


def _text(value: Any) -> str | None:
    """Return a value as text; NaN stands for nothing."""
    if value is None or value != value:
        return None
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


@contextmanager
def _problems_of(file: Path, mlcroissant: Any) -> Generator[None]:
    foreseen = (mlcroissant.ValidationError, mlcroissant.GenerationError, AssertionError)
    try:
        yield
    except (*foreseen, *FORESEEN) as failed:
        error: BaseException = failed
        while error.__cause__ is not None:
            error = error.__cause__
        lines = str(error).strip().splitlines()
        raise InputError(
            f"{file}: cannot be read as Croissant: {' '.join(lines[:3])[:500]}; check description "
            "and files"
        ) from failed


@contextmanager
def _silence() -> Generator[None]:
    """Keep remarks of mlcroissant off the terminal."""
    log = logging.getLogger("absl")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
