"""Files that describe a dataset rather than hold its rows one by one: COCO and Croissant."""

import json
from pathlib import Path
from typing import Any

from vlaudit.core.config import DataConfig
from vlaudit.core.errors import InputError
from vlaudit.data.coco import is_coco, read_coco
from vlaudit.data.croissant import is_croissant, read_croissant
from vlaudit.data.fetch import Fetcher
from vlaudit.data.read import Part

LOOKED_AT = 1 << 20
SIGNS = (b'"annotations"', b'"images"', b'"@context"')


def read_described(file: Path, *, config: DataConfig, fetcher: Fetcher, cache: Path) -> Part | None:
    """Read a JSON file that is a COCO or Croissant description, or return None for other files.

    Raises:
        InputError: the description is incomplete, or what it describes cannot be read.
    """
    if file.suffix.lower() not in (".json", ".jsonld") or not _may_describe(file):
        return None
    document = _document(file)
    if is_croissant(document):
        return read_croissant(file, document, config=config, fetcher=fetcher, cache=cache)
    if is_coco(document):
        return read_coco(file, document)
    if file.suffix.lower() == ".jsonld":
        raise InputError(
            f"{file}: is no Croissant description (no recordSet in a document with @context)"
        )
    return None


def _may_describe(file: Path) -> bool:
    """Look at the beginning only: tables of JSON may be larger than the memory."""
    with file.open("rb") as content:
        start = content.read(LOOKED_AT)
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and any(
        sign in start for sign in SIGNS
    )


def _document(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError:
        # JSON lines, or damaged: the reader of tables knows how to say so.
        return None
