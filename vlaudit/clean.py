"""Which rows of a dataset a run speaks against, and what that makes of a copy of it."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from vlaudit.core.audit import Evidence
from vlaudit.core.config import DataConfig
from vlaudit.core.errors import InputError
from vlaudit.data.original import Edit, Original

# Kinds that speak against a row, as a whole and on their own; others tell of a model or a set, or
# ask for a changed row rather than for none.
REMOVED = (
    "poisoned_pair", "near_duplicate", "leaked_row", "doubtful_label", "doubtful_caption",
    "changed_picture", "exposed_address", "instruction", "written_instruction", "invisible_text",
    "caption_flood", "picture_flood", "suspicious_pair", "recurring_pattern", "undeleted",
    "opted_out", "unreadable_picture",
)  # fmt: skip
# Too many of these are right for them to be left out unasked.
ASKED_FOR = ("suspicious_pair", "doubtful_label", "caption_flood", "picture_flood",
             "recurring_pattern", "unreadable_picture", "invisible_text")  # fmt: skip

Reasons = dict[str, list[tuple[str, str]]]


def flagged(evidence: Evidence, kinds: Collection[str]) -> Reasons:
    """Return the findings of each row by its id, as pairs of kind and sentence.

    Args:
        evidence: a run.
        kinds: kinds of findings that count; without any, those that are rarely wrong.

    Raises:
        InputError: the run found nothing of a kind that was named, or nothing at all.
    """
    found = [
        (item.row, item.kind, f"{probe}: {item.summary}", item.evidence.get("of"))
        for probe, items in evidence.findings.items()
        for item in items
        if item.row is not None
    ]
    present = {kind for _, kind, _, _ in found}
    if unknown := [kind for kind in kinds if kind not in present]:
        raise InputError(
            f"--kind {unknown[0]}: the run has no such finding of a row; "
            f"it has {', '.join(sorted(present)) or 'none'}"
        )
    wanted = set(kinds) or {kind for kind in REMOVED if kind not in ASKED_FOR}
    reasons: Reasons = {}
    copies = {row for row, kind, _, _ in found if kind == "near_duplicate" and kind in wanted}
    for row, kind, said, of in found:
        # Where the copy for training is left out, nothing is leaked any more.
        if kind in wanted and not (kind == "leaked_row" and of in copies):
            reasons.setdefault(row, []).append((kind, said))
    if not reasons:
        raise InputError(
            "the run speaks against no row unasked; name kinds with --kind: "
            f"{', '.join(sorted(present)) or 'it has none'}"
        )
    return reasons


def matching_config(evidence: Evidence, source: str) -> tuple[DataConfig, Path]:
    """Return how to read `source` as the run read its data, and where its path begins."""
    config = evidence.audit.config.data.model_copy(
        update={"source": source, "columns": evidence.audit.dataset.columns}
    )
    columns = config.columns
    if columns.split and evidence.audit.config.data.columns.split is None:
        # A split that the layout gave is no column of the source.
        config = config.model_copy(update={"columns": columns.model_copy(update={"split": None})})
    return config, Path()


def reasons_said(
    original: Original, reasons: Mapping[str, Sequence[tuple[str, str]]], evidence: Evidence, *,
    drop: bool,
) -> dict[int, Edit]:  # fmt: skip
    """Return what is done to each row, by position.

    Raises:
        InputError: the dataset is another one than the run was made on.
    """
    positions = original.positions
    missing = [row for row in reasons if row not in positions]
    whole = evidence.audit.config.data.limit is None and evidence.audit.config.data.split is None
    known = evidence.audit.dataset.digest
    if missing or (whole and known and original.data.digest != known):
        what = f"it has no row {missing[0]!r}" if missing else "its content has changed"
        raise InputError(
            f"data.source {original.data.name!r} is not what the run was made on: {what}; "
            "name that dataset, or audit this one"
        )
    return {
        positions[row]: Edit(
            reasons=tuple(said for _, said in found),
            drop=drop,
            mark=None if drop else " ".join(dict.fromkeys(kind for kind, _ in found)),
        )
        for row, found in reasons.items()
    }
