"""A large audit gives a document that a browser opens at once."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.report.examined import SHOWN_FINDINGS


def test_200_verdicts_and_5000_findings(
    example: Any, rendered: Callable[[Any], dict[str, str]]
) -> None:
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
    large = replace(
        example,
        evidence=replace(example.evidence, findings={"poisoning.suspicious_pairs": findings}),
        judgement=example.judgement.model_copy(update={"verdicts": verdicts}),
        policy=example.policy.model_copy(update={"rules": rules}),
    )
    begun = time.process_time()
    texts = rendered(large)
    assert time.process_time() - begun < 10
    assert len(texts["report.html"].encode()) < 10_000_000
    assert texts["report.html"].count('<article class="verdict"') == 200
    assert "5,000 findings" in texts["report.html"]
    assert f"The {SHOWN_FINDINGS} gravest stand here" in texts["report.html"]
