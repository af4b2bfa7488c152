"""Every format is rendered from what was written down, and comes out the same each time."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from vlaudit.core.errors import InputError
from vlaudit.report.exchange import JudgedRun, moment
from vlaudit.report.exports import BUNDLED, exporter

Judge = Callable[..., JudgedRun]


@pytest.mark.parametrize("name", BUNDLED)
def test_the_same_run_gives_the_same_bytes(judged_run: Judge, name: str) -> None:
    assert BUNDLED[name].export(judged_run()) == BUNDLED[name].export(judged_run())


@pytest.mark.parametrize("name", BUNDLED)
def test_an_interrupted_run_can_be_exported(judged_run: Judge, name: str) -> None:
    run = judged_run()
    stamp = run.audit.stamp.model_copy(update={"finished": None})
    audit = run.audit.model_copy(update={"stamp": stamp, "outcomes": {}})
    evidence = replace(run.evidence, audit=audit, measurements={}, findings={})
    bare = tuple(v.model_copy(update={"measurement": None}) for v in run.judgement.verdicts)
    judgement = run.judgement.model_copy(update={"verdicts": bare})
    assert BUNDLED[name].export(replace(run, evidence=evidence, judgement=judgement))


@pytest.mark.parametrize("name", BUNDLED)
def test_no_place_on_the_auditors_disk_is_told(judged_run: Judge, name: str) -> None:
    run = judged_run()
    audit = run.audit.model_copy(update={"base": "/home/somebody/secret-project"})
    text = BUNDLED[name].export(replace(run, evidence=replace(run.evidence, audit=audit)))
    assert "somebody" not in text
    assert str(run.evidence.folder) not in text


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="no format is called 'sarrif'; did you mean 'sarif'"):
        exporter("sarrif")


def test_a_plugin_adds_a_format(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, judged_run: Judge
) -> None:
    module = "from vlaudit.report.exports import Exporter\n"
    module += "NAMES = Exporter('names.txt', lambda run: run.audit.target.name)\n"
    (tmp_path / "vlaudit_names.py").write_text(module)
    listed = tmp_path / "vlaudit_names-1.dist-info"
    listed.mkdir()
    (listed / "METADATA").write_text("Metadata-Version: 2.1\nName: vlaudit-names\nVersion: 1\n")
    (listed / "entry_points.txt").write_text(
        "[vlaudit.exporters]\nnames = vlaudit_names:NAMES\nwrong = json:dumps\ngone = gone:X\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert exporter("names").export(judged_run()) == "reference:flawed"
    with pytest.raises(InputError, match="is no Exporter"):
        exporter("wrong")
    with pytest.raises(InputError, match="cannot be loaded"):
        exporter("gone")


def test_times_are_in_utc() -> None:
    assert moment("2026-11-21T12:15:00+02:00") == "2026-11-21T10:15:00Z"
