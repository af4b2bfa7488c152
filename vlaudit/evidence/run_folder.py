"""The folder that one audit writes."""

import io
import re
import secrets
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import TypeAdapter

from vlaudit.core.audit import Audit
from vlaudit.core.errors import InputError
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.outcome import Outcome
from vlaudit.core.selfcheck import SelfCheck
from vlaudit.core.verdict import Judgement
from vlaudit.evidence.files import write_whole
from vlaudit.evidence.journal import (
    FindingLine,
    Journal,
    MeasurementLine,
    OutcomeLine,
)
from vlaudit.evidence.rows import read_rows, write_rows
from vlaudit.evidence.tables import write_findings, write_measurements

SELF_CHECKS: TypeAdapter[tuple[SelfCheck, ...]] = TypeAdapter(tuple[SelfCheck, ...])
JUDGEMENTS: TypeAdapter[tuple[Judgement, ...]] = TypeAdapter(tuple[Judgement, ...])


class RunFolder:
    """Writes what is measured ahead to a journal, and at the end the tables that others read."""

    def __init__(self, path: Path) -> None:
        """Use the existing folder at `path`."""
        self.path = path
        self.journal = Journal(path / "journal.jsonl")

    @classmethod
    def create(cls, output: Path, *, subject: str) -> "RunFolder":
        """Make `OUTPUT/<utc>-<slug of subject>-<id>/`.

        Raises:
            InputError: the folder cannot be made or written to.
        """
        slug = re.sub(r"[^a-z0-9]+", "-", subject.lower()).strip("-")[-40:] or "audit"
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        path = output / f"{moment}-{slug}-{secrets.token_hex(3)}"
        try:
            path.mkdir(parents=True)
            (path / "journal.jsonl").touch()
        except OSError as error:
            raise InputError(
                f"output: cannot write to {output}: {error.strerror}; name another folder "
                "(output in vlaudit.yaml, or --output)"
            ) from error
        return cls(path)

    def discard(self) -> None:
        """Remove the folder of a run in which nothing was measured."""
        shutil.rmtree(self.path, ignore_errors=True)

    def write_audit(self, audit: Audit) -> None:
        """Write run.json."""
        write_whole(self.path / "run.json", audit.model_dump_json(indent=2) + "\n")

    def write_judgements(self, judgements: Sequence[Judgement]) -> None:
        """Write verdicts.json, one judgement a policy."""
        raw = JUDGEMENTS.dump_json(tuple(judgements), indent=2)
        write_whole(self.path / "verdicts.json", raw + b"\n")

    def write_self_checks(self, checks: Sequence[SelfCheck]) -> None:
        """Write self_check.json: how the probes did on the same rows, altered in memory."""
        raw = SELF_CHECKS.dump_json(tuple(checks), indent=2)
        write_whole(self.path / "self_check.json", raw + b"\n")

    def record(self, probe: str, item: Measurement | Finding | Outcome) -> None:
        """Write one item of a probe ahead."""
        if isinstance(item, Measurement):
            self.journal.append(MeasurementLine(probe=probe, item=item))
        elif isinstance(item, Finding):
            self.journal.append(FindingLine(probe=probe, item=item))
        else:
            self.journal.append(OutcomeLine(probe=probe, item=item))

    def keep_picture(self, probe: str, name: str, pixels: NDArray[np.uint8]) -> str:
        """Keep a picture of a finding as PNG and return its path within the run folder."""
        relative = f"artifacts/{probe}/{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}.png"
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        write_whole(self.path / relative, buffer.getvalue())
        return relative

    def keep_rows(self, probe: str, results: RowResults) -> None:
        """Keep which rows of a probe succeeded."""
        write_rows(self.path / "artifacts" / probe, results)

    def kept_rows(self) -> Mapping[str, RowResults]:
        """Return what has been kept row by row so far, by `PROBE.METRIC`."""
        return read_rows(self.path)

    def finish(self, audit: Audit) -> None:
        """Turn the journal into run.json, measurements.parquet and findings.jsonl."""
        measurements, findings, outcomes = self.collected()
        write_measurements(self.path / "measurements.parquet", measurements)
        write_findings(self.path / "findings.jsonl", findings)
        self.write_audit(audit.model_copy(update={"outcomes": outcomes}))

    def collected(
        self,
    ) -> tuple[
        dict[str, tuple[Measurement, ...]], dict[str, tuple[Finding, ...]], dict[str, Outcome]
    ]:
        """Return measurements, findings and outcomes by probe, as far as the journal has them."""
        measurements: dict[str, list[Measurement]] = defaultdict(list)
        findings: dict[str, list[Finding]] = defaultdict(list)
        outcomes: dict[str, Outcome] = {}
        for line in self.journal.lines():
            match line:
                case MeasurementLine():
                    measurements[line.probe].append(line.item)
                case FindingLine():
                    findings[line.probe].append(line.item)
                case OutcomeLine():
                    outcomes[line.probe] = line.item
        return (
            {probe: tuple(items) for probe, items in measurements.items()},
            {probe: tuple(items) for probe, items in findings.items()},
            outcomes,
        )
