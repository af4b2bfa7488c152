"""Results of promptfoo (`promptfoo eval --output results.json`): how often tests fail."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vlaudit.core.errors import InputError
from vlaudit.core.probe import Risk
from vlaudit.evidence.foreign.shares import Imported, Part, Tool, imported, known, read_json

TOOL = Tool(
    id="reliability.promptfoo",
    name="promptfoo",
    risk=Risk.RELIABILITY,
    asks="How often do the tests of promptfoo fail?",
    blind_to="What the tests do not ask, and what their assertions misjudge.",
    metric="failed_tests",
    means="Share of tests whose assertions failed.",
    better="lower",
)
SUPPORTED = ("2", "3")
BY_ASSERTION, BY_ERROR = 1, 2


def read(files: Sequence[Path]) -> Imported:
    """Return failed tests by provider and, where there are any, by plug-in of the red team.

    Tests that ended with an error are neither passed nor failed; they are counted in a note.

    Raises:
        InputError: a file holds no results of a supported version.
    """
    parts: dict[tuple[str, str], dict[str, list[float]]] = {}
    errors, version = 0, ""
    for path in files:
        document = read_json(path)
        summary = document.get("results") if isinstance(document, dict) else None
        if not isinstance(summary, dict) or not isinstance(summary.get("results"), list):
            raise InputError(f"{path} holds no results of promptfoo (results.results)")
        version = known(TOOL, path, summary.get("version"), SUPPORTED)
        for index, row in enumerate(summary["results"]):
            if _is_error(row):
                errors += 1
                continue
            unit = f"{path.name} {row.get('testIdx', f'row {index}')}"
            parts.setdefault(_group(row), {}).setdefault(unit, []).append(float(not row["success"]))
    listed = [
        Part(f"{provider} {plugin}".strip(), _where(provider, plugin), scores)
        for (provider, plugin), scores in parts.items()
    ]
    notes = [f"{errors} tests ended with an error and are not counted."] if errors else []
    return imported(TOOL, version, listed, notes)


def _is_error(row: Any) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("success"), bool):
        raise InputError("promptfoo: a result has no `success`")
    reason = row.get("failureReason")
    return not row["success"] and (
        reason == BY_ERROR or (reason is None and bool(row.get("error")) and not _graded(row))
    )


def _graded(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("gradingResult"), dict)


def _group(row: Mapping[str, Any]) -> tuple[str, str]:
    provider = row.get("provider")
    name = provider.get("label") or provider.get("id") if isinstance(provider, dict) else provider
    metadata = row.get("metadata") or {}
    case = row.get("testCase") or {}
    plugin = metadata.get("pluginId") or (case.get("metadata") or {}).get("pluginId") or ""
    return str(name or "unnamed"), str(plugin)


def _where(provider: str, plugin: str) -> dict[str, str]:
    return {"provider": provider, "plugin": plugin} if plugin else {"provider": provider}
