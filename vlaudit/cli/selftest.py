"""`vlaudit selftest`: holds every installed probe against its planted flaws and innocents."""

from typing import Annotated

import typer


def selftest(
    probe: Annotated[
        list[str] | None, typer.Argument(metavar="[PROBE]...", help="Probe ids. Default: all.")
    ] = None,
) -> None:
    """Run every probe on its own planted flaws and innocents; exit 1 when one is wrong."""
    from vlaudit.cli.console import console
    from vlaudit.selftest import selftest as examine

    screen, wrong = console(), 0
    for probe_id, result in examine(probe or []):
        mark = "[green]ok[/]" if result.passed else "[red]WRONG[/]"
        if result.left_out is not None:
            mark = "[yellow]left out[/]"
        screen.print(f"{mark} {probe_id}: {result.case}", highlight=False)
        for problem in (*result.problems, *filter(None, [result.left_out])):
            screen.print(f"     {problem}", highlight=False, markup=False)
        wrong += not result.passed
    raise typer.Exit(1 if wrong else 0)
