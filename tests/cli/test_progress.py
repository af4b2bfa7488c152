"""Progress is drawn on a terminal and told in lines elsewhere."""

import io

from rich.console import Console

from vlaudit.cli.progress import Bars


def watch(*, terminal: bool, debug: bool = False) -> str:
    text = io.StringIO()
    with Bars(Console(file=text, force_terminal=terminal, width=140), debug=debug) as bars:
        bars.begin("bias.gap", "Groups are equal")
        bars.advance(0.5)
        bars.end("measured")
        bars.begin("privacy.names", "Names are absent")
        try:
            raise ValueError("a bug")
        except ValueError as error:
            bars.end("broken", error=error)
    return text.getvalue()


def test_a_line_a_step_where_there_is_no_terminal() -> None:
    assert watch(terminal=False) == "Groups are equal: measured\nNames are absent: broken\n"


def test_a_bar_a_step_on_a_terminal() -> None:
    drawn = watch(terminal=True)
    assert "Groups are equal" in drawn
    assert "100 %" in drawn


def test_the_traceback_is_shown_only_when_asked_for() -> None:
    assert "a bug" not in watch(terminal=False)
    assert "ValueError" in watch(terminal=False, debug=True)
