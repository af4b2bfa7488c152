"""`vlaudit selftest`: holds every installed probe against its planted flaws and innocents."""

from pathlib import Path
from typing import Annotated

import typer


def selftest(
    probe: Annotated[
        list[str] | None, typer.Argument(metavar="[PROBE]...", help="Probe ids. Default: all.")
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Measure error and power over many audits, against the record."
        ),
    ] = False,
    audits: Annotated[
        int, typer.Option("--audits", min=1, help="With --full: audits of each world.")
    ] = 30,
    run: Annotated[
        list[Path] | None,
        typer.Option(
            "--run", help="With --full: also say which probes fire in this run, as of a demo."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="With --full: write the record to this file.")
    ] = None,
) -> None:
    """Run every probe on its own planted flaws and innocents; exit 1 when one is wrong.

    With --full (minutes), probes are tried on worlds of graded harm: how often each fails
    innocents, and the harm that it finds; exit 1 when one falls short of the stored record.
    """
    names = probe or []
    raise typer.Exit(_full(names, audits, run or [], output) if full else _quick(names))


def _quick(probes: list[str]) -> int:
    from vlaudit.cli.console import console
    from vlaudit.selftest import selftest as examine

    screen, wrong = console(), 0
    for probe_id, result in examine(probes):
        mark = "[green]ok[/]" if result.passed else "[red]WRONG[/]"
        if result.left_out is not None:
            mark = "[yellow]left out[/]"
        screen.print(f"{mark} {probe_id}: {result.case}", highlight=False)
        for problem in (*result.problems, *filter(None, [result.left_out])):
            screen.print(f"     {problem}", highlight=False, markup=False)
        wrong += not result.passed
    return 1 if wrong else 0


def _full(probes: list[str], audits: int, runs: list[Path], output: Path | None) -> int:
    from importlib.metadata import version

    from vlaudit.cli.console import console
    from vlaudit.evidence import load_run
    from vlaudit.selftest.crosstalk import cross_talk, fired_in, matrix
    from vlaudit.selftest.record import SelftestRecord, stored_record
    from vlaudit.selftest.strengths import measure
    from vlaudit.selftest.temperaments import tempt

    screen, short = console(), 0
    stored = stored_record()
    before = {record.probe: record for record in stored.probes} if stored else {}
    found = []
    for record in measure(audits, probes=probes):
        found.append(record)
        screen.print(f"{record.probe}: {record.metric}", highlight=False)
        for level in record.levels:
            kind = "innocent" if level.innocent else "harm"
            words = (
                f"  {kind:8} {level.strength:<6g} failed {level.fails:3d}, passed {level.passes:3d}"
            )
            screen.print(f"{words} of {level.audits} {level.name}", highlight=False, markup=False)
        screen.print(f"  {record.sentence}", highlight=False, markup=False)
        old = before.get(record.probe)
        for problem in record.worse_than(old) if old else []:
            screen.print(f"  SHORT OF THE RECORD {problem}", highlight=False, markup=False)
            short += 1
    seen = (cell for run in runs for cell in fired_in(load_run(run)))
    heard = (*cross_talk(min(audits, 3), probes=probes), *tempt(probes=probes), *seen)
    for line in ["Probes that fire on the gravest flaw of another (row):", *matrix(heard)]:
        screen.print(line, highlight=False, markup=False)
    if output is not None:
        whole = SelftestRecord(vlaudit=version("vlaudit"), probes=tuple(found), cross_talk=heard)
        output.write_text(whole.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return 1 if short else 0
