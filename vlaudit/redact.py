"""A copy of a dataset without the personal data that can be found: masked, covered, stripped."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vlaudit import demo
from vlaudit.core.audit import Evidence
from vlaudit.core.config import DataConfig
from vlaudit.core.dataset import Role, Unreadable
from vlaudit.data.dataset import ArrowDataset
from vlaudit.data.load import load
from vlaudit.data.original import Edit, Original, open_original
from vlaudit.data.rewrite import Copied, write_copy
from vlaudit.detect.credentials import carried
from vlaudit.detect.masking import bare, covered, masked, outside_masks
from vlaudit.detect.metadata import traces
from vlaudit.detect.ocr import Box, Reader, personal
from vlaudit.detect.pii.scan import Entity, Scanner, scanner

CAPTIONS = "privacy.pii_in_captions"
BLOCK = 256
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Left:
    """How many rows a search still finds something in, of how many it looked at."""

    rows: int
    found: int


@dataclass(frozen=True)
class Redacted:
    """A copy that was written.

    Attributes:
        copied: where it lies and how many rows were changed.
        counts: what was taken out: pieces by kind, files stripped, names replaced.
        untouched: columns that were copied as they are.
        config: what reads the copy, with the columns of the source.
    """

    copied: Copied
    counts: Mapping[str, int]
    untouched: tuple[str, ...]
    config: DataConfig


@dataclass
class Redactor:
    """Says what is changed in each row.

    Attributes:
        original: what is copied.
        scanner: finds personal data in texts.
        reader: reads pictures; None leaves their pixels alone.
        progress: is told which fraction of the rows is done.
        counts: what was taken out so far.
    """

    original: Original
    scanner: Scanner
    reader: Reader | None
    progress: Progress
    counts: Counter[str] = field(default_factory=Counter[str])
    _names: dict[str, str] = field(default_factory=dict[str, str])
    _block: tuple[int, list[tuple[str | None, tuple[Entity, ...]]]] = (-1, [])

    def edit(self, position: int) -> Edit | None:
        """Return what is changed in a row, or None where nothing is."""
        self.progress(position / max(len(self.original.data), 1))
        texts: dict[Role, str] = {}
        reasons: list[str] = []
        text, entities = self._caption(position)
        if text and entities:
            texts[Role.CAPTION], count = masked(text, self.scanner, entities)
            self.counts.update(f"caption {entity.name}" for entity in entities)
            reasons.append(f"{count} pieces of personal data masked in the caption")
        if (who := self._who(position)) is not None:
            texts[Role.IDENTITY] = who
            self.counts["names replaced by pseudonyms"] += 1
            reasons.append("name replaced by a pseudonym")
        picture = self._picture(position, reasons)
        if not reasons:
            return None
        return Edit(reasons=tuple(reasons), texts=texts, picture=picture)

    def _caption(self, position: int) -> tuple[str | None, tuple[Entity, ...]]:
        """Return a caption and what stands in it; captions are read a block at a time."""
        data = self.original.data
        if not data.columns.has(Role.CAPTION):
            return None, ()
        block, start = position // BLOCK, position // BLOCK * BLOCK
        if self._block[0] != block:
            part = data.select(range(start, min(start + BLOCK, len(data))))
            texts = part.texts(Role.CAPTION)
            found = self.scanner.scan([text or "" for text in texts])
            self._block = block, list(zip(texts, found, strict=True))
        return self._block[1][position - start]

    def _who(self, position: int) -> str | None:
        data = self.original.data
        if not data.columns.has(Role.IDENTITY):
            return None
        name = (data.select([position]).texts(Role.IDENTITY)[0] or "").strip()
        return self._names.setdefault(name, f"person {len(self._names) + 1}") if name else None

    def _picture(self, position: int, reasons: list[str]) -> bytes | None:
        """Return the changed file of a row's picture, or None where it stays; adds the reasons."""
        data = self.original.data
        if not data.columns.has(Role.IMAGE):
            return None
        (encoded,), (decoded,) = data.picture_bytes([position]), data.decode([position])
        if not encoded or isinstance(decoded, Unreadable):
            return None
        boxes: list[Box] = []
        if self.reader is not None:
            written = personal(self.reader.read(decoded), self.scanner)
            boxes = [one.box for one in written]
            self.counts.update(f"picture {one.entity.name}" for one in written)
        if boxes:
            reasons.append(f"{len(boxes)} boxes covered in the picture")
            return covered(encoded, boxes)
        clean = bare(encoded)
        if clean == encoded:
            return None
        self.counts["files stripped of metadata"] += 1
        self.counts["content credentials taken out"] += carried(encoded)
        reasons.append("metadata taken out of the picture's file")
        return clean


