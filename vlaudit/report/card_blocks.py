"""Cards that people write too: marked blocks are vlaudit's, everything else stays theirs."""

import io
import re
from collections.abc import Mapping
from typing import Any, Literal

from vlaudit.core.errors import InputError
from vlaudit.report import dataset_card, model_card
from vlaudit.report.examined import Examined
from vlaudit.report.page import Page
from vlaudit.report.rendering import render_markdown

Kind = Literal["model", "dataset"]
BLOCK = re.compile(
    r"<!-- vlaudit:begin (\w+) -->\n(.*?)<!-- vlaudit:end \1 -->\n?", flags=re.DOTALL
)
FRONT = re.compile(r"\A---\r?\n(.*?)\r?\n---\r?\n", flags=re.DOTALL)
OWN_KEYS = ("model-index", "vlaudit")
PRINT = {"model": model_card.card, "dataset": dataset_card.card}


def updated(text: str, page: Page, kind: Kind) -> str:
    """Return a person's card with fresh evidence in vlaudit's blocks and metadata only.

    A card without a block gets one at its end.

    Raises:
        InputError: the metadata are no YAML mapping, or a block is of an unknown name.
    """
    fresh = blocks(page, kind)
    front = FRONT.match(text)
    body = text[front.end() :] if front else text
    if unknown := [name for name, _ in BLOCK.findall(body) if name not in fresh]:
        raise InputError(f"the card has unknown blocks: {', '.join(unknown)}")
    if BLOCK.search(body):
        body = BLOCK.sub(lambda match: _marked(match[1], fresh[match[1]]), body)
    else:
        body = f"{body.rstrip()}\n\n{_marked('audit', fresh['audit'])}"
    return _with_metadata(front[1] if front else "", page, kind) + body


def differences(text: str, page: Page, kind: Kind) -> list[str]:
    """Say where a card differs from the evidence; nothing where it does not."""
    front = FRONT.match(text)
    told = _yaml(front[1] if front else "").get("vlaudit")
    if not isinstance(told, Mapping):
        return ["the card has no evidence of vlaudit in its metadata"]
    real = _metadata(page, kind)["vlaudit"]
    found = [
        f"{key}: the card says {told.get(key)!r}, the run {real[key]!r}"
        for key in real
        if key != "measurements" and told.get(key) != real[key]
    ]
    found += _numbers(told.get("measurements"), real["measurements"])
    index = _yaml(front[1] if front else "").get("model-index")
    if index != _metadata(page, kind).get("model-index"):
        found.append("model-index is not what was measured")
    fresh = blocks(page, kind)
    inside = BLOCK.findall(text)
    if not inside:
        found.append("the card has no block of vlaudit")
    return found + [
        f"block {name} is not what was measured"
        for name, content in inside
        if fresh.get(name) != content
    ]


def blocks(page: Page, kind: Kind) -> dict[str, str]:
    """Return the text of every block that a card may have, by name."""
    probes: list[Examined] = [*page.probes] if kind == "model" else dataset_card.about_data(page)
    alone = render_markdown("card_block.md.j2", folder=page.templates, page=page, probes=probes)
    return dict(BLOCK.findall(PRINT[kind](page) + alone))


def kind_of(text: str) -> Kind:
    """Tell what a card of vlaudit is about."""
    front = FRONT.match(text)
    told = _yaml(front[1] if front else "").get("vlaudit")
    return "dataset" if isinstance(told, Mapping) and "digest" in told else "model"


def _marked(name: str, content: str) -> str:
    return f"<!-- vlaudit:begin {name} -->\n{content}<!-- vlaudit:end {name} -->\n"


def _metadata(page: Page, kind: Kind) -> dict[str, Any]:
    """Return a fresh card's metadata, read back as any reader of the card would."""
    front = FRONT.match(PRINT[kind](page))
    return _yaml(front[1] if front else "")


def _numbers(told: object, real: list[dict[str, Any]]) -> list[str]:
    """Say which measurements of a card are not those of the run."""
    listed = told if isinstance(told, list) else []
    by_name = {_name(item): item for item in listed if isinstance(item, Mapping)}
    return [
        f"{_name(item)}: the card says {_said(by_name.get(_name(item)))}, the run {_said(item)}"
        for item in real
        if by_name.get(_name(item)) != item
    ] + [
        f"{name} stands in the card and was not measured"
        for name in by_name
        if name not in {_name(item) for item in real}
    ]


def _name(item: Mapping[str, Any]) -> str:
    where = ", ".join(f"{key} = {value}" for key, value in (item.get("slice") or {}).items())
    return f"{item.get('metric')}{f' ({where})' if where else ''}"


def _said(item: Mapping[str, Any] | None) -> str:
    if item is None:
        return "nothing"
    low, high, samples = item.get("low"), item.get("high"), item.get("samples")
    return f"{item.get('value')} [{low}, {high}] of {samples}"


def _with_metadata(front: str, page: Page, kind: Kind) -> str:
    """Return metadata with vlaudit's own keys replaced; order and comments of others stay."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    writer = YAML()
    writer.width = 4096
    try:
        whole = writer.load(front) or writer.map()
    except YAMLError as error:
        raise InputError(f"the card's metadata are no YAML: {error}") from error
    if not isinstance(whole, dict):
        raise InputError("the card's metadata are no mapping")
    fresh = _metadata(page, kind)
    for key in OWN_KEYS:
        if key in fresh:
            whole[key] = fresh[key]
    stream = io.StringIO()
    writer.dump(whole, stream)
    return f"---\n{stream.getvalue().rstrip()}\n---\n"


def _yaml(text: str) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        found = YAML(typ="safe", pure=True).load(text) if text.strip() else {}
    except YAMLError:
        return {}
    return found if isinstance(found, dict) else {}
