"""The HTML report: closed to the outside, sound in structure."""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

Rendered = Callable[[Any], dict[str, str]]
VOID = {"meta", "input", "link", "br", "img", "use", "path", "circle", "line", "rect"}


class Reader(HTMLParser):
    """Collects elements, and checks that they are closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def text(example: Any, rendered: Rendered) -> str:
    return rendered(example)["report.html"]


@pytest.fixture
def elements(text: str) -> list[tuple[str, dict[str, str]]]:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader.elements


def test_nothing_is_loaded_from_anywhere(
    text: str, elements: list[tuple[str, dict[str, str]]]
) -> None:
    tags = Counter(tag for tag, _ in elements)
    assert tags["script"] == 1
    assert not tags.keys() & {"iframe", "object", "embed", "base", "form", "video"}
    for tag, attributes in elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert tag != "img" or re.match(r"data:image/(png|jpeg);base64,", attributes["src"])
        if tag == "link":
            assert attributes == {"rel": "icon", "href": "data:,"}
        elif "href" in attributes:
            inner = attributes["href"].startswith("#")
            numbers = attributes["href"].startswith("data:text/csv;") and attributes["download"]
            assert inner or (tag == "a" and (numbers or attributes["href"].startswith("https://")))
    assert "url(" not in text
    assert "@import" not in text


def test_the_security_policy_allows_this_style_sheet_and_script_only(
    text: str, elements: list[tuple[str, dict[str, str]]]
) -> None:
    (policy,) = [
        attributes["content"]
        for _, attributes in elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    style = re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL)
    script = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    digests = [
        base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()
        for each in (*style, *script)
    ]
    assert len(style) == len(script) == 1
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digests[0]}'",
        f"script-src 'sha256-{digests[1]}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_links_and_labels_lead_somewhere(elements: list[tuple[str, dict[str, str]]]) -> None:
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in elements:
        target = attributes.get("href", "")
        if target.startswith("#"):
            assert target[1:] in ids
        for name in ("aria-labelledby", "aria-describedby"):
            assert attributes.get(name, ids[0]) in ids


def test_it_has_landmarks_one_title_and_named_pictures(
    elements: list[tuple[str, dict[str, str]]],
) -> None:
    tags = Counter(tag for tag, _ in elements)
    assert [tags[tag] for tag in ("main", "nav", "footer", "h1", "title")] == [1] * 5
    assert elements[0][1]["lang"] == "en"
    assert all(attributes["alt"] for tag, attributes in elements if tag == "img")
    assert sum(tag == "img" for tag, _ in elements) == 14 + 3


def test_headings_skip_no_level(elements: list[tuple[str, dict[str, str]]]) -> None:
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(text: str, scheme: str) -> None:
    """WCAG 2.2 AA: 4.5 to 1 for text, of every colour on every ground that it is used on."""
    light, dark = re.findall(r":root \{(.*?)\}", text, flags=re.DOTALL)[:2]
    colours = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", light))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", dark))
    pairs = [(ink, ground) for ink in ("ink", "soft", "link") for ground in ("paper", "card")]
    for tone in ("fail", "open", "pass", "word", "waived", "none"):
        pairs += [(tone, f"{tone}-tint"), (tone, "paper"), (tone, "card"), ("ink", f"{tone}-tint")]
    pairs += [(f"s{index}", ground) for index in range(1, 6) for ground in ("paper", "card")]
    for ink, ground in pairs:
        assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
