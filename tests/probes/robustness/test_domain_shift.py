"""Domain shift as a probe: a second dataset, the line of reference models, and what is refused."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import statsmodels.api as sm
from PIL import Image
from scipy.special import expit, logit

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Inapplicable
from vlaudit.data.elsewhere import Elsewhere
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes import seer
from vlaudit.selftest.memory import MemoryDataset
from vlaudit.stats.effective_robustness import effective_robustness, fitted

PROBE = registry.load("robustness.domain_shift")
MODELS = [(0.6, 0.35), (0.7, 0.5), (0.75, 0.51), (0.8, 0.63), (0.9, 0.74)]


def overall(data: MemoryDataset, target: Any, **settings: Any) -> dict[str, Measurement]:
    reported = run_in_memory(PROBE, target, data, settings=settings)
    return {i.metric: i for i in reported if isinstance(i, Measurement) and not i.slice}


def pictures_and_labels(share: float) -> tuple[seer.Seer, list[tuple[Image.Image, str]]]:
    target, data = seer.build(accuracy={"a": share}, rows=80)
    labels = [label or "" for label in data.texts(Role.LABEL)]
    return target, list(zip(data.images(range(80)), labels, strict=True))


def test_a_folder_is_another_domain(tmp_path: Path) -> None:
    target, rows = pictures_and_labels(0.5)
    for at, (picture, label) in enumerate(rows):
        folder = tmp_path / label
        folder.mkdir(exist_ok=True)
        picture.save(folder / f"{at}.png")
    _, data = seer.build(accuracy={"a": 0.9}, rows=200)
    found = overall(data, target, against=str(tmp_path), batch_size=7)
    assert found["usual_accuracy"].value == pytest.approx(0.9)
    assert found["shifted_accuracy"].value == pytest.approx(0.5)
    assert found["accuracy_drop"].value == pytest.approx(0.4, abs=0.01)
    some = overall(data, target, against=str(tmp_path), most_rows=40)
    assert some["shifted_accuracy"].samples == 40


def test_a_table_is_another_domain_and_one_without_labels_is_refused(tmp_path: Path) -> None:
    target, rows = pictures_and_labels(0.5)
    encoded = []
    for picture, _ in rows:
        file = io.BytesIO()
        picture.save(file, "PNG")
        encoded.append(file.getvalue())
    table = pa.table({"image": encoded, "label": [label for _, label in rows]})
    pq.write_table(table, tmp_path / "other.parquet")
    _, data = seer.build(accuracy={"a": 0.9}, rows=200)
    found = overall(data, target, against=str(tmp_path / "other.parquet"))
    assert found["shifted_accuracy"].value == pytest.approx(0.5)
    for name, bad in (("none", table.drop(["label"])), ("index", pa.table({
        "image": encoded, "label": range(80)}))):  # fmt: skip
        pq.write_table(bad, tmp_path / f"{name}.parquet")
        with pytest.raises(Inapplicable, match="without a label"):
            Elsewhere.at(str(tmp_path / f"{name}.parquet")).labels()
    with pytest.raises(Inapplicable, match="no folder of pictures"):
        overall(data, target, against=str(tmp_path / "nowhere"))


def test_labels_that_nobody_shares_leave_no_drop(tmp_path: Path) -> None:
    target, rows = pictures_and_labels(0.5)
    (tmp_path / "something else").mkdir()
    for at, (picture, _) in enumerate(rows):
        picture.save(tmp_path / "something else" / f"{at}.png")
    _, data = seer.build(accuracy={"a": 0.9}, rows=100)
    found = overall(data, target, against=str(tmp_path))
    assert found["shifted_accuracy"].value == 0.0
    assert "accuracy_drop" not in found


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"domain": "style"}, "style"),
        ({"usual": "c"}, "there are a, b"),
        ({"min_group_rows": 60}, "0 domain"),
        ({"reference_models": ["a: 0.5, 0.4", "b: 0.6, 0.5"]}, "three models"),
        ({"reference_models": ["a: 0.5", "b: 0.6, 0.5", "c: 0.7, 0.6"]}, "0 and 1"),
        ({"reference_models": ["a: 0.5, 0", "b: 0.6, 0.5", "c: 0.7, 0.6"]}, "0 and 1"),
        ({"reference_models": ["a: 0.5, x", "b: 0.6, 0.5", "c: 0.7, 0.6"]}, "three models"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_reason(
    settings: dict[str, Any], word: str
) -> None:
    target, data = seer.build(accuracy={"a": 0.9, "b": 0.8}, rows=40, attribute="domain")
    with pytest.raises(Inapplicable, match=word):
        overall(data, target, **settings)


def test_the_line_is_that_of_statsmodels() -> None:
    line = fitted(MODELS)
    x, y = logit(np.array(MODELS)).T
    other = sm.OLS(y, sm.add_constant(x)).fit()
    assert line.coefficients == pytest.approx(other.params)
    assert line.covariance == pytest.approx(other.cov_params())
    assert float(line.expected(0.8)) == pytest.approx(expit(other.predict([[1, logit(0.8)]]))[0])


def test_the_interval_is_that_of_the_line_where_rows_are_many() -> None:
    rng, line = np.random.default_rng(0), fitted(MODELS)
    x, y = logit(np.array(MODELS)).T
    ends = sm.OLS(y, sm.add_constant(x)).fit().get_prediction([[1, logit(0.8)]]).conf_int()[0]
    found = effective_robustness(line, (8e7, 1e8), (6e7, 1e8), rng=rng, draws=40000)
    assert [found.interval.low, found.interval.high] == pytest.approx(
        list(0.6 - expit(ends)[::-1]), abs=0.01
    )


def test_the_interval_covers_and_an_ordinary_model_is_not_called_robust() -> None:
    rng = np.random.default_rng(1)
    covered = called = 0
    for _ in range(200):
        usual = rng.uniform(0.55, 0.92, size=6)
        others = expit(logit(usual) * 1.1 - 0.8 + rng.normal(scale=0.1, size=6))
        line = fitted(list(zip(usual, others, strict=True)))
        truth = float(expit(logit(0.75) * 1.1 - 0.8))
        sides = [(float(rng.binomial(400, rate)), 400.0) for rate in (0.75, truth)]
        ends = effective_robustness(line, sides[0], sides[1], rng=rng, draws=1000).interval
        covered += ends.low <= 0 <= ends.high
        called += ends.low > 0
    assert covered >= 182
    assert called <= 10


def test_nothing_right_or_all_right_still_has_an_interval() -> None:
    rng, line = np.random.default_rng(2), fitted(MODELS)
    for sides in (((0.0, 50.0), (0.0, 50.0)), ((50.0, 50.0), (50.0, 50.0))):
        ends = effective_robustness(line, *sides, rng=rng).interval
        assert -1 <= ends.low < ends.high <= 1
