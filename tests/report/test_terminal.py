"""The table that a terminal shows: verdicts first, then what gave no answer."""

from typing import Any

from rich.console import Console

from vlaudit.report import summary_table


def shown(example: Any, width: int) -> str:
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(summary_table(example.evidence, example.judgement))
    return console.export_text()


def test_verdicts_have_value_interval_limit_and_samples(example: Any) -> None:
    lines = shown(example, 200).splitlines()
    row = next(line for line in lines if "equal_accuracy" in line)
    for expected in ("✗ failed", "28.1% (20.3% to 35.5%)", "at most 10%", "640", "high, must hold"):
        assert expected in row
    assert lines[-1].startswith("2 failed, 1 undecided")


def test_failures_come_first_and_probes_without_an_answer_last(example: Any) -> None:
    text = shown(example, 200)
    order = ["no_trigger", "equal_accuracy", "four_fifths", "words_do_not_decide"]
    places = [text.index(name) for name in [*order, "✗ broken", "○ skipped"]]
    assert places == sorted(places)
    assert "the font has no glyph" in text
    assert "no column names persons" in text


def test_a_narrow_terminal_cuts_nothing_off(example: Any) -> None:
    assert "…" not in shown(example, 60)
