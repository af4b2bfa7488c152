"""What a moment of a probe says about all of it."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from vlaudit.cli import build
from vlaudit.core.audit import PlannedProbe
from vlaudit.core.config import Config
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Card, Context, Inapplicable, Probe, Run, Trial
from vlaudit.core.target import Matrix
from vlaudit.data import load
from vlaudit.prepare import Subject
from vlaudit.rehearsal import Estimate, Toll, bill, rehearse, self_check_estimate
from vlaudit.targets.loaded import LoadedTarget, facts_of

ROWS = 200
STEPS = 50
PAUSE = 0.5
LOADING = 10.0


class Writer:
    """Embeds pictures as their mean colour, and counts how often it is asked to write."""

    name = "writer"
    fingerprint = "0" * 64

    def __init__(self) -> None:
        self.asked = 0

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        means = np.stack([np.asarray(image, np.float32).mean((0, 1)) for image in images]) + 1
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    def write_text(self, images: Sequence[Image.Image], prompts: Sequence[str]) -> list[str]:
        self.asked += len(images)
        return ["a text"] * len(images)


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    for at in range(ROWS):
        Image.new("RGB", (16, 16), (at, 0, 0)).save(tmp_path / f"{at}.png")
    (tmp_path / "7.png").write_bytes(b"damaged")
    names = [f"{at}.png" for at in range(ROWS)]
    table = pd.DataFrame({"file_name": names, "label": ["a", "b"] * (ROWS // 2)})
    table.to_csv(tmp_path / "metadata.csv", index=False)
    config = Config.model_validate({"target": {"model": "x"}, "data": {"source": "."}})
    target = Writer()
    facts = facts_of(target, kind="fake", device="cpu", precision="fp32", details={})
    return Subject(LoadedTarget(target, facts), load(config.data, base=tmp_path))


CARD = Card.model_validate(
    {
        "id": "bias.steps", "title": "t", "asks": "a", "risk": "bias", "blind_to": "b",
        "metrics": {"m": {"means": "m", "unit": "1", "range": (0, 1), "better": "lower"}},
    }
)  # fmt: skip


class Clock:
    """Stands still but when a probe takes its time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def steps(self, context: Context) -> Iterator[Measurement | Finding]:
        """Load for a while, then look at a picture, write about it and pause, many times over."""
        self.now += LOADING
        for at in range(STEPS):
            picture = context.data.images([at])
            cast("Writer", context.target).write_text(picture, ["twelve chars"])
            self.now += PAUSE
            context.progress((at + 1) / STEPS)
        yield from ()

    def mute(self, context: Context) -> Iterator[Measurement | Finding]:
        while True:
            context.data.images([0])
            self.now += PAUSE
            yield from ()


def features(context: Context) -> Iterator[Measurement | Finding]:
    matrix = context.features.images(context.data)
    assert matrix.shape == (ROWS, 3)
    np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-5)
    yield from ()


def inapplicable(context: Context) -> Iterator[Measurement | Finding]:
    yield from ()
    raise Inapplicable("too few groups")


def broken(context: Context) -> Iterator[Measurement | Finding]:
    yield from ()
    raise ZeroDivisionError


def config(**endpoint: object) -> Config:
    target: dict[str, object] = {"model": "x"}
    if endpoint:
        target["endpoint"] = {"url": "http://localhost/v1", **endpoint}
    return Config.model_validate({"target": target, "data": {"source": "."}})


def rehearsed(
    subject: Subject,
    run: Run,
    seconds: float,
    asked: Config | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Estimate, Estimate]:
    planned = PlannedProbe(card=CARD, settings={})
    probe = Probe(CARD, run)
    settled = asked or config()
    first, estimates = rehearse(
        subject, [planned], settled, load=lambda name: probe, seconds=seconds, clock=clock
    )
    return first, estimates[CARD.id]


