"""Reports of garak (`*.report.jsonl`): how often attacks by text succeed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vlaudit.core.errors import InputError
from vlaudit.core.probe import Risk
from vlaudit.evidence.foreign.shares import Imported, Part, Tool, imported, known, read_lines

TOOL = Tool(
    id="adversarial.garak",
    name="garak",
    risk=Risk.ADVERSARIAL,
    asks="How often do the attacks of garak succeed?",
    blind_to="Attacks that garak did not try, and what its detectors misjudge.",
    metric="attack_success",
    means="Share of answers that a detector of garak calls a success of the attack.",
    better="lower",
)
SUPPORTED = tuple(f"0.{minor}" for minor in range(9, 18))
EVALUATED = 2
OLD_NEW = ("model", "target")
THRESHOLD = 0.5


@dataclass
class Report:
    """What the lines of one report said so far."""

    version: str | None = None
    model: str | None = None
    threshold: float = THRESHOLD
    attempts: dict[tuple[str, str], dict[str, list[float]]] = field(
        default_factory=dict[tuple[str, str], dict[str, list[float]]]
    )
    counts: dict[tuple[str, str], tuple[int, int]] = field(
        default_factory=dict[tuple[str, str], tuple[int, int]]
    )


def read(files: Sequence[Path]) -> Imported:
    """Return attack success by probe and detector; answers to one prompt are one cluster.

    Raises:
        InputError: a file is no report of a supported version, or ends before it was evaluated.
    """
    parts: dict[tuple[str, str], dict[str, list[float]]] = {}
    notes: list[str] = []
    version = ""
    for path in files:
        report = _read(path)
        told = None if report.version is None else ".".join(report.version.split(".")[:2])
        version = known(TOOL, path, told, SUPPORTED)
        if report.model:
            notes.append(f"{path.name} is about the model {report.model}.")
        for key, (hits, total) in report.counts.items():
            units = _units(report, key, hits, total, notes)
            parts.setdefault(key, {}).update({f"{path.name} {k}": v for k, v in units.items()})
    listed = [
        Part(f"{probe} {detector}", {"probe": probe, "detector": detector}, scores)
        for (probe, detector), scores in parts.items()
    ]
    return imported(TOOL, version, listed, notes)


def _read(path: Path) -> Report:
    report = Report()
    for number, entry in read_lines(path):
        match entry.get("entry_type"):
            case "init":
                report.version = str(entry.get("garak_version"))
            case "start_run setup":
                report.version = report.version or entry.get("_config.version")
                report.model = _model(entry)
                report.threshold = float(entry.get("run.eval_threshold", THRESHOLD))
            case "attempt" if entry.get("status") == EVALUATED:
                _attempt(report, entry)
            case "eval":
                _eval(report, entry, f"{path}:{number}")
            case _:
                continue
    return report


def _model(setup: Mapping[str, Any]) -> str:
    """Return the model that was attacked: its kind and, where it has one, its name."""
    names = (setup.get(f"plugins.{old}_{part}") for part in ("type", "name") for old in OLD_NEW)
    return " ".join(dict.fromkeys(str(name) for name in names if name))


def _attempt(report: Report, entry: Mapping[str, Any]) -> None:
    probe = str(entry.get("probe_classname"))
    results: Mapping[str, list[float | None]] = entry.get("detector_results") or {}
    for detector, scores in results.items():
        units = report.attempts.setdefault((probe, _detector(detector)), {})
        hits = [float(s >= report.threshold) for s in scores if s is not None]
        units.setdefault(str(entry.get("uuid", len(units))), []).extend(hits)


def _eval(report: Report, entry: Mapping[str, Any], where: str) -> None:
    total = entry.get("total_evaluated", entry.get("total"))
    passed = entry.get("passed")
    if not isinstance(total, int) or not isinstance(passed, int) or not 0 <= passed <= total:
        raise InputError(f"{where}: an eval entry of garak has `passed` out of `total_evaluated`")
    key = str(entry.get("probe")), _detector(str(entry.get("detector")))
    report.counts[key] = total - passed, total


def _detector(name: str) -> str:
    return name.removeprefix("detector.")


def _units(
    report: Report, key: tuple[str, str], hits: int, total: int, notes: list[str]
) -> dict[str, list[float]]:
    """Return outcomes by prompt where the attempts agree with garak's own count."""
    units = {name: unit for name, unit in report.attempts.get(key, {}).items() if unit}
    flat = [one for unit in units.values() for one in unit]
    if len(flat) == total and sum(flat) == hits:
        return units
    notes.append(f"{' '.join(key)}: answers to one prompt are taken for independent.")
    return {f"{key[0]} {index}": [float(index < hits)] for index in range(total)}
