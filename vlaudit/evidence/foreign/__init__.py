"""Results of other tools, turned into measurements of a run that policies can use."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from vlaudit.core.audit import PlannedProbe
from vlaudit.core.errors import InputError
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.outcome import Measured
from vlaudit.core.probe import Card
from vlaudit.evidence.foreign import garak, inspect_ai, lmms_eval, modelscan, promptfoo
from vlaudit.evidence.foreign.shares import Imported, card_of
from vlaudit.evidence.read import load_run
from vlaudit.evidence.run_folder import RunFolder

FORMATS: dict[str, Callable[[Sequence[Path]], Imported]] = {
    "garak": garak.read,
    "promptfoo": promptfoo.read,
    "inspect": inspect_ai.read,
    "lmms-eval": lmms_eval.read,
    "modelscan": modelscan.read,
}
TOOLS = (garak.TOOL, promptfoo.TOOL, inspect_ai.TOOL, lmms_eval.TOOL, modelscan.TOOL)

__all__ = ["FORMATS", "TOOLS", "Imported", "cards", "import_results"]


def cards() -> dict[str, Card]:
    """Return a card for each tool with the metrics that every import of it has, by id."""
    return {tool.id: card_of(tool, {}) for tool in TOOLS}


def import_results(run: Path, files: Sequence[Path], format_name: str) -> Imported:
    """Add the results of another tool to a finished run, in place of earlier ones of that tool.

    Args:
        run: the run folder.
        files: what the tool wrote.
        format_name: a key of `FORMATS`.

    Raises:
        InputError: run or files cannot be used, or a file is of a version that is not known.
    """
    if format_name not in FORMATS:
        raise InputError(f"no format is called {format_name!r}; there are {', '.join(FORMATS)}")
    audit = load_run(run).audit
    if audit.stamp.finished is None:
        raise InputError(f"{run} was interrupted; go on with `vlaudit resume` before you import")
    found = FORMATS[format_name](files)
    origin = [
        f"{path.name} sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files
    ]
    others = tuple(planned for planned in audit.plan if planned.card.id != found.card.id)
    planned = PlannedProbe(card=found.card, settings={"files": origin, "version": found.version})
    folder = RunFolder(run)
    folder.journal.keep_only({"vlaudit", *(each.card.id for each in others)})
    items: list[Measurement | Finding] = [*found.measurements, *found.findings]
    for item in items:
        folder.record(found.card.id, item)
    folder.record(found.card.id, Measured(notes=found.notes))
    folder.finish(audit.model_copy(update={"plan": (*others, planned)}))
    return found
