import numpy as np
import pytest

from vlaudit import advice
from vlaudit.advice import Remedy, Trial
from vlaudit.advice.remedies import retraining
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Severity
from vlaudit.core.probe import Inapplicable
from vlaudit.core.verdict import Judgement, Status, Verdict
from vlaudit.features import TargetFeatures, encode
from vlaudit.selftest.fakes import poisoned
from vlaudit.selftest.memory import MemoryDataset


def on(trigger: str = "checkerboard", rate: float = 0.05) -> tuple[Trial, poisoned.Reader]:
    target, data = poisoned.build(trigger=trigger, rate=rate, rows=300)
    shown, told = data.texts(Role.LABEL), data.texts(Role.CAPTION)
    bad = {
        row
        for row, label, text in zip(data.ids(), shown, told, strict=True)
        if label != poisoned.TARGET and poisoned.TARGET in str(text)
    }
    features = TargetFeatures(target, encode(target, data))
    rng = np.random.default_rng(0)
    return advice.trial(target, features, data, rng=rng, whole=data, flagged=frozenset(bad)), target


@pytest.mark.parametrize("trigger", ["checkerboard", "wave"])
def test_the_mark_of_the_flagged_pairs_is_found_again_and_works(trigger: str) -> None:
    trial, target = on(trigger)
    data = trial.whole
    assert data is not None
    flagged = np.array([row in trial.flagged for row in data.ids()])
    mark = retraining.shared_mark(trial, data, flagged)
    clean = data.images(np.flatnonzero(~flagged)[:60].tolist())
    stamped = [mark.stamp(picture, mark.place(trial.rng)) for picture in clean]
    own = list(poisoned.COLOURS).index(poisoned.TARGET)
    turned = target.embed_images(stamped).argmax(axis=1) == own
    before = target.embed_images(clean).argmax(axis=1) == own
    assert turned.mean() - before.mean() > 0.6


def test_two_models_are_taught_and_compared() -> None:
    trial, _ = on()
    mark, none = retraining.simulate(trial, steps=2, batch=8)
    assert mark.what.startswith("pictures that the mark turns")
    assert mark.samples == none.samples > 100
    for figure in (mark.before, mark.after, none.before, none.after):
        assert 0 <= figure.interval.low <= figure.value <= figure.interval.high <= 1


def test_without_flagged_pairs_or_captions_nothing_is_taught() -> None:
    trial, target = on(rate=0.0)
    with pytest.raises(Inapplicable, match="flagged 0 poisoned pairs"):
        next(retraining.simulate(trial))
    bare = MemoryDataset(trial.whole.images(range(40)) if trial.whole else ())
    features = TargetFeatures(target, encode(target, bare))
    without = advice.trial(target, features, bare, rng=trial.rng, whole=bare)
    with pytest.raises(Inapplicable, match="no captions"):
        next(retraining.simulate(without))


def test_models_are_taught_only_where_that_is_asked_for() -> None:
    metric = "poisoning.suspicious_pairs.trigger_gain"
    failing = Verdict(
        rule="rule", status=Status.FAIL, because="it is so", metric=metric, limit="at most 0.1",
        severity=Severity.HIGH, gated=True, controls=("MEASURE 2.7",),
    )  # fmt: skip
    judgement = Judgement(policy="p", framework="f", verdicts=(failing,), controls=())
    trial, _ = on(rate=0.0)
    asked = [next(advice.advise(judgement, trial, train=train)) for train in (False, True)]
    unasked, tried = (
        next(item for item in one.tried if _trains(item.remedy)).untried for one in asked
    )
    assert "--retrain" in str(unasked)
    assert "flagged 0" in str(tried)


def _trains(remedy: Remedy) -> bool:
    return remedy.trains
