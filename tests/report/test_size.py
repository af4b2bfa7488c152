"""A large audit gives a document that a browser opens at once."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.report.browser import chromium, opened
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.report.examined import SHOWN_FINDINGS

LOADED = "() => performance.getEntriesByType('navigation')[0].loadEventEnd"


@pytest.fixture
def large(example: Any) -> Any:
    """Return an audit of 200 verdicts and 5,000 findings, all with a picture."""
    verdicts = tuple(
        verdict.model_copy(update={"rule": f"rule_{index}"})
        for index in range(200)
        for verdict in example.judgement.verdicts[index % 7 : index % 7 + 1]
    )
    rules = tuple(
        rule.model_copy(update={"id": f"rule_{index}"})
        for index in range(200)
        for rule in example.policy.rules[index % 7 : index % 7 + 1]
    )
    picture = example.evidence.findings["poisoning.suspicious_pairs"][0].evidence
    findings = tuple(
        Finding(
            kind="trigger",
            summary="A mark recurs in pairs that share one caption. " * 4,
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            row=str(index),
            evidence=picture,
        )
        for index in range(5000)
    )
    return replace(
        example,
        evidence=replace(example.evidence, findings={"poisoning.suspicious_pairs": findings}),
        judgement=example.judgement.model_copy(update={"verdicts": verdicts}),
        policy=example.policy.model_copy(update={"rules": rules}),
    )


def test_200_verdicts_and_5000_findings(
    large: Any, rendered: Callable[[Any], dict[str, str]]
) -> None:
    begun = time.process_time()
    texts = rendered(large)
    assert time.process_time() - begun < 10
    assert len(texts["report.html"].encode()) < 10_000_000
    assert texts["report.html"].count('<article class="verdict ') == 200
    assert texts["report.html"].count('data-item="finding"') == 5000
    assert "5,000 findings" in texts["report.html"]
    assert f"The {SHOWN_FINDINGS} gravest stand here" in texts["report.md"]


def test_a_browser_opens_it_in_two_seconds(
    large: Any, rendered: Callable[[Any], dict[str, str]]
) -> None:
    rendered(large)
    report = Path(large.evidence.folder) / "report.html"
    with chromium() as browser:
        loads = [opened(browser, report).page.evaluate(LOADED) for _ in range(3)]
    assert min(loads) < 2000
