"""The ledger: every control of the framework, with its status and why."""

from dataclasses import dataclass

from vlaudit.core.policy import Control, Framework
from vlaudit.core.verdict import ControlStatus, ControlVerdict, Judgement
from vlaudit.report.words import CONTROL, Label, sentence

UNMAPPED = {
    "measurable": "A technical test could bear on it; no rule of this policy does.",
    "documentable": "Documents are its evidence; nobody has attested it.",
    "organisational": "It concerns how people work; only a person's attestation can speak for it.",
}


@dataclass(frozen=True)
class Cell:
    """One control with its status."""

    control: Control
    status: Label
    because: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """The controls of one section of the framework, such as MEASURE 2."""

    name: str
    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Function:
    """The sections of one function of the framework, such as MEASURE."""

    name: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Ledger:
    """All controls by function, and how many have each status."""

    functions: tuple[Function, ...]
    counts: tuple[tuple[Label, int], ...]
    size: int
    spoken_for: int


def ledger(judgement: Judgement, framework: Framework) -> Ledger:
    """Return the status of every control; one without a verdict is not measured."""
    known = {verdict.control: verdict for verdict in judgement.controls}
    cells = [_cell(control, known.get(control.id)) for control in framework.controls]
    names = dict.fromkeys(cell.control.section for cell in cells)
    sections = [
        Section(
            name=name,
            title=framework.sections.get(name, ""),
            cells=tuple(cell for cell in cells if cell.control.section == name),
        )
        for name in names
    ]
    counts = tuple(
        (label, sum(cell.status == label for cell in cells)) for label in CONTROL.values()
    )
    unknown = CONTROL[ControlStatus.NOT_MEASURED]
    return Ledger(
        functions=tuple(
            Function(name, tuple(part for part in sections if part.name.split(" ")[0] == name))
            for name in dict.fromkeys(part.name.split(" ")[0] for part in sections)
        ),
        counts=counts,
        size=len(cells),
        spoken_for=sum(cell.status != unknown for cell in cells),
    )


def _cell(control: Control, verdict: ControlVerdict | None) -> Cell:
    if verdict is None:
        return Cell(control, CONTROL[ControlStatus.NOT_MEASURED], UNMAPPED[control.kind], ())
    return Cell(control, CONTROL[verdict.status], sentence(verdict.because), verdict.rules)
