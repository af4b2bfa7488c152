"""Results of other tools become measurements that rules use; what is unknown is refused."""

import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binomtest

from tests.cli.conftest import POLICY, Verb
from vlaudit.core.errors import InputError
from vlaudit.core.measurement import Measurement
from vlaudit.evidence.foreign import FORMATS, cards


def lines(path: Path, entries: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in entries))
    return path


def document(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def garak(folder: Path, *, version: str = "0.14.0", per_prompt: int = 1) -> Path:
    attempts = [
        {"entry_type": "attempt", "status": 2, "probe_classname": "dan.Dan_11_0",
         "detector_results": {"dan.DAN": [float(index < 12)] * per_prompt}}
        for index in range(40)
    ]  # fmt: skip
    hits, total = 12 * per_prompt, 40 * per_prompt
    return lines(
        folder / "x.report.jsonl",
        [{"entry_type": "start_run setup", "plugins.target_name": "m"},
         {"entry_type": "init", "garak_version": version}, *attempts,
         {"entry_type": "attempt", "status": 1, "probe_classname": "dan.Dan_11_0"},
         {"entry_type": "eval", "probe": "dan.Dan_11_0", "detector": "dan.DAN",
          "passed": total - hits, "total_evaluated": total},
         {"entry_type": "eval", "probe": "lmrc.Bully", "detector": "detector.riskywords.Bully",
          "passed": 10, "total": 10},
         {"entry_type": "digest", "meta": {}}],
    )  # fmt: skip


def promptfoo(folder: Path, *, version: int = 3) -> Path:
    rows: list[dict[str, Any]] = [
        {"success": index >= 5, "provider": {"id": "a"}} for index in range(20)
    ]
    rows.append({"success": False, "provider": {"id": "a"}, "failureReason": 2, "error": "timeout"})
    content = {"evalId": "e", "results": {"version": version, "results": rows, "stats": {}}}
    return document(folder / "results.json", content)


def inspect_log(folder: Path, *, version: int = 2, status: str = "success") -> dict[str, Any]:
    samples = [
        {"id": index, "epoch": epoch, "scores": {"match": {"value": "C" if index < 30 else "I"}}}
        for index in range(40)
        for epoch in (1, 2)
    ]
    head = {"version": version, "status": status, "eval": {"task": "arc", "model": "m"}}
    return {**head, "samples": samples}


def inspect(folder: Path, **changed: Any) -> Path:
    return document(folder / "log.json", inspect_log(folder, **changed))


def lmms_eval(folder: Path) -> Path:
    samples = [
        {"doc_id": index, "target": "a", "filtered_resps": ["a"], "doc_hash": "h",
         "exact_match": float(index < 45), "anls": index / 50, "words": {"score": 7}}
        for index in range(50)
    ]  # fmt: skip
    return lines(folder / "20260101_000000_samples_textvqa_val.jsonl", samples)


def modelscan(folder: Path, *, version: str = "0.8.8") -> Path:
    issue = {"description": "", "operator": "system", "module": "os", "source": "a.pkl",
             "scanner": "pickle", "severity": "CRITICAL"}  # fmt: skip
    summary = {"modelscan_version": version, "scanned": {"total_scanned": 4},
               "skipped": {"total_skipped": 2}}  # fmt: skip
    return document(folder / "scan.json", {"summary": summary, "issues": [issue], "errors": []})


def value(items: Sequence[Measurement], metric: str) -> Measurement:
    (found,) = [item for item in items if item.metric == metric and not item.slice]
    return found


@pytest.mark.parametrize(
    ("name", "maker", "metric", "hits", "total"),
    [
        ("garak", garak, "attack_success_dan_dan_11_0_dan_dan", 12, 40),
        ("garak", garak, "attack_success", 12, 50),
        ("promptfoo", promptfoo, "failed_tests_a", 5, 20),
        ("lmms-eval", lmms_eval, "score_textvqa_val_exact_match", 45, 50),
        ("modelscan", modelscan, "unsafe_files", 1, 4),
    ],
)
def test_counts_have_exact_intervals(
    tmp_path: Path, name: str, maker: Any, metric: str, hits: int, total: int
) -> None:
    found = value(FORMATS[name]([maker(tmp_path)]).measurements, metric)
    exact = binomtest(hits, total).proportion_ci(method="exact")
    assert (found.value, found.samples) == (hits / total, total)
    assert (found.interval.low, found.interval.high) == pytest.approx((exact.low, exact.high))


def test_answers_to_one_prompt_are_one_cluster(tmp_path: Path) -> None:
    metric = "attack_success_dan_dan_11_0_dan_dan"
    once = value(FORMATS["garak"]([garak(tmp_path)]).measurements, metric)
    many = value(FORMATS["garak"]([garak(tmp_path, per_prompt=10)]).measurements, metric)
    assert (many.samples, many.clusters) == (400, 40)
    assert many.interval.low == pytest.approx(once.interval.low, abs=0.02)
    assert many.interval.high == pytest.approx(once.interval.high, abs=0.02)


def test_epochs_of_a_sample_are_one_unit(tmp_path: Path) -> None:
    found = value(FORMATS["inspect"]([inspect(tmp_path)]).measurements, "score_arc_match")
    assert (found.value, found.samples, found.clusters) == (0.75, 80, 40)
    packed = tmp_path / "log.eval"
    log = inspect_log(tmp_path)
    with zipfile.ZipFile(packed, "w") as archive:
        for sample in log.pop("samples"):
            name = f"samples/{sample['id']}_epoch_{sample['epoch']}.json"
            archive.writestr(name, json.dumps(sample))
        archive.writestr("header.json", json.dumps(log))
    again = value(FORMATS["inspect"]([packed]).measurements, "score_arc_match")
    assert again == found


def test_scores_between_0_and_1_are_means_and_others_left_out(tmp_path: Path) -> None:
    found = FORMATS["lmms-eval"]([lmms_eval(tmp_path)])
    anls = value(found.measurements, "score_textvqa_val_anls")
    assert anls.value == pytest.approx(0.49)
    assert anls.interval.low < 0.49 < anls.interval.high
    assert any("words is no number between 0 and 1 in 50 samples" in note for note in found.notes)


def test_what_was_not_counted_is_said(tmp_path: Path) -> None:
    (note,) = FORMATS["promptfoo"]([promptfoo(tmp_path)]).notes
    assert note == "1 tests ended with an error and are not counted."
    found = FORMATS["modelscan"]([modelscan(tmp_path)])
    assert found.notes == ("scan.json: 2 files were skipped, 0 gave an error.",)
    assert found.findings[0].summary == "The file calls os.system when it is loaded."


REFUSED: list[tuple[str, Callable[[Path], Path], str]] = [
    ("garak", lambda at: garak(at, version="7.0.1"), "version 7.0, which .* 0.9, 0.10"),
    ("promptfoo", lambda at: promptfoo(at, version=9), "version 9, which .*: 2, 3"),
    ("inspect", lambda at: inspect(at, version=3), "version 3, which .*: 2"),
    ("inspect", lambda at: inspect(at, status="cancelled"), "ended with 'cancelled'"),
    ("modelscan", lambda at: modelscan(at, version="2.0"), "version 2.0, which"),
    ("lmms-eval", lambda at: lines(at / "s.jsonl", [{"id": 1}]), "not a sample of a supported"),
    ("garak", lambda at: lines(at / "e.jsonl", []), "tells no version"),
    ("promptfoo", lambda at: document(at / "n.json", []), "holds no results"),
    ("modelscan", lambda at: at / "absent.json", "is no JSON document"),
    ("inspect", lambda at: document(at / "n.json", {}), "no log of Inspect"),
]


@pytest.mark.parametrize(("name", "file", "said"), REFUSED)
def test_what_cannot_be_used_is_refused(tmp_path: Path, name: str, file: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        FORMATS[name]([file(tmp_path)])


def test_rules_use_what_was_imported(vlaudit: Verb, run: Path, tmp_path: Path) -> None:
    policy = tmp_path / "attacks.yaml"
    text = POLICY.replace("bias.own.gap", "adversarial.garak.attack_success")
    policy.write_text(text.replace("0.1", "0.5"))
    assert vlaudit("check", run, "--policy", policy).exit_code == 3
    report = garak(tmp_path)
    assert vlaudit("import", run, report, "--format", "garak").exit_code == 0
    done = vlaudit("import", run, report, "--format", "garak", "--policy", policy)
    assert done.exit_code == 0, done.output
    assert "adversarial.garak.attack_success = 0.24 [" in done.output
    assert vlaudit("check", run, "--policy", policy).exit_code == 0
    assert vlaudit("check", run).exit_code == 1
    assert "Results of garak" in (run / "report.html").read_text()
    assert vlaudit("verify", run).exit_code == 0
    unknown = vlaudit("import", run, report, "--format", "grak")
    assert unknown.exit_code == 2
    assert "there are garak, promptfoo" in unknown.output


def test_every_tool_has_a_card() -> None:
    assert set(cards()) == {
        "adversarial.garak",
        "poisoning.modelscan",
        "reliability.inspect",
        "reliability.lmms_eval",
        "reliability.promptfoo",
    }
