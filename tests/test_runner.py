"""One probe that breaks leaves the others alone, and what is measured is written ahead."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vlaudit.core.audit import PlannedProbe
from vlaudit.core.errors import EvidenceError, InputError
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.outcome import Broken, Measured, Outcome, Skipped
from vlaudit.core.probe import Card, Context, Inapplicable, Probe, Run
from vlaudit.evidence import RunFolder
from vlaudit.features import Encoded, TargetFeatures
from vlaudit.runner import Bench, generator, run_probes
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset

INTERVAL = Interval(0.0, 1.0, "wilson")


class Silent:
    """An observer that remembers only errors."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []

    def begin(self, step: str, title: str) -> None:
        pass

    def advance(self, fraction: float) -> None:
        pass

    def end(self, outcome: str, *, error: BaseException | None = None) -> None:
        if error is not None:
            self.errors.append(error)


def card(name: str) -> Card:
    metric = {"means": "m", "unit": "fraction", "range": [0, 1], "better": "lower"}
    return Card.model_validate_json(
        f'{{"id": "bias.{name}", "title": "t", "asks": "a", "risk": "bias", "blind_to": "b",'
        f' "metrics": {{"rate": {str(metric).replace(chr(39), chr(34))}}}}}'
    )


def share(context: Context) -> Iterator[Measurement | Finding]:
    context.note("looked")
    yield Measurement("rate", float(context.rng.random()), samples=3, interval=INTERVAL)


def undeclared(context: Context) -> Iterator[Measurement | Finding]:
    yield Measurement("rate", 0.5, samples=3, interval=INTERVAL)
    yield Measurement("other", 0.5, samples=3, interval=INTERVAL)


def out_of_range(context: Context) -> Iterator[Measurement | Finding]:
    yield Measurement("rate", 1.5, samples=3, interval=Interval(0, 2, "wilson"))


def not_finite(context: Context) -> Iterator[Measurement | Finding]:
    yield Measurement("rate", float("nan"), samples=3, interval=INTERVAL)


def raises(context: Context) -> Iterator[Measurement | Finding]:
    yield Measurement("rate", 0.5, samples=3, interval=INTERVAL)
    raise ValueError("jane.doe@example.com")


def leaves(context: Context) -> Iterator[Measurement | Finding]:
    raise SystemExit(0)
    yield


def inapplicable(context: Context) -> Iterator[Measurement | Finding]:
    raise Inapplicable("there is one group only")
    yield


PROBES: dict[str, Run] = {
    f"bias.{run.__name__}": run
    for run in (share, undeclared, out_of_range, not_finite, raises, leaves, inapplicable)
}


def load(probe_id: str) -> Probe:
    return Probe(card(probe_id.removeprefix("bias.")), PROBES[probe_id])


@pytest.fixture
def bench() -> Bench:
    data = MemoryDataset(values={}, attributes={})
    target = Seer(["thing"])
    features = TargetFeatures(target, Encoded.empty(data))
    return Bench(target=target, features=features, data=data, evaluation=data, seed=7)


def run_all(
    names: list[str], bench: Bench, folder: RunFolder, **options: float
) -> dict[str, Outcome]:
    plan = [PlannedProbe(card=card(name), settings={}) for name in names]
    deadline = options.get("deadline")
    run_probes(plan, bench, folder, Silent(), load=load, deadline=deadline)
    return folder.collected()[2]


def test_each_probe_ends_in_its_own_way(bench: Bench, tmp_path: Path) -> None:
    names = [name.removeprefix("bias.") for name in PROBES]
    folder = RunFolder.create(tmp_path, subject="a model")
    outcomes = run_all(names, bench, folder)

    states = {name: type(outcome) for name, outcome in outcomes.items()}
    assert states == {
        "bias.share": Measured,
        "bias.undeclared": Broken,
        "bias.out_of_range": Broken,
        "bias.not_finite": Broken,
        "bias.raises": Broken,
        "bias.leaves": Broken,
        "bias.inapplicable": Skipped,
    }
    assert outcomes["bias.share"].notes == ("looked",)  # type: ignore[union-attr]
    assert "'other'" in outcomes["bias.undeclared"].error  # type: ignore[union-attr]


def test_the_text_of_a_foreign_error_is_never_written(bench: Bench, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, subject="a model")
    outcome = run_all(["raises"], bench, folder)["bias.raises"]
    assert isinstance(outcome, Broken)
    assert outcome.error.startswith("ValueError at test_runner.py:")
    written = b"".join(path.read_bytes() for path in folder.path.rglob("*") if path.is_file())
    assert b"jane.doe" not in written


def test_what_was_measured_before_a_probe_broke_is_kept(bench: Bench, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, subject="a model")
    run_all(["raises"], bench, folder)
    assert folder.collected()[0]["bias.raises"][0].value == 0.5


def test_a_budget_that_is_spent_skips_what_is_left(bench: Bench, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, subject="a model")
    outcome = run_all(["share"], bench, folder, deadline=-1.0)["bias.share"]
    assert isinstance(outcome, Skipped)
    assert "budget" in outcome.reason


def test_a_torn_last_line_is_not_read(bench: Bench, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, subject="a model")
    run_all(["share"], bench, folder)
    whole = folder.journal.path.read_bytes()
    for cut in range(1, 40):
        folder.journal.path.write_bytes(whole[:-cut])
        assert "bias.share" not in folder.collected()[2]
        assert len(folder.collected()[0]["bias.share"]) == 1


def test_a_full_disk_ends_the_run_and_breaks_no_probe(bench: Bench, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, subject="a model")
    folder.journal.path.unlink()
    folder.journal.path.symlink_to("/dev/full")
    with pytest.raises(EvidenceError, match=r"No space left.*resume"):
        run_all(["share"], bench, folder)


def test_an_unwritable_output_is_refused_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match="cannot write to"):
        RunFolder.create(tmp_path / "file", subject="a model")


def test_draws_depend_on_seed_and_probe_and_on_nothing_else() -> None:
    draws = {(s, p): generator(s, p).random() for s in (0, 1) for p in ("bias.a", "bias.b")}
    assert len(set(draws.values())) == 4
    assert generator(1, "bias.a").random() == draws[1, "bias.a"]


def test_equal_seeds_give_equal_values(bench: Bench, tmp_path: Path) -> None:
    folders = [RunFolder.create(tmp_path / name, subject="m") for name in "ab"]
    for folder in folders:
        run_all(["share"], bench, folder)
    first, second = (folder.collected()[0]["bias.share"][0].value for folder in folders)
    assert np.isclose(first, second, rtol=0, atol=0)
