"""An endpoint is audited through a real socket, whatever the server does."""

import json
import math
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from tests.targets.fault_server import KEY, NARROW
from vlaudit import targets
from vlaudit.core.config import EndpointConfig, GenerationConfig, TargetConfig
from vlaudit.core.errors import InputError, MissingExtraError, TargetError
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Ability, RanksAnswers, ScoresPairs
from vlaudit.targets.http.target import ChatEndpoint

QUICK: dict[str, Any] = {"max_wait": 0.05, "timeout": 5.0}
PICTURES = [Image.new("RGB", (8 + level, 8), (level, level, level)) for level in range(40)]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Start the fault server and return its address."""
    script = Path(__file__).with_name("fault_server.py")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


def endpoint(
    server: str, scenario: str, *, cache: Path | None = None, model: str = "tiny-vlm",
    generation: GenerationConfig | None = None, **settings: Any,
) -> ChatEndpoint:  # fmt: skip
    config = TargetConfig(
        model=f"endpoint:{model}",
        endpoint=EndpointConfig(url=f"{server}/{scenario}/v1", **{**QUICK, **settings}),
        generation=generation or GenerationConfig(),
    )
    target = targets.load(config, base=Path(), cache=cache).target
    assert isinstance(target, ChatEndpoint)
    return target


def stats(server: str, scenario: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{server}/{scenario}/stats") as got:
        found: dict[str, Any] = json.load(got)
        return found


def ask(target: ChatEndpoint, count: int) -> list[str]:
    return target.write_text(PICTURES[:count], [f"what is {at}?" for at in range(count)])


def expected(count: int, seed: int = 0) -> list[str]:
    return [f"{8 + at}x8 {at} {seed} what is {at}?" for at in range(count)]


def test_each_answer_belongs_to_its_picture(server: str) -> None:
    assert ask(endpoint(server, "ok"), 40) == expected(40)


def test_a_server_that_fails_in_every_way_is_asked_again(server: str) -> None:
    assert ask(endpoint(server, "flaky"), 6) == expected(6)
    assert stats(server, "flaky")["calls"] == 6 * 5


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        ("down", "gave up after 3 attempts; the last: HTTP 500"),
        ("page", "no chat completion: '<html>sorry"),
        ("parts", "content of the answer is no text"),
        ("bad", "the server refuses: HTTP 400"),
        ("later", "asks to wait 9999 s, longer than"),
    ],
)
def test_a_server_that_stays_down_is_given_up(server: str, scenario: str, said: str) -> None:
    with pytest.raises(TargetError, match=said):
        ask(endpoint(server, scenario, retries=2), 1)
    tried = 3 if scenario in ("down", "page", "parts") else 1
    assert stats(server, scenario)["calls"] == tried


def test_a_server_that_is_too_slow_is_given_up(server: str) -> None:
    with pytest.raises(TargetError, match="ReadTimeout"):
        ask(endpoint(server, "slow", timeout=0.1, retries=1), 1)


def test_retry_after_is_kept(server: str) -> None:
    assert ask(endpoint(server, "patient", max_wait=5), 1) == expected(1)
    first, second = stats(server, "patient")["moments"]
    assert second - first >= 0.4


def test_the_pace_follows_what_the_server_bears(server: str) -> None:
    narrow = endpoint(server, "narrow", retries=50)
    assert ask(narrow, 40) == expected(40)
    assert narrow.window <= 2 * NARROW
    wide = endpoint(server, "wide")
    ask(wide, 40)
    assert stats(server, "wide")["widest"] > NARROW


@pytest.mark.parametrize(
    ("limit", "fewest", "most"),
    [
        ({"max_calls": 5}, 5, 5),
        ({"max_tokens": 12_000}, 75, 109),
        ({"max_cost": 0.01, "price_read": 2.0, "price_written": 10.0}, 11, 33),
    ],
)
def test_the_budget_is_never_exceeded(
    server: str, limit: dict[str, Any], fewest: int, most: int
) -> None:
    """A call costs 100 tokens read and 10 written, but is held to be able to cost 3,000."""
    scenario = f"paid{next(iter(limit))}"
    target = endpoint(server, scenario, generation=GenerationConfig(max_tokens=16), **limit)
    with pytest.raises(Inapplicable, match=rf"target\.endpoint\.{next(iter(limit))}"):
        target.write_text(PICTURES[:1] * 300, [f"what is {at}?" for at in range(300)])
    assert fewest <= stats(server, scenario)["calls"] <= most


def test_a_server_that_does_not_count_is_charged_the_most(server: str) -> None:
    target = endpoint(server, "uncounted", max_tokens=10_000)
    with pytest.raises(Inapplicable, match="max_tokens"):
        ask(target, 10)
    assert stats(server, "uncounted")["calls"] <= 3


def test_answers_are_kept_on_disk_and_not_asked_for_again(server: str, tmp_path: Path) -> None:
    with pytest.raises(Inapplicable, match="max_calls"):
        ask(endpoint(server, "kept", cache=tmp_path, max_calls=7), 20)
    assert stats(server, "kept")["calls"] == 7
    assert ask(endpoint(server, "kept", cache=tmp_path), 20) == expected(20)
    assert stats(server, "kept")["calls"] == 20
    assert ask(endpoint(server, "kept", cache=tmp_path), 20) == expected(20)
    assert stats(server, "kept")["calls"] == 20
    other = GenerationConfig(seed=3)
    assert ask(endpoint(server, "kept", cache=tmp_path, generation=other), 1) == expected(1, 3)
    assert stats(server, "kept")["calls"] == 21


def test_a_cache_that_cannot_be_written_is_done_without(server: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert ask(endpoint(server, "uncached", cache=tmp_path / "file"), 2) == expected(2)


def test_draws_of_one_question_differ_by_their_seed(server: str) -> None:
    target = endpoint(server, "ok", generation=GenerationConfig(temperature=1.0, seed=5))
    said = target.write_text(PICTURES[:1] * 3, ["who?"] * 3)
    assert [text.split()[2] for text in said] == ["5", "6", "7"]


def test_the_key_is_sent_and_stands_nowhere(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TargetError, match="environment variable MY_KEY is not set"):
        endpoint(server, "locked", key_variable="MY_KEY")
    monkeypatch.setenv("MY_KEY", KEY + "x")
    with pytest.raises(TargetError, match="environment variable MY_KEY is refused") as caught:
        endpoint(server, "locked", key_variable="MY_KEY")
    assert KEY not in str(caught.value)
    monkeypatch.setenv("MY_KEY", KEY)
    target = endpoint(server, "locked", key_variable="MY_KEY", cache=tmp_path)
    assert ask(target, 2) == expected(2)
    with pytest.raises(TargetError, match=r"no: Bearer \*\*\*") as caught:
        ask(endpoint(server, "bad", key_variable="MY_KEY"), 1)
    assert KEY not in str(caught.value)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert not any(KEY.encode() in file.read_bytes() for file in files)


def test_answers_in_multiple_choice_are_read_strictly(server: str) -> None:
    chosen = endpoint(server, "choice").choose_answers(
        PICTURES[:5], ["who?"] * 5, ["a doctor", "a nurse"]
    )
    assert [one.option for one in chosen] == [1, 0, 1, None, None]
    assert chosen[3].said == "A or B"


def test_likelihoods_make_scores_and_ranks(server: str) -> None:
    target = endpoint(server, "likely", logprobs=True)
    assert isinstance(target, ScoresPairs)
    scores = target.score_pairs([PICTURES[10], PICTURES[30]], ["a cat", "a dog"])
    wanted = [math.log(level / (256 - level)) for level in (10, 30)]
    np.testing.assert_allclose(scores, [[odds, odds] for odds in wanted], atol=1e-4)
    assert isinstance(target, RanksAnswers)
    np.testing.assert_allclose(
        target.rank_answers(PICTURES[:1], ["who?"], ["x", "y"]), math.log(1e-6), atol=1e-3
    )
    plain = endpoint(server, "ok")
    assert not isinstance(plain, ScoresPairs)


def test_large_pictures_are_reduced(server: str) -> None:
    large = [Image.new("RGB", (400, 100))]
    assert endpoint(server, "ok", longest_side=64).write_text(large, ["?"]) == ["64x16 0 0 ?"]
    assert endpoint(server, "ok", longest_side=None).write_text(large, ["?"]) == ["400x100 0 0 ?"]


def test_what_is_said_of_it(server: str) -> None:
    config = TargetConfig(
        model="endpoint:tiny-vlm",
        endpoint=EndpointConfig(url=f"{server}/ok/v1", parameters={"k": 1}),
    )
    facts = targets.load(config, base=Path()).facts
    assert facts.kind == "chat endpoint"
    assert set(facts.abilities) == {Ability.WRITES_TEXT, Ability.CHOOSES_ANSWERS}
    assert "logprobs: true" in facts.lacks[Ability.SCORES_PAIRS]
    assert facts.details["server"].startswith("faults")  # type: ignore[union-attr]
    assert facts.details["k"] == "1"
    again = targets.load(config, base=Path()).facts
    assert again.fingerprint == facts.fingerprint
    warm = config.model_copy(update={"generation": GenerationConfig(temperature=1)})
    assert targets.load(warm, base=Path()).facts.fingerprint != facts.fingerprint


def test_what_cannot_be_reached_says_why(server: str) -> None:
    with pytest.raises(InputError, match="has no model 'tiny-vml'; it has tiny-vlm"):
        endpoint(server, "ok", model="tiny-vml")
    assert ask(endpoint(server, "unlisted", model="any"), 1) == expected(1)
    with pytest.raises(TargetError, match="cannot be reached"):
        endpoint("http://127.0.0.1:9", "ok")
    with pytest.raises(InputError, match=r"target\.endpoint is missing"):
        targets.load(TargetConfig(model="endpoint:x"), base=Path())
    for url in ("http://me:secret@host/v1", "ftp://host", "http://host/v1?key=secret"):
        with pytest.raises(ValidationError, match="url"):
            EndpointConfig(url=url)
    with pytest.raises(ValidationError, match="max_cost needs price"):
        EndpointConfig(url="http://host/v1", max_cost=1)


def test_a_missing_library_names_the_extra(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'vlaudit\[http\]'"):
        endpoint(server, "ok")


def test_a_whole_audit_resumes_and_the_key_is_in_no_file(server: str, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    lines = ["file_name,label,gender,caption"]
    for row in range(24):
        Image.new("RGB", (16, 16), (row * 10,) * 3).save(pictures / f"{row}.png")
        label, gender = ("doctor", "nurse")[row % 2], ("woman", "man")[row // 2 % 2]
        lines.append(f"{row}.png,{label},{gender},a {label}")
    (pictures / "metadata.csv").write_text("\n".join(lines))
    (tmp_path / "vlaudit.yaml").write_text(
        "target:\n  model: endpoint:tiny-vlm\n"
        f"  endpoint: {{url: '{server}/locked/v1', key_variable: MY_KEY, logprobs: true}}\n"
        "data: {source: pictures, columns: {groups: [gender]}}\ncache: cache\n"
        "probes: {select: [bias.zero_shot_parity, adversarial.gradient_attack]}\n"
    )
    environment = {**os.environ, "MY_KEY": KEY, "OMP_NUM_THREADS": "1"}

    def run() -> dict[str, Any]:
        command = [sys.executable, "-m", "vlaudit", "run"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode in (1, 3), done.stderr
        newest = max((tmp_path / "runs").iterdir(), key=lambda path: path.stat().st_mtime)
        outcomes: dict[str, Any] = json.loads((newest / "run.json").read_text())["outcomes"]
        return outcomes

    before = stats(server, "locked")["calls"]
    outcomes = run()
    assert outcomes["bias.zero_shot_parity"]["state"] == "measured"
    assert "neither embeddings nor gradients" in outcomes["adversarial.gradient_attack"]["reason"]
    asked = stats(server, "locked")["calls"] - before
    assert asked > 0
    run()
    assert stats(server, "locked")["calls"] == before + asked
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes(), file


def test_an_error_does_not_wait_for_the_other_questions(server: str) -> None:
    """One question is refused for good while others wait a minute to be asked again."""
    target = endpoint(server, "mixed", retries=6, max_wait=60, concurrency=8)
    began = time.monotonic()
    with pytest.raises(TargetError, match="HTTP 400"):
        target.write_text(PICTURES[:8], ["wait"] * 7 + ["refuse"])
    assert time.monotonic() - began < 10
    assert target.write_text(PICTURES[:1], ["go on"]) == ["8x8 0 0 go on"]
