"""What calls amount to as requests is what an endpoint then receives."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.targets import test_http
from tests.targets.test_http import endpoint, stats
from vlaudit.core.config import EndpointConfig, GenerationConfig, TargetConfig
from vlaudit.core.questions import FITS
from vlaudit.core.target import RanksAnswers, ScoresPairs
from vlaudit.rehearsal.requests import Toll, limits, requests, toll

server = test_http.server

PICTURES = [Image.new("RGB", size) for size in ((100, 50), (10, 20), (30, 30))]
TEXTS = ["a cat", "a dog"]


def target(**settings: object) -> TargetConfig:
    asked = EndpointConfig.model_validate({"url": "http://localhost/v1", **settings})
    return TargetConfig(
        model="endpoint:x", endpoint=asked, generation=GenerationConfig(max_tokens=10)
    )


def test_every_call_is_as_many_requests_as_the_server_receives(
    server: str,
    tmp_path: Path,
) -> None:
    asked = endpoint(server, "tolls", logprobs=True)
    assert isinstance(asked, ScoresPairs)
    assert isinstance(asked, RanksAnswers)
    questions = ["who?"] * 3
    calls: dict[str, Callable[[], object]] = {
        "score_pairs": lambda: asked.score_pairs(PICTURES, TEXTS),
        "rank_answers": lambda: asked.rank_answers(PICTURES, questions, TEXTS),
        "choose_answers": lambda: asked.choose_answers(PICTURES, questions, TEXTS),
        "write_text": lambda: asked.write_text(PICTURES, questions),
    }
    received = 0
    for name, call in calls.items():
        call()
        now = stats(server, "tolls")["calls"]
        given = (PICTURES, TEXTS) if name == "score_pairs" else (PICTURES, questions, TEXTS)
        assert requests(name, given, side=1024)["requests"] == now - received, name
        received = now


def test_letters_and_pixels_are_those_that_are_sent() -> None:
    found = requests("score_pairs", (PICTURES, TEXTS), side=50)
    assert found["pixels"] == 2 * (50 * 25 + 10 * 20 + 30 * 30)
    assert found["letters"] == 3 * 2 * (len(FITS.format("")) + 5)
    assert requests("write_text", (PICTURES, ["?"] * 3), side=None)["pixels"] == 5000 + 200 + 900


def test_tokens_and_money_follow() -> None:
    paid = target(price_read=2.0, price_written=8.0)
    counts = Counter(requests=5, writing=3, letters=400, pixels=7500)
    found = toll(counts, paid)
    assert (found.calls, found.read, found.written) == (5, 110, 32)
    assert found.money == pytest.approx(476e-6)
    assert toll(counts, TargetConfig(model="x")) == Toll()
    assert (found + found).calls == 10
    assert found.times(0.5).read == 55


def test_each_limit_is_compared() -> None:
    paid = target(max_calls=10, max_cost=1.0, price_read=1.0)
    assert paid.endpoint is not None
    found = {name: cost <= limit for name, cost, limit in limits(Toll(calls=11), paid.endpoint)}
    assert found == {"max_calls": False, "max_cost": True}
