"""The map shows where flagged rows lie, and only when there are some."""

import base64
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from vlaudit.core.errors import InputError
from vlaudit.evidence.embedding_map import PLACE, flattened, read_map, write_map
from vlaudit.report.scatter import scatter


def keep(example: Any, rows: int = 60) -> None:
    points = np.random.default_rng(0).normal(size=(rows, 8)) * [9, 4, 1, 1, 1, 1, 1, 1]
    ids = [f"train/{4100 + index}" for index in range(rows)]
    write_map(example.evidence.folder, flattened(ids, points))


def test_a_map_is_the_principal_plane_and_comes_back(example: Any) -> None:
    from sklearn.decomposition import PCA

    points = np.random.default_rng(1).normal(size=(40, 6)) * [5, 3, 1, 1, 1, 1]
    made = flattened([str(index) for index in range(40)], points)
    write_map(example.evidence.folder, made)
    found = read_map(example.evidence.folder)
    assert found is not None
    reference = PCA(2).fit(points)
    np.testing.assert_allclose(np.abs(found.places), np.abs(reference.transform(points)), atol=1e-9)
    assert found.kept == pytest.approx(reference.explained_variance_ratio_.sum())
    assert (found.places[np.abs(found.places).argmax(axis=0), [0, 1]] > 0).all()


@pytest.mark.parametrize("rows", [1, 2])
def test_a_map_of_hardly_any_rows_has_places(rows: int) -> None:
    found = flattened(["a", "b"][:rows], np.eye(2)[:rows])
    assert found.places.shape == (rows, 2)
    assert np.isfinite(found.places).all()


def test_flagged_rows_stand_on_the_map(example: Any) -> None:
    keep(example)
    found = scatter(example.evidence)
    assert found is not None
    assert found.rows == 60
    (trigger,) = [kind for kind in found.flagged if kind.name == "Trigger"]
    assert len(trigger.places) == 14
    text = base64.b64decode(found.data.partition(",")[2]).decode()
    assert text.splitlines()[1].endswith(",trigger")
    assert len(text.splitlines()) == 61


def test_no_map_is_drawn_without_places_or_findings(example: Any) -> None:
    assert scatter(example.evidence) is None
    keep(example)
    assert scatter(replace(example.evidence, findings={})) is None


def test_a_broken_map_is_said(example: Any) -> None:
    keep(example)
    (example.evidence.folder / PLACE).write_bytes(b"not parquet")
    with pytest.raises(InputError, match="embedding_map"):
        read_map(example.evidence.folder)