def redact(
    source: str,
    evidence: Evidence,
    output: Path,
    *,
    base: Path,
    cache: Path,
    reader: Reader | None,
    progress: Progress,
) -> Redacted:
    """Write a redacted copy of a dataset.

    Args:
        source: the dataset, as `data.source` names one; columns are those of the run.
        evidence: the run, which says what is personal here.
        output: folder that does not exist yet.
        base: folder where relative paths begin.
        cache: folder for copies in memory maps.
        reader: reads pictures; None leaves their pixels alone.
        progress: is told which fraction is written.

    Raises:
        InputError: the data cannot be read, or `output` exists.
        EvidenceError: the copy cannot be written.
    """
    config = evidence.audit.config.data.model_copy(update={"source": source})
    original = open_original(config, base=base, cache=cache, reference=demo.data_files)
    redactor = Redactor(original, scanner_of(evidence), reader, progress)
    about = {
        "run": evidence.audit.stamp.run,
        "purpose": "redacted copy: captions masked, writing covered, metadata stripped",
        "pictures_read": reader.label if reader else "no",
        "taken_out": redactor.counts,
    }
    copied = write_copy(original, redactor.edit, output, about=about)
    columns = original.data.columns
    fields = {"source": str(output.resolve()), "columns": columns, "split": None, "limit": None}
    looked = {getattr(columns, role) for role in (Role.CAPTION, Role.IDENTITY, Role.IMAGE)}
    kept = tuple(name for name in original.table.column_names if name not in looked)
    reads = config.model_copy(update={**fields, "evaluate_on": None})
    return Redacted(copied, redactor.counts, kept, reads)


def scanner_of(evidence: Evidence) -> Scanner:
    """Return the scanner that the run searched captions with."""
    settings: dict[str, Any] = {}
    for planned in evidence.audit.plan:
        if planned.card.id == CAPTIONS:
            settings = dict(planned.settings)
    return scanner(
        str(settings.get("recogniser", "auto")),
        allowed=settings.get("allowed", []),
        custom=settings.get("custom", []),
    )


def search(
    config: DataConfig, tool: Scanner, reader: Reader | None, progress: Progress, *, cache: Path
) -> dict[str, Left]:
    """Return what is still found in a dataset, by what was searched.

    Args:
        config: the dataset.
        tool: finds personal data.
        reader: reads pictures; None leaves them unread.
        progress: is told which fraction of the pictures is searched.
        cache: folder for copies in memory maps.
    """
    data = load(config, base=Path(), cache=cache)
    left: dict[str, Left] = {}
    if data.columns.has(Role.CAPTION):
        texts = [text or "" for text in data.texts(Role.CAPTION)]
        found = sum(map(bool, map(outside_masks, texts, tool.scan(texts))))
        left["captions"] = Left(sum(map(bool, texts)), found)
    if data.columns.has(Role.IMAGE):
        left.update(_pictures(data, tool, reader, progress))
    return left


def _pictures(
    data: ArrowDataset, tool: Scanner, reader: Reader | None, progress: Progress
) -> dict[str, Left]:
    files = told = shown = 0
    for position in range(len(data)):
        (encoded,), (decoded,) = data.picture_bytes([position]), data.decode([position])
        files += bool(encoded)
        told += bool(encoded) and bool(traces(encoded))
        if reader is not None and not isinstance(decoded, Unreadable):
            shown += bool(personal(reader.read(decoded), tool))
        progress((position + 1) / len(data))
    left = {"metadata of files": Left(files, told)}
    return {**left, "writing in pictures": Left(files, shown)} if reader is not None else left
