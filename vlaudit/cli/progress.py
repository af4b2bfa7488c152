"""Shows how far an audit has come: a bar a probe on a terminal, a line a probe elsewhere."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

MARKS = {"measured": "[green]measured[/]", "skipped": "[dim]skipped[/]", "broken": "[red]broken[/]"}


class Bars:
    """An observer that draws."""

    def __init__(self, console: Console, *, debug: bool = False) -> None:
        """Draw on `console`; with `debug`, print the traceback of a probe that breaks."""
        self._console = console
        self._debug = debug
        self._progress = Progress(
            TextColumn("{task.description}", justify="left"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[state]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None
        self._title = ""

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the bars as they are."""
        self._progress.stop()

    def begin(self, step: str, title: str) -> None:
        """Add a bar."""
        self._title = title
        self._task = self._progress.add_task(f"{title[:58]:<58}", total=1.0, state="")

    def advance(self, fraction: float) -> None:
        """Move the bar."""
        if self._task is not None:
            self._progress.update(self._task, completed=min(max(fraction, 0.0), 1.0))

    def end(self, outcome: str, *, error: BaseException | None = None) -> None:
        """Fill the bar and say how the step ended."""
        state = MARKS.get(outcome, outcome)
        if self._task is not None:
            self._progress.update(self._task, completed=1.0, state=state)
            self._progress.stop_task(self._task)
        if not self._console.is_terminal:
            self._console.print(f"{self._title}: {state}", highlight=False)
        if error is not None and self._debug:
            from rich.traceback import Traceback

            trace = Traceback.from_exception(type(error), error, error.__traceback__)
            self._console.print(trace)
