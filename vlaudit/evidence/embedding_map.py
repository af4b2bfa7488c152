"""Where pictures lie in the model's view: a flat map of their embeddings, kept beside the run."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vlaudit.core.errors import InputError
from vlaudit.evidence.files import write_whole

PLACE = Path("artifacts", "vlaudit", "embedding_map.parquet")
KEPT = b"kept"


@dataclass(frozen=True)
class EmbeddingMap:
    """Places of rows on the two directions of largest spread.

    Attributes:
        ids: id of each row.
        places: float64, (rows, 2).
        kept: share of the whole spread that the two directions hold.
    """

    ids: Sequence[str]
    places: NDArray[np.float64]
    kept: float


def flattened(ids: Sequence[str], embeddings: ArrayLike) -> EmbeddingMap:
    """Return rows on their first two principal components; each points to its longer side.

    Args:
        ids: id of each row.
        embeddings: (rows, dimensions), at least one row.
    """
    centred = np.asarray(embeddings, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    places = np.zeros((len(ids), 2))
    places[:, : min(2, sizes.size)] = left[:, :2] * sizes[:2]
    heavier = np.abs(places).argmax(axis=0)
    places *= np.where(places[heavier, [0, 1]] < 0, -1.0, 1.0)
    spread = float((sizes**2).sum())
    return EmbeddingMap(ids, places, float((sizes[:2] ** 2).sum()) / spread if spread else 1.0)


def write_map(run: Path, found: EmbeddingMap) -> Path:
    """Write the map as a table of id, x and y, and return its path."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, pa.Array[Any]] = {
        "id": pa.array(list(found.ids), pa.string()),
        "x": pa.array(found.places[:, 0].tolist(), pa.float64()),
        "y": pa.array(found.places[:, 1].tolist(), pa.float64()),
    }
    table = pa.table(columns)
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({KEPT: repr(found.kept).encode()}), buffer)
    return write_whole(run / PLACE, buffer.getvalue())


def read_map(run: Path) -> EmbeddingMap | None:
    """Return the map of a run; None where none was kept.

    Raises:
        InputError: the table cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = run / PLACE
    if not path.is_file():
        return None
    try:
        table = pq.read_table(path)
        kept = float((table.schema.metadata or {})[KEPT])
        places = np.column_stack([table.column(name).to_numpy() for name in ("x", "y")])
        ids = [str(name) for name in table.column("id").to_pylist()]
        return EmbeddingMap(ids, places.astype(np.float64), kept)
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
