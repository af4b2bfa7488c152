"""What the tools themselves wrote, cut down to facts, is read as they counted it.

The files were written by garak 0.17.1 (test.Repeat), promptfoo 0.121.20 (echo), inspect_ai 0.3.285
(mockllm; also as it packs logs by default), lmms-eval 0.7.3 (dummy) and modelscan 0.8.8.
"""

import json
import zipfile
from pathlib import Path

import pytest

from vlaudit.core.errors import InputError
from vlaudit.core.measurement import Measurement
from vlaudit.evidence.foreign import FORMATS

REAL = Path(__file__).parent / "outputs"


def read(name: str, file: str) -> dict[str, Measurement]:
    found = FORMATS[name]([REAL / file]).measurements
    return {item.metric: item for item in found if not item.slice}


def test_garak_counts_as_it_says_and_the_whole_by_prompt() -> None:
    found = read("garak", "garak_0_17.report.jsonl")
    lines = (REAL / "garak_0_17.report.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    said = [entry for entry in entries if entry["entry_type"] == "eval"]
    assert len(said) == 4
    for entry in said:
        name = f"{entry['probe']} {entry['detector']}".lower().replace(".", "_").replace(" ", "_")
        item = found[f"attack_success_{name}"]
        assert (item.value, item.samples) == (
            entry["fails"] / entry["total_evaluated"],
            entry["total_evaluated"],
        )
    whole = found["attack_success"]
    assert (whole.samples, whole.clusters) == (80, 10)
    assert whole.value == sum(entry["fails"] for entry in said) / 80


def test_promptfoo_counts_as_it_says_and_prompts_of_one_test_together() -> None:
    stats = json.loads((REAL / "promptfoo_0_121.json").read_text())["results"]["stats"]
    item = read("promptfoo", "promptfoo_0_121.json")["failed_tests"]
    assert (round(item.value * item.samples), item.samples) == (
        stats["failures"],
        stats["failures"] + stats["successes"],
    )
    assert item.clusters == 3
    (note,) = FORMATS["promptfoo"]([REAL / "promptfoo_0_121.json"]).notes
    assert note.startswith(f"{stats['errors']} tests ended with an error")


def test_inspect_scores_each_sample_once_however_many_score_it() -> None:
    found = read("inspect", "inspect_0_3.json")
    assert set(found) == {
        "score", "score_colours_includes", "score_colours_match", "score_colours_parts_named",
        "score_colours_parts_short",
    }  # fmt: skip
    assert found["score"].clusters == 9


def test_inspect_packs_its_logs_with_zstandard() -> None:
    place = REAL / "inspect_0_3.eval"
    with zipfile.ZipFile(place) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {93}
    found = read("inspect", "inspect_0_3.eval")
    assert (found["score_colours_match"].samples, found["score_colours_match"].clusters) == (6, 3)


def test_a_damaged_or_unfinished_log_is_refused(tmp_path: Path) -> None:
    whole = bytearray((REAL / "inspect_0_3.eval").read_bytes())
    whole[80] ^= 1
    broken = tmp_path / "broken.eval"
    broken.write_bytes(whole)
    with pytest.raises(InputError, match="cannot be unpacked"):
        FORMATS["inspect"]([broken])
    begun = tmp_path / "begun.eval"
    with zipfile.ZipFile(begun, "w") as archive:
        archive.writestr("_journal/start.json", json.dumps({"version": 2}))
    with pytest.raises(InputError, match="did not end"):
        FORMATS["inspect"]([begun])


def test_lmms_eval_agrees_with_its_own_mean() -> None:
    found = read("lmms-eval", "20261121_000000_samples_colours.jsonl")
    assert found["score_colours_exact"].value == pytest.approx(1 / 3)
    assert found["score_colours_closeness"].value == pytest.approx(0.4583, abs=1e-4)


def test_modelscan_counts_files_and_keeps_each_issue() -> None:
    read_ = FORMATS["modelscan"]([REAL / "modelscan_0_8.json"])
    item = next(item for item in read_.measurements if item.metric == "unsafe_files")
    assert (item.value, item.samples) == (2 / 3, 3)
    assert [one.where for one in read_.findings] == ["two.pkl", "two.pkl", "evil.pkl"]
    assert read_.notes == ("modelscan_0_8.json: 0 files were skipped, 1 gave an error.",)
