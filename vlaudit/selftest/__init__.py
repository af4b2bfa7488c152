"""Measures the probes: planted flaws and innocents that each must tell apart."""

from collections.abc import Iterator, Sequence

from vlaudit import registry
from vlaudit.core.errors import InputError
from vlaudit.core.probe import Probe
from vlaudit.reading.suggest import did_you_mean
from vlaudit.selftest.cases import Case, read_cases
from vlaudit.selftest.check import CaseResult, check_case

__all__ = ["Case", "CaseResult", "check_case", "selftest"]


def selftest(probes: Sequence[str]) -> Iterator[tuple[str, CaseResult]]:
    """Yield the result of every case of these probes, or of all installed ones.

    Raises:
        InputError: no such probe, or cases that cannot be used.
    """
    installed = registry.installed()
    unknown = [name for name in probes if name not in installed]
    if unknown:
        raise InputError(
            [f"no probe has the id {name!r}{did_you_mean(name, installed)}" for name in unknown]
        )
    for probe_id in probes or installed:
        entry = installed[probe_id]
        probe: Probe = entry.load()
        text, where = entry.cases()
        for case in read_cases(text, where=where):
            yield probe_id, check_case(probe, case)
