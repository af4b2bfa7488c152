"""Whatever a name holds, documents keep their structure and say it literally."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from huggingface_hub import DatasetCard, ModelCard
from markdown_it import MarkdownIt
from markdown_it.token import Token

from vlaudit.core.audit import Evidence
from vlaudit.core.finding import Finding
from vlaudit.core.outcome import Broken, Measured, Skipped
from vlaudit.report import summary_lines, summary_table
from vlaudit.report.exchange import JudgedRun
from vlaudit.report.exports import BUNDLED

Rendered = Callable[[Any], dict[str, str]]
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> | a || `b` ```c\n---\nlicense: mit\n"
    "# head\n[x](javascript:alert(1)) ![i](https://example.com/t.png) {{ 7*7 }} {% raw %} ${7*7} "
    "=cmd|' /C calc'!A0 \"'> </style> <!-- --> &lt; **b** ~~s~~ [red]r[/red] \x1b[31m \x00 "
    "\u202eevil http://example.com @everyone $$x$$"
)
MARK = re.compile(r"(<!-- vlaudit:(begin|end) \w+ -->\n?)+")
LITERAL = "{{ 7*7 }}"


def poisoned(value: Any) -> Any:
    """Return a record, mapping or sequence with hostile text behind every string that is free."""
    if isinstance(value, str):
        return f"{value} {HOSTILE}"
    if isinstance(value, tuple):
        return tuple(poisoned(item) for item in value)
    if isinstance(value, dict):
        return {poisoned(key): poisoned(item) for key, item in value.items()}
    return value


def changed(record: Any, *names: str) -> Any:
    return record.model_copy(update={name: poisoned(getattr(record, name)) for name in names})


def hostile_finding(item: Finding) -> Finding:
    kept = {key: value for key, value in item.evidence.items() if key == "picture"}
    return replace(
        item,
        kind=poisoned(item.kind),
        summary=poisoned(item.summary),
        row=item.row and poisoned(item.row),
        where=item.where and poisoned(item.where),
        evidence=kept
        | {poisoned(key): poisoned(str(v)) for key, v in item.evidence.items() if key not in kept},
    )


def hostile_evidence(evidence: Evidence) -> Evidence:
    audit = evidence.audit
    outcomes = {
        name: changed(
            outcome,
            {Measured: "notes", Broken: "error", Skipped: "reason"}[type(outcome)],
        )
        for name, outcome in audit.outcomes.items()
    }
    facts = changed(audit.dataset, "name", "groups", "splits", "licences", "quarantined")
    config = audit.config.model_copy(
        update={
            "subject": changed(audit.config.subject, "licence", "intended_use", "limitations"),
            "target": changed(audit.config.target, "model"),
        }
    )
    plan = tuple(
        planned.model_copy(
            update={"settings": {key: poisoned(str(v)) for key, v in planned.settings.items()}}
        )
        for planned in audit.plan
    )
    update = {
        "target": changed(audit.target, "name", "kind"),
        "dataset": facts,
        "config": config,
        "outcomes": outcomes,
        "plan": plan,
        "stamp": changed(audit.stamp, "platform", "packages"),
    }
    return Evidence(
        evidence.folder,
        audit.model_copy(update=update),
        {
            probe: tuple(
                replace(item, slice=poisoned(item.slice)) if item.slice else item for item in items
            )
            for probe, items in evidence.measurements.items()
        },
        {
            probe: tuple(hostile_finding(item) for item in items)
            for probe, items in evidence.findings.items()
        },
    )


@pytest.fixture
def hostile(example: Any) -> Any:
    policy, judgement, framework = example.policy, example.judgement, example.framework
    rules = tuple(
        changed(rule, "because").model_copy(update={"origin": changed(rule.origin, "text")})
        for rule in policy.rules
    )
    waivers = tuple(changed(item, "owner", "reason") for item in policy.waivers)
    attestations = tuple(
        changed(item, "statement", "owner", "evidence") for item in policy.attestations
    )
    return replace(
        example,
        evidence=hostile_evidence(example.evidence),
        policy=changed(policy, "title").model_copy(
            update={"rules": rules, "waivers": waivers, "attestations": attestations}
        ),
        judgement=judgement.model_copy(
            update={
                "verdicts": tuple(changed(item, "because") for item in judgement.verdicts),
                "controls": tuple(changed(item, "because") for item in judgement.controls),
            }
        ),
        framework=framework.model_copy(
            update={"controls": tuple(changed(item, "title") for item in framework.controls)}
        ),
    )


class Skeleton(HTMLParser):
    """The elements of a page and the names of their attributes, without any text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.bones: list[tuple[str, ...]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.bones.append((tag, *(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.bones.append(("/", tag))

    def handle_data(self, data: str) -> None:
        self.words += data


def test_html_keeps_its_structure(example: Any, hostile: Any, rendered: Rendered) -> None:
    innocent, attacked = (Skeleton(rendered(item)["report.html"]) for item in (example, hostile))
    assert attacked.bones == innocent.bones
    assert LITERAL in attacked.words
    assert "<script>alert(1)</script>" in attacked.words


@pytest.mark.parametrize("name", ["report.md", "model_card.md", "dataset_card.md"])
def test_markdown_keeps_its_structure(
    example: Any, hostile: Any, rendered: Rendered, name: str
) -> None:
    innocent, attacked = (body(rendered(item)[name]) for item in (example, hostile))
    assert skeleton(attacked) == skeleton(innocent)
    assert r"\{\{ 7\*7 \}\}" in attacked


@pytest.mark.parametrize("kind", [ModelCard, DatasetCard])
def test_metadata_keeps_its_structure(
    example: Any, hostile: Any, rendered: Rendered, kind: type
) -> None:
    name = "model_card.md" if kind is ModelCard else "dataset_card.md"
    innocent, attacked = (
        kind(rendered(item)[name], ignore_metadata_errors=False).data.to_dict()
        for item in (example, hostile)
    )
    assert attacked.keys() - innocent.keys() <= {"license_name"}
    assert attacked["license"] == "other"
    assert json.dumps(attacked).count("\\n") == 0


def test_the_configuration_comes_back_as_it_was(hostile: Any) -> None:
    from ruamel.yaml import YAML

    from vlaudit.report.page import as_yaml

    config = hostile.evidence.audit.config
    read = YAML(typ="safe", pure=True).load(as_yaml(config))
    assert read["target"]["model"] == config.target.model


@pytest.mark.parametrize("name", ["report.html", "report.md", "model_card.md", "dataset_card.md"])
def test_nothing_hidden_is_left(hostile: Any, rendered: Rendered, name: str) -> None:
    text = rendered(hostile)[name]
    assert not {"\x00", "\x1b", "\u202e"} & set(text)


def test_the_terminal_says_it_literally(hostile: Any) -> None:
    from rich.console import Console

    console = Console(width=4000, record=True, force_terminal=True)
    console.print(summary_table(hostile.evidence, hostile.judgement))
    shown = console.export_text()
    lines = summary_lines(hostile.evidence, hostile.judgement, hostile.policy, hostile.framework)
    for text in (shown, "\n".join(lines)):
        assert "\x1b[31m" not in text
        assert "\u202e" not in text
    assert "[red]r[/red]" in shown


@pytest.mark.parametrize("name", BUNDLED)
def test_exports_say_it_literally(example: Any, hostile: Any, name: str) -> None:
    run = JudgedRun(hostile.evidence, hostile.judgement, hostile.policy, hostile.framework)
    text = BUNDLED[name].export(run)
    assert not {"\x00", "\x1b", "\u202e"} & set(text)
    marked = (r"\\{\\{ 7\\*7 \\}\\}", r"\{\{ 7\*7 \}\}")
    assert any(words in text for words in (LITERAL, *marked))
    if BUNDLED[name].file.endswith(".xml"):
        assert "<script>" not in text
        fromstring(text)
    elif BUNDLED[name].file.endswith((".json", ".sarif")):
        json.loads(text)
    elif BUNDLED[name].file.endswith(".md"):
        calm = JudgedRun(example.evidence, example.judgement, example.policy, example.framework)
        assert skeleton(text) == skeleton(BUNDLED[name].export(calm))


def test_the_page_of_trends_keeps_its_structure(example: Any) -> None:
    from vlaudit.history import History, Point, Series
    from vlaudit.report.trends import trends_page

    card = example.evidence.audit.plan[0].card
    item = example.evidence.measurements[card.id][2]

    def page(words: Callable[[str], str]) -> str:
        point = Point(words("r1"), "2026-11-21T10:15:00Z", words("model"), item)
        series = Series(card, item.metric, ((words("gender"), words("woman")),), (point,))
        found = History((series,), (words("r1"),), (words("a problem"),))
        return trends_page(found, title=words("History"))

    innocent, attacked = Skeleton(page(str)), Skeleton(page(poisoned))
    assert attacked.bones == innocent.bones
    assert LITERAL in attacked.words
    assert not {"\x00", "\x1b", "\u202e"} & set(attacked.words)


def test_names_at_mlflow_are_such_as_it_allows(hostile: Any) -> None:
    from vlaudit.report.mlflow_log import ALLOWED, LONGEST, metrics_of

    run = JudgedRun(hostile.evidence, hostile.judgement, hostile.policy, hostile.framework)
    names = [name for name, _ in metrics_of(run)]
    assert len(set(names)) == len(names) == 1 + 4 * 13
    assert not any(ALLOWED.search(name) or len(name) > LONGEST for name in names)


def test_a_verb_prints_no_control_character(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.table import Table

    from vlaudit.cli.console import console

    table = Table("name")
    table.add_row(f"x{HOSTILE[-60:]}".replace("[", "("))
    printer = console()
    printer.print(table)
    printer.print(HOSTILE, markup=False, highlight=False)
    said = capsys.readouterr().out
    assert "everyone" in said
    assert not {"\x00", "\x1b", "\u202e"} & set(said)


def body(text: str) -> str:
    """Return a document without its front matter."""
    return text.split("\n---\n", 1)[1] if text.startswith("---\n") else text


def skeleton(text: str) -> list[str]:
    """Return the types of all tokens but text, once for every run of code lines."""
    found: list[str] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        found += [kind(part) for part in [token, *(token.children or [])]]
    return [name for name in found if name not in {"text", "text_special"}]


def kind(token: Token) -> str:
    """Return the type of a token; code that a span cannot hold stands in an element."""
    if token.type == "html_block":
        assert MARK.fullmatch(token.content), token.content
    if token.type == "html_inline":
        assert token.content in {"<code>", "</code>"}
    return token.type
