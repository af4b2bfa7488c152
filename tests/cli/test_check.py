"""`vlaudit check` in CI: annotations, and a baseline that lets only new harm fail."""

import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import RunMaker, Verb
from vlaudit.report.annotations import command


def test_annotations_say_what_failed(vlaudit: Verb, run: Path) -> None:
    done = vlaudit("check", run, "--format", "github")
    assert done.exit_code == 1
    (line,) = done.output.splitlines()
    assert line.startswith(
        "::error title=Failed%3A Equal::30.0%25 (95%25 interval 20.0%25 to 40.0%25"
    )
    assert "Blind to: Groups nobody annotated." in line


def test_words_begin_no_other_command() -> None:
    line = command("error", "a,b:c\n::set-output name=x::y", "100%\r\n::stop-commands::z")
    assert line.count("\n") == line.count("\r") == 0
    assert line.startswith(
        "::error title=a%2Cb%3Ac%0A%3A%3Aset-output name=x%3A%3Ay::100%25%0D%0A::"
    )


def test_a_baseline_lets_old_harm_pass_and_new_harm_fail(
    vlaudit: Verb, make_run: RunMaker, tmp_path: Path
) -> None:
    baseline = tmp_path / "baseline.zip"
    assert vlaudit("check", make_run(), "--write-baseline", baseline).exit_code == 1
    same = vlaudit("check", make_run(0.31, 0.21, 0.41), "--baseline", baseline)
    assert same.exit_code == 0, same.output
    worse = vlaudit(
        "check", make_run(0.7, 0.65, 0.75), "--baseline", baseline, "--format", "github"
    )
    assert worse.exit_code == 1
    assert "::error title=Worse%3A bias.own.gap::0.3 before, 0.7 now" in worse.output


def test_a_baseline_is_the_same_each_time_and_tells_no_place(
    vlaudit: Verb, run: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "one.zip", tmp_path / "two.zip"
    for path in (first, second):
        vlaudit("check", run, "--write-baseline", path)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert str(tmp_path).encode() not in archive.read("run.json")


@pytest.mark.parametrize("name", ["../evil", "artifacts/../../x/a.rows.parquet", "journal.jsonl"])
def test_a_baseline_with_anything_else_is_refused(
    vlaudit: Verb, run: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "x")
    done = vlaudit("check", run, "--baseline", path)
    assert done.exit_code == 2
    assert "is no baseline" in done.output
    assert not (tmp_path.parent / "evil").exists()
