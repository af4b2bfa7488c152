"""The report in a real browser: filters, search, evidence, no error, no request, no barrier."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.report.browser import LAPTOP, PHONE, chromium, opened

AXE = """() => axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
  "best-practice"]}).then((found) => found.violations.map((each) =>
  `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" | ")}`))"""
WIDE = """() => [...document.querySelectorAll("body *")].filter((each) =>
  each.getBoundingClientRect().right > document.documentElement.clientWidth + 1
  && !each.closest("thead, .sprite, .skip, .chart")).slice(0, 3).map((each) =>
  each.outerHTML.slice(0, 80))"""
RULES = "[data-item=rule]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def report(example: Any, rendered: Callable[[Any], dict[str, str]]) -> Path:
    rendered(example)
    return Path(example.evidence.folder) / "report.html"


def titles(page: Any) -> list[str]:
    return [each.inner_text() for each in page.locator(f"{RULES}:visible h4").all()]


def test_filters_narrow_and_reset_restores(browser: Any, report: Path) -> None:
    watched = opened(browser, report)
    page = watched.page
    everything = titles(page)
    assert len(everything) == 7
    page.select_option("select[name=risk]", "bias")
    assert titles(page) == ["Equal accuracy", "Four fifths"]
    page.select_option("select[name=status]", "fail")
    assert titles(page) == ["Equal accuracy"]
    assert page.locator("#shown").inner_text().startswith("Shown: 1 of 7 rules, 1 of 4 probes")
    page.click("button[data-do=reset]")
    assert titles(page) == everything
    page.select_option("select[name=severity]", "critical")
    assert titles(page) == ["No trigger"]
    page.click("button[data-do=reset]")
    page.select_option("select[name=frameworks]", label="MEASURE 2.10")
    assert len(titles(page)) == 2
    assert watched.messages == []
    assert watched.requests == [report.as_uri()]


def test_search_finds_words_in_any_part(browser: Any, report: Path) -> None:
    page = opened(browser, report).page
    page.fill("input[type=search]", "FOUR-fifths adverse")
    assert titles(page) == ["Four fifths"]
    page.fill("input[type=search]", "nothing has this word")
    assert titles(page) == []
    assert page.get_by_text("No rule fits the filters.").is_visible()
    page.fill("input[type=search]", "recurs")
    assert page.locator("#findings [data-item=finding]:visible").count() > 0


def test_evidence_opens_by_keyboard_and_by_link(browser: Any, report: Path) -> None:
    page = opened(browser, report).page
    rule = page.locator(RULES, has_text="Equal accuracy")
    assert not rule.get_by_text("Newcombe").first.is_visible()
    rule.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert rule.get_by_text("Newcombe").first.is_visible()
    assert rule.get_by_text("Groups that nobody annotated").is_visible()
    page.select_option("select[name=risk]", "privacy")
    page.locator("#summary a", has_text="No trigger").click()
    opened_one = page.locator(RULES, has_text="No trigger")
    assert opened_one.get_by_text("A trigger lets its author steer").is_visible()
    assert opened_one.locator("img").count() == 3


def test_numbers_beside_a_chart_are_downloaded(browser: Any, report: Path) -> None:
    page = opened(browser, report).page
    with page.expect_download() as waited:
        page.locator("#measurements .slices a.data").first.click()
    text = Path(waited.value.path()).read_text()
    assert waited.value.suggested_filename == "bias.zero_shot_parity.group_accuracy.csv"
    assert text.splitlines()[1].startswith(
        "bias.zero_shot_parity.group_accuracy,woman,0.969,0.943,"
    )


def test_without_script_everything_is_shown(browser: Any, report: Path) -> None:
    watched = opened(browser, report, java_script_enabled=False)
    assert not watched.page.locator("#filters").is_visible()
    assert len(titles(watched.page)) == 7
    watched.page.locator(f"{RULES} summary").first.click()
    assert watched.page.get_by_text("A trigger lets its author steer").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_axe_finds_no_barrier(
    browser: Any, report: Path, scheme: str, size: tuple[int, int]
) -> None:
    package = pytest.importorskip("axe_playwright_python")
    script = Path(package.__file__).parent / "axe.min.js"
    watched = opened(browser, report, size, color_scheme=scheme, bypass_csp=True)
    page = watched.page
    page.click("button[data-do=open]")
    page.evaluate(
        "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"
    )
    assert page.evaluate(WIDE) == []
    page.evaluate(script.read_text())
    assert page.evaluate(AXE) == []


def test_printing_shows_what_is_closed_or_filtered_away(browser: Any, report: Path) -> None:
    page = opened(browser, report).page
    page.select_option("select[name=risk]", "privacy")
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert len(titles(page)) == 7
    assert page.get_by_text("A trigger lets its author steer").first.is_visible()
    assert not page.locator("#filters").is_visible()
