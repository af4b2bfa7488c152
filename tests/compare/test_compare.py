"""Comparisons with planted changes, and with none."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from vlaudit.cli import build
from vlaudit.compare import Comparison, Outcome, compare
from vlaudit.evidence import load_run, read_rows

PROBE = "bias.zero_shot_parity"
Write = Callable[..., Path]
Bools = NDArray[np.bool_]


def people(rows: int, share: float = 0.5) -> list[str]:
    return ["woman" if at < share * rows else "man" for at in range(rows)]


def answers(rows: int, rate: float, seed: int) -> Bools:
    return np.asarray(np.random.default_rng(seed).random(rows) < rate)


def outcome(found: Comparison, name: str) -> Outcome:
    return {item.name: item.outcome for item in found.changes}[f"{PROBE}.{name}"]


def test_a_silent_regression_is_found_row_by_row(write: Write) -> None:
    """The whole stays at 80 %: one group of a fifth loses 15 points, the other gains as many."""
    groups, before = people(2000, 0.2), answers(2000, 0.8, 0)
    after, rng = before.copy(), np.random.default_rng(1)
    woman = np.array([group == "woman" for group in groups])
    lost = rng.choice(np.flatnonzero(before & woman), 60, replace=False)
    gained = rng.choice(np.flatnonzero(~before & ~woman), 60, replace=False)
    after[lost], after[gained] = False, True
    found = compare(load_run(write("a", before, groups)), load_run(write("b", after, groups)))
    assert outcome(found, "accuracy") in (Outcome.SAME, Outcome.UNKNOWN)
    assert outcome(found, "accuracy[gender=woman]") is Outcome.WORSE
    assert outcome(found, "accuracy[gender=man]") is Outcome.BETTER
    names = {item.name for item in found.silent}
    assert f"{PROBE}.accuracy[gender=woman]" in names
    assert not any("gender=man" in name for name in names)
    (flips,) = found.flips
    assert (flips.share, flips.rows) == (0.03, 2000)


def test_nothing_new_is_no_harm(write: Write) -> None:
    groups, right = people(600), answers(600, 0.8, 2)
    found = compare(load_run(write("a", right, groups)), load_run(write("b", right, groups)))
    assert found.harm == ()
    assert outcome(found, "accuracy") is Outcome.SAME
    assert found.flips[0].share == 0.0


@pytest.mark.parametrize("paired", [True, False])
def test_equal_models_are_seldom_called_worse(write: Write, paired: bool) -> None:
    alarms = 0
    for seed in range(40):
        groups, base = people(400), answers(400, 0.8, seed)
        one, other = (base ^ answers(400, 0.05, 100 * k + seed) for k in (3, 4))
        runs = [
            load_run(write(f"{name}{seed}", right, groups, rows=paired))
            for name, right in (("a", one), ("b", other))
        ]
        alarms += bool(compare(*runs).harm)
    assert alarms <= 5


@pytest.mark.parametrize(("loss", "found_at"), [(0.0, 0), (0.10, 1)])
def test_a_loss_is_found_by_its_size_without_shared_rows(
    write: Write, loss: float, found_at: int
) -> None:
    groups = people(3000)
    before, after = answers(3000, 0.8, 5), answers(3000, 0.8 - loss, 6)
    other = [f"new {row}" for row in range(3000)]
    runs = write("a", before, groups), write("b", after, groups, ids=other)
    found = compare(*(load_run(run) for run in runs))
    assert (outcome(found, "accuracy") is Outcome.WORSE) == bool(found_at)
    assert not any(item.paired for item in found.changes)
    assert any("rows in common" in note for note in found.notes)


def test_pairing_finds_what_independent_intervals_cannot(write: Write) -> None:
    groups, before = people(1000), answers(1000, 0.8, 7)
    after = before.copy()
    after[np.flatnonzero(before)[:25]] = False
    paired = compare(load_run(write("a", before, groups)), load_run(write("b", after, groups)))
    loose = compare(
        load_run(write("c", before, groups, rows=False)),
        load_run(write("d", after, groups, rows=False)),
    )
    assert outcome(paired, "accuracy") is Outcome.WORSE
    assert outcome(loose, "accuracy") is Outcome.UNKNOWN


def test_rows_are_matched_by_id_and_doubtful_ids_are_not_matched(write: Write) -> None:
    groups, right = people(100), answers(100, 0.8, 8)
    names = [f"r{row}" for row in range(100)]
    order = np.random.default_rng(9).permutation(100)
    shuffled = write(
        "b", right[order], [groups[at] for at in order], ids=[names[at] for at in order]
    )
    first = load_run(write("a", right, groups, ids=names))
    assert compare(first, load_run(shuffled)).flips[0].share == 0.0
    doubtful = load_run(write("c", right, groups, ids=["same"] * 100))
    assert compare(first, doubtful).flips == ()


def test_other_settings_are_said(write: Write) -> None:
    groups, right = people(100), answers(100, 0.8, 10)
    runs = write("a", right, groups), write("b", right, groups, settings={"min_group_rows": 5})
    notes = compare(*(load_run(run) for run in runs)).notes
    assert f"{PROBE} ran with other settings: min_group_rows" in notes


def test_rows_come_back_as_they_were_kept(write: Write) -> None:
    right = answers(50, 0.5, 11)
    (kept,) = read_rows(write("a", right, [*people(49), "Ñandú"])).values()
    assert list(kept.right) == right.tolist()
    assert kept.groups["gender"][-1] == "Ñandú"


def vlaudit(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(build(), list(arguments))
    return result.exit_code, result.output


def test_the_verbs_compare_and_check_against_a_baseline(write: Write) -> None:
    groups, before = people(600), answers(600, 0.9, 12)
    a, b = write("a", before, groups), write("b", before & answers(600, 0.8, 13), groups, day=2)
    code, text = vlaudit("compare", str(a), str(b))
    assert (code, "worse" in text, f"{PROBE}.accuracy" in text) == (1, True, True)
    assert "rows were right and are wrong now" in text
    assert vlaudit("compare", str(b), str(a), "--json")[0] == 0
    assert vlaudit("check", str(b), "--baseline", str(a))[0] == 1
    assert vlaudit("check", str(a), "--baseline", str(a))[0] == 0
    assert vlaudit("compare", str(a), str(a / "none"))[0] == 2


def test_the_history_is_told_in_order_with_intervals(write: Write, tmp_path: Path) -> None:
    groups = people(100)
    for day, rate in ((3, 0.9), (1, 0.5), (2, 0.7)):
        write(f"runs/run{day}", answers(100, rate, day), groups, day=day)
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "broken" / "run.json").write_text("{}")
    folder = str(tmp_path / "runs")
    code, text = vlaudit("history", folder)
    assert (code, "cannot be read as a run" in text) == (0, True)
    code, text = vlaudit("history", folder, "--json", "--metric", "accuracy")
    import json

    whole = next(one for one in json.loads(text)["series"] if not one["slice"])
    assert [point["run"] for point in whole["points"]] == ["run1", "run2", "run3"]
    assert all(point["low"] < point["value"] < point["high"] for point in whole["points"])
    page = tmp_path / "trends.html"
    assert vlaudit("history", folder, "--html", str(page))[0] == 0
    assert page.read_text().count("<circle") >= 9
    assert "<script" not in page.read_text()
    assert vlaudit("history", folder, "--metric", "zzz")[0] == 2
    assert vlaudit("history", str(tmp_path / "none"))[0] == 2
