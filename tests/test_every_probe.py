"""Every installed probe keeps the contract between probes and the engine."""

from collections.abc import Iterator
from importlib.resources import files

import pytest

from vlaudit import registry
from vlaudit.selftest import check_case
from vlaudit.selftest.cases import Case, read_cases

PROBES = registry.installed()


def all_cases() -> Iterator[tuple[str, Case]]:
    for probe_id, entry in PROBES.items():
        text, where = entry.cases()
        for case in read_cases(text, where=where):
            yield probe_id, case


@pytest.mark.parametrize("probe_id", PROBES)
def test_a_probe_is_four_files_filed_under_its_id(probe_id: str) -> None:
    risk, name = probe_id.split(".")
    assert PROBES[probe_id].package == f"vlaudit.probes.{risk}.{name}"
    held = {item.name for item in files(PROBES[probe_id].package).iterdir()} - {"__pycache__"}
    assert held == {"__init__.py", "probe.yaml", "probe.py", "cases.yaml"}


@pytest.mark.parametrize("probe_id", PROBES)
def test_a_probe_has_planted_flaws_and_innocents(probe_id: str) -> None:
    cases = [case for owner, case in all_cases() if owner == probe_id]
    assert len(cases) >= 3
    assert len({case.name for case in cases}) == len(cases)


@pytest.mark.parametrize(
    ("probe_id", "case"), list(all_cases()), ids=lambda item: getattr(item, "name", item)
)
def test_a_probe_tells_planted_flaws_from_innocents(probe_id: str, case: Case) -> None:
    result = check_case(PROBES[probe_id].load(), case)
    assert result.problems == ()
    for item in result.measurements:
        assert item.interval.low <= item.value <= item.interval.high
        assert item.interval.low < item.interval.high, f"{item.metric} has no width"


@pytest.mark.parametrize("probe_id", PROBES)
def test_a_probe_gives_the_same_numbers_for_the_same_seed(probe_id: str) -> None:
    probe = PROBES[probe_id].load()
    case = next(case for owner, case in all_cases() if owner == probe_id and not case.skipped)
    first, second = (check_case(probe, case) for _ in range(2))
    assert first.measurements == second.measurements
    assert first.findings == second.findings
