"""Reads a run folder back: no model, dataset or network is needed."""

from pathlib import Path

from pydantic import ValidationError

from vlaudit.core.audit import Audit, Evidence
from vlaudit.core.errors import InputError
from vlaudit.core.selfcheck import SelfCheck
from vlaudit.core.verdict import Judgement
from vlaudit.evidence.run_folder import JUDGEMENTS, SELF_CHECKS, RunFolder
from vlaudit.evidence.tables import read_findings, read_measurements


def load_run(folder: Path) -> Evidence:
    """Return the evidence of a run; of one that was interrupted, what it had written ahead.

    Raises:
        InputError: the folder holds no run, or one that this version cannot read.
    """
    if not (folder / "run.json").is_file():
        raise InputError(f"{folder} is not a run folder (it has no run.json); see `vlaudit run`")
    try:
        audit = Audit.model_validate_json((folder / "run.json").read_bytes())
        if audit.stamp.finished is None:
            measurements, findings, outcomes = RunFolder(folder).collected()
            audit = audit.model_copy(update={"outcomes": {**audit.outcomes, **outcomes}})
            return Evidence(folder, audit, measurements, findings)
        measurements = read_measurements(folder / "measurements.parquet")
        findings = read_findings(folder / "findings.jsonl")
        checks = _self_checks(folder / "self_check.json")
    except (OSError, ValueError, ValidationError) as error:
        problem = str(error).splitlines()[0]
        raise InputError(f"{folder} cannot be read as a run: {problem}") from error
    return Evidence(folder, audit, measurements, findings, checks)


def _self_checks(path: Path) -> dict[str, SelfCheck]:
    """Return by probe how it did on altered rows; nothing where that was not tried."""
    if not path.is_file():
        return {}
    return {check.probe: check for check in SELF_CHECKS.validate_json(path.read_bytes())}


def load_judgements(folder: Path) -> tuple[Judgement, ...]:
    """Return the judgements in verdicts.json; none where the run was never judged."""
    path = folder / "verdicts.json"
    if not path.is_file():
        return ()
    try:
        return JUDGEMENTS.validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
