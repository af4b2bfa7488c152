"""The write-ahead journal: each item is on disk before the next one is measured."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.outcome import Outcome
from vlaudit.core.record import Record
from vlaudit.evidence.files import write_whole, writing


class MeasurementLine(Record):
    """A measurement, as it came."""

    line: Literal["measurement"] = "measurement"
    probe: str
    item: Measurement


class FindingLine(Record):
    """A finding, as it came."""

    line: Literal["finding"] = "finding"
    probe: str
    item: Finding


class OutcomeLine(Record):
    """The end of a probe."""

    line: Literal["outcome"] = "outcome"
    probe: str
    item: Outcome


Line = Annotated[MeasurementLine | FindingLine | OutcomeLine, Field(discriminator="line")]
LINE: TypeAdapter[MeasurementLine | FindingLine | OutcomeLine] = TypeAdapter(Line)


class Journal:
    """An append-only file of lines; a line torn by a crash is not read."""

    def __init__(self, path: Path) -> None:
        """Use the file at `path`, which need not exist yet."""
        self.path = path

    def append(self, line: MeasurementLine | FindingLine | OutcomeLine) -> None:
        """Write one line through to the disk.

        Raises:
            EvidenceError: the system refuses, such as on a full disk.
        """
        with writing(self.path), self.path.open("ab") as file:
            file.write(line.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def lines(self) -> Iterator[MeasurementLine | FindingLine | OutcomeLine]:
        """Yield the whole lines, in order."""
        if not self.path.exists():
            return
        for raw in self.path.read_bytes().splitlines(keepends=True):
            if not raw.endswith(b"\n"):
                return
            try:
                yield LINE.validate_json(raw)
            except ValidationError:
                return

    def keep_only(self, probes: set[str]) -> None:
        """Forget every line of other probes: what was half measured is measured anew."""
        kept = [line.model_dump_json() + "\n" for line in self.lines() if line.probe in probes]
        write_whole(self.path, "".join(kept))
