"""Consent and licence: what cannot be told is not reported, and nothing raw is."""

from typing import Any

import numpy as np

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes.provenance import build
from vlaudit.selftest.memory import MemoryDataset


def report(data: MemoryDataset, **settings: Any) -> list[Any]:
    probe = registry.load("privacy.consent_and_licence")
    return list(run_in_memory(probe, build(rows=1)[0], data, settings=settings, seed=0))


def test_only_what_columns_and_lists_tell_is_reported() -> None:
    data = MemoryDataset(values={Role.LICENCE: ["MIT", None, "CC BY-NC 4.0", "MIT"]})
    items = report(data, opted_out=["reserved.example"], deletions=["0" * 64])
    rates = {i.metric: i.value for i in items if isinstance(i, Measurement) and not i.slice}
    assert rates == {"unlicensed_rate": 250.0, "restricted_rate": 250.0}


def test_shares_of_families_add_up_to_all_rows() -> None:
    items = report(build(rows=60, restricted=7, unlicensed=5)[1])
    shares = [i.value for i in items if isinstance(i, Measurement) and i.metric == "licence_share"]
    assert np.isclose(sum(shares), 1.0)


def test_findings_come_the_gravest_first_and_quote_neither_source_nor_checksum() -> None:
    data = build(rows=50, restricted=2, opted_out=2, changed=2)[1]
    items = report(data, opted_out=["reserved.example"], deletions=["0" * 64])
    findings = [item for item in items if isinstance(item, Finding)]
    assert [f.severity for f in findings[:2]] == [Severity.CRITICAL, Severity.CRITICAL]
    assert {f.kind for f in findings} == {"undeleted", "opted_out", "changed", "restricted"}
    assert not [part for part in ("reserved.example", "http", "0000") if part in repr(findings)]
