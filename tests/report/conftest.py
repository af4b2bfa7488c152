"""The example that all documents are printed from, and what prints them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from tests.report.audited import MEASUREMENTS, audit, findings
from tests.report.rules import RULES, controls, judgement
from vlaudit.core.audit import Evidence
from vlaudit.core.policy import Attestation, Framework, Policy, Reaction, Waiver
from vlaudit.core.verdict import Judgement, Status, Verdict
from vlaudit.report.exchange import JudgedRun


@dataclass(frozen=True)
class Example:
    """What `render` is given."""

    evidence: Evidence
    judgement: Judgement
    policy: Policy
    framework: Framework


@pytest.fixture
def example(tmp_path: Path) -> Example:
    folder = tmp_path / "run"
    folder.mkdir()
    return Example(
        evidence=Evidence(folder, audit(), MEASUREMENTS, findings(folder)),
        judgement=judgement(),
        policy=Policy(
            id="release",
            title="Release",
            framework="nist_ai_rmf_1_0",
            rules=RULES,
            waivers=(
                Waiver(
                    rule="no_identity_inference",
                    owner="Safety board",
                    reason="The pictures are drawn and show nobody.",
                    expires=date(2027, 6, 30),
                ),
            ),
            attestations=(
                Attestation(
                    control="GOVERN 1.1",
                    statement="Legal duties are known and written down.",
                    owner="Counsel",
                    evidence="LEGAL-7",
                    expires=date(2027, 6, 30),
                ),
            ),
        ),
        framework=Framework(
            id="nist_ai_rmf_1_0",
            title="NIST AI Risk Management Framework",
            version="1.0",
            source="NIST AI 100-1, doi:10.6028/NIST.AI.100-1",
            controls=controls(),
        ),
    )


EFFECTS: dict[Status, Reaction] = {
    Status.FAIL: "fail",
    Status.INCONCLUSIVE: "hold",
    Status.NOT_MEASURED: "hold",
}


def judged_by(example: Example, **statuses: Status) -> JudgedRun:
    """Return the example as exports take it, some rules with another status."""
    verdicts: list[Verdict] = []
    for verdict in example.judgement.verdicts:
        status = statuses.get(verdict.rule, verdict.status)
        effect = EFFECTS.get(status, "ignore") if verdict.gated else "ignore"
        verdicts.append(verdict.model_copy(update={"status": status, "effect": effect}))
    judgement = example.judgement.model_copy(update={"verdicts": tuple(verdicts)})
    return JudgedRun(example.evidence, judgement, example.policy, example.framework)


@pytest.fixture
def judged_run(example: Example) -> Callable[..., JudgedRun]:
    """Return a function that returns the example, judged: keywords give rules their status."""
    return partial(judged_by, example)


Rendered = Callable[[Example], dict[str, str]]


@pytest.fixture
def rendered() -> Rendered:
    """Return a function that renders all documents and returns their text by name."""
    from vlaudit.report import render

    def documents(example: Example) -> dict[str, str]:
        paths = render(
            example.evidence,
            example.judgement,
            example.policy,
            example.framework,
            folder=example.evidence.folder,
        )
        return {path.name: path.read_text(encoding="utf-8") for path in paths}

    return documents
