"""What every document holds, whatever its format."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from vlaudit.core.errors import EvidenceError
from vlaudit.core.verdict import Judgement
from vlaudit.report import document, render
from vlaudit.report.documents import DOCUMENTS
from vlaudit.report.page import compose

Rendered = Callable[[Any], dict[str, str]]
REPORTS = ("report.html", "report.md")
CARDS = ("model_card.md", "dataset_card.md")


def plain(text: str) -> str:
    """Return a document without tags, escapes and line ends."""
    from html import unescape

    bare = re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL)
    return " ".join(unescape(bare).replace("\\", "").replace("*", "").split())


def test_every_document_is_written_whole(example: Any, rendered: Rendered) -> None:
    texts = rendered(example)
    assert list(texts) == list(DOCUMENTS)
    left = {path.name for path in example.evidence.folder.iterdir()} - set(texts)
    assert left == {"artifacts"}


def test_the_same_evidence_gives_the_same_bytes(example: Any, rendered: Rendered) -> None:
    assert rendered(example) == rendered(example)


def test_one_document_is_the_same_as_among_all(example: Any, rendered: Rendered) -> None:
    parts = (example.evidence, example.judgement, example.policy, example.framework)
    assert document("model_card.md", *parts) == rendered(example)["model_card.md"]


@pytest.mark.parametrize("name", REPORTS)
def test_a_number_stands_with_interval_samples_and_blind_spot(
    example: Any, rendered: Rendered, name: str
) -> None:
    text = plain(rendered(example)[name])
    text = text[re.search(r"(## )?Measurements (What each|###)", text).start() :]  # type: ignore[union-attr]
    page = compose(example.evidence, example.judgement, example.policy, example.framework)
    assert len(page.probes) == 4
    for probe in page.probes:
        assert f"Blind to: {probe.planned.card.blind_to}" in text
        for reading in probe.overall:
            spot = text.index(reading.means, text.index(probe.planned.card.asks))
            near = text[spot : spot + 300]
            assert reading.value in near
            assert reading.interval in near
            assert reading.sureness in near
            assert reading.samples in near
        for reading in (reading for family in probe.slices for reading in family.readings):
            assert f"{reading.value} {reading.interval}, {reading.short_samples}" in text or (
                f"{reading.value} | {reading.interval}; {reading.sureness} | {reading.samples}"
                in text
            )


@pytest.mark.parametrize("name", REPORTS)
def test_a_verdict_says_why_against_what_and_from_where(
    example: Any, rendered: Rendered, name: str
) -> None:
    text = plain(rendered(example)[name])
    for rule in example.policy.rules:
        assert rule.because in text
        assert rule.origin.text.rstrip(".") in text
    assert "Failed" in text
    assert "at most 10%" in text
    assert "20.3% to 35.5% lies above the limit of 10%." in text


@pytest.mark.parametrize("name", REPORTS)
def test_what_was_not_measured_has_its_section(example: Any, rendered: Rendered, name: str) -> None:
    text = plain(rendered(example)[name])
    section = text[text.index("Not looking is never passing.") :]
    for expected in (
        "the font has no glyph for 'ẞ'",
        "o column names persons",
        "Four fifths",
        "Words do not decide",
        "3 rows could not be read",
        "Everyday changes of the input",
        "Triggers that vary from picture to picture.",
    ):
        assert expected in section


@pytest.mark.parametrize("name", REPORTS)
def test_the_ledger_has_all_controls(example: Any, rendered: Rendered, name: str) -> None:
    text = plain(rendered(example)[name])
    assert len(example.framework.controls) == 72
    assert all(f"{control.id} " in text for control in example.framework.controls)
    assert all(control.title in text for control in example.framework.controls)


def test_a_control_without_a_verdict_is_not_measured(example: Any, rendered: Rendered) -> None:
    bare = replace(
        example, judgement=Judgement(policy="p", framework="f", verdicts=(), controls=())
    )
    text = rendered(bare)["report.md"]
    assert text.count("| Not measured |") == 72
    assert "Nothing is demanded" in text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_promises_more_than_it_knows(
    example: Any, rendered: Rendered, name: str
) -> None:
    text = rendered(example)[name].lower()
    assert not re.search(r"compliant|compliance|certified|certificate|overall score|grade", text)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_unsaid_is_printed(example: Any, rendered: Rendered, name: str) -> None:
    text = plain(rendered(example)[name])
    assert not re.search(r"\bNone\b(?! of|\.)|\bnan\b|Undefined|\{\{|<built-in|object at 0x", text)


@pytest.mark.parametrize("name", REPORTS)
def test_waivers_attestations_and_the_way_to_reproduce(
    example: Any, rendered: Rendered, name: str
) -> None:
    text = plain(rendered(example)[name])
    for expected in (
        "2027-06-30",
        "The pictures are drawn and show nobody.",
        "Legal duties are known and written down.",
        "Counsel",
        example.evidence.audit.stamp.run,
        example.evidence.audit.target.fingerprint,
        example.evidence.audit.dataset.digest,
        "model: reference:flawed",
        "torch 2.15.0",
    ):
        assert expected in text


def test_an_unwritable_folder_is_said(example: Any) -> None:
    blocked = example.evidence.folder / "file"
    blocked.write_text("")
    parts = (example.evidence, example.judgement, example.policy, example.framework)
    with pytest.raises(EvidenceError, match="report"):
        render(*parts, folder=blocked)
