"""From tables of predictions to a target."""

import hashlib
from pathlib import Path

from vlaudit.core.config import TargetConfig
from vlaudit.core.dataset import Pictures
from vlaudit.core.errors import InputError
from vlaudit.core.target import Ability
from vlaudit.targets.loaded import LoadedTarget, facts_of
from vlaudit.targets.stored.tables import Tables, read_tables
from vlaudit.targets.stored.target import StoredPredictions

PREDICTIONS = "predictions:"
SCALE = 100.0
UNSTORED = "no such predictions are stored"


def load_predictions(config: TargetConfig, *, base: Path, rows: Pictures | None) -> LoadedTarget:
    """Serve the predictions that a folder or file holds, about the pictures of `rows`.

    `target.options` may give `scale` and `bias` of the logits that follow from embeddings.

    Raises:
        InputError: no such folder or table, wrong columns, or rows without predictions.
    """
    path = base / config.model.removeprefix(PREDICTIONS)
    if not path.exists():
        raise InputError(f"target.model: {path} does not exist; name a folder of tables")
    if rows is None:
        raise InputError("target.model: stored predictions need the data that they are about")
    tables = read_tables(path)
    _check_coverage(tables, rows)
    scale, bias = _number(config, "scale", SCALE), _number(config, "bias", 0.0)
    target = StoredPredictions(
        tables, rows, name=config.model, fingerprint=_fingerprint(tables, scale, bias), scale=scale,
        bias=bias,
    )  # fmt: skip
    facts = facts_of(
        target,
        kind="stored predictions",
        device="cpu",
        precision="as stored",
        details={
            "images": len(tables.images), "texts": len(tables.texts),
            "scores": len(tables.scores), "answers": len(tables.answers),
            "scale": scale, "bias": bias,
        },
        lacks=dict.fromkeys(Ability, UNSTORED),
    )  # fmt: skip
    return LoadedTarget(target, facts)


def _check_coverage(tables: Tables, rows: Pictures) -> None:
    """Refuse tables that leave out rows: what was not predicted must not look like a small set."""
    ids = rows.ids()
    for kind, known in (
        ("images", set(tables.images)),
        ("scores", {key for key, _ in tables.scores}),
        ("answers", {key for key, _ in tables.answers}),
    ):
        absent = [key for key in ids if key not in known]
        if known and absent:
            raise InputError(
                f"target.model: the table {kind} lacks {len(absent)} of {len(ids)} rows of the "
                f"data, such as {absent[0]!r}; its `id` must be that of the data "
                "(data.columns.id, else the position of the row)"
            )


def _number(config: TargetConfig, name: str, default: float) -> float:
    value = config.options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"target.options.{name}: {value!r} is no number")
    return float(value)


def _fingerprint(tables: Tables, scale: float, bias: float) -> str:
    state = hashlib.sha256(f"{scale} {bias}".encode())
    for file in tables.files:
        state.update(hashlib.sha256(file.read_bytes()).digest())
    return state.hexdigest()