@pytest.mark.parametrize("seconds", [2.0, 100.0])
def test_time_and_calls_are_extrapolated(subject: Subject, seconds: float) -> None:
    clock = Clock()
    _, estimate = rehearsed(subject, clock.steps, seconds, clock=clock)
    assert (estimate.fraction == 1.0) is (seconds > 50)
    assert clock.now <= LOADING + seconds + 2 * PAUSE
    assert estimate.seconds == pytest.approx(LOADING + STEPS * PAUSE, abs=0.1)
    assert estimate.calls == {"write_text": STEPS}
    assert estimate.decoded == STEPS
    assert not estimate.at_least


def test_a_probe_that_never_says_how_far_it_is(subject: Subject) -> None:
    clock = Clock()
    _, estimate = rehearsed(subject, clock.mute, 1.0, clock=clock)
    assert estimate.at_least
    assert estimate.seconds == pytest.approx(8, abs=2 * PAUSE)


def test_features_are_at_hand_though_few_pictures_were_encoded(subject: Subject) -> None:
    first, estimate = rehearsed(subject, features, 5.0)
    assert estimate.remark == ""
    assert first.calls == {"embed_images": ROWS}
    assert (first.decoded, first.disk) == (ROWS, ROWS * 3 * 4)
    assert 0 < first.seconds < 10


def test_probes_that_skip_themselves_or_break(subject: Subject) -> None:
    assert rehearsed(subject, inapplicable, 1.0)[1].remark == "skips itself: too few groups"
    assert rehearsed(subject, broken, 1.0)[1].remark == "cannot be estimated: ZeroDivisionError"


def test_an_endpoint_is_never_asked_and_has_a_price(subject: Subject) -> None:
    asked = config(price_read=10.0, price_written=100.0, longest_side=750)
    first, estimate = rehearsed(subject, Clock().steps, 30.0, asked)
    target = subject.target.target
    assert isinstance(target, Writer)
    assert target.asked == 0
    total = bill(first, {CARD.id: estimate}).toll
    assert total.calls == STEPS
    # A grey picture of 224 pixels stands for the damaged one.
    assert total.read == ((STEPS - 1) * 16**2 + 224**2) // 750 + STEPS * 12 // 4
    assert total.written == STEPS * 64
    assert total.money == pytest.approx((total.read * 10 + total.written * 100) / 1e6)
    free = rehearsed(subject, Clock().steps, 30.0)[1]
    assert bill(first, {CARD.id: free}).toll == Toll()


def test_the_verb_prints_the_plan_and_the_budget(
    subject: Subject, tmp_path: Path, make_model: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(make_model)
    model = make_model()
    (tmp_path / "vlaudit.yaml").write_text(
        f"target: {{model: 'local-dir:{model}'}}\ndata: {{source: .}}\n"
        "probes: {select: [bias.zero_shot_parity]}\nbudget: {minutes: 600}\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    done = CliRunner().invoke(build(), ["plan", "--calibrate", "0.2"])
    assert done.exit_code == 0, done.output
    assert "(decode and encode)" in done.output
    assert "no column for: groups" in done.output
    assert "within the budget of 600 min" in done.output
    quick = CliRunner().invoke(build(), ["plan", "--calibrate", "0"])
    assert quick.exit_code == 0
    assert "in all" not in quick.output
    assert not list(tmp_path.glob("runs"))


def test_trying_a_probe_costs_its_runs_on_as_many_rows(subject: Subject) -> None:
    trial = Trial(plant="believed_words", innocent="names_exchanged", rows=2 * ROWS, costly=True)
    made = CARD.model_copy(update={"self_check": trial, "needs": ()})
    planned = [PlannedProbe(card=made, settings={})]
    estimates = {made.id: Estimate(seconds=6.0, calls={"score_pairs": 400})}
    again = self_check_estimate(
        estimates, planned, subject, only={made.id}, mode="quick"
    )  # one innocent run and one planted, each on all of the few rows
    assert (again.seconds, again.calls) == (12.0, {"score_pairs": 800})
    other = self_check_estimate(estimates, planned, subject, only=(), mode="quick")
    assert other.seconds == 0
