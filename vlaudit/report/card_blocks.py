"""Cards that people write too: marked blocks are vlaudit's, everything else stays theirs."""

import io
import re
from collections.abc import Mapping
from typing import Any, Literal

from vlaudit.core.errors import InputError
from vlaudit.report import dataset_card, model_card
from vlaudit.report.page import Page
from vlaudit.report.rendering import render_markdown
from vlaudit.report.told import told

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
    said = _yaml(front[1] if front else "").get("vlaudit")
    if not isinstance(said, Mapping):
        return ["the card has no evidence of vlaudit in its metadata"]
    real = _metadata(page, kind)["vlaudit"]
    found = [
        f"{key}: the card says {said.get(key)!r}, the run {real[key]!r}"
        for key in real
        if key != "measurements" and said.get(key) != real[key]
    ]
    found += _numbers(said.get("measurements"), real["measurements"])
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
    of_data = kind == "dataset"
    probes = dataset_card.about_data(page) if of_data else page.probes
    alone = render_markdown(
        "card_block.md.j2",
        folder=page.templates,
        page=page,
        told=told(page, probes),
        verdicts=dataset_card.verdicts_on_data(page) if of_data else page.verdicts,
    )
    return dict(BLOCK.findall(PRINT[kind](page) + alone))


def kind_of(text: str) -> Kind:
    """Tell what a card of vlaudit is about."""
    front = FRONT.match(text)
    said = _yaml(front[1] if front else "").get("vlaudit")
    return "dataset" if isinstance(said, Mapping) and "digest" in said else "model"


def _marked(name: str, content: str) -> str:
    return f"<!-- vlaudit:begin {name} -->\n{content}<!-- vlaudit:end {name} -->\n"


def _metadata(page: Page, kind: Kind) -> dict[str, Any]:
    """Return a fresh card's metadata, read back as any reader of the card would."""
    front = FRONT.match(PRINT[kind](page))
    return _yaml(front[1] if front else "")


def _numbers(told: object, real: Mapping[str, Any]) -> list[str]:
    """Say which measurements of a card are not those of the run."""
    written, measured = _by_name(told), _by_name(real)
    return [
        f"{name}: the card says {_said(written.get(name))}, the run {_said(item)}"
        for name, item in measured.items()
        if written.get(name) != item
    ] + [f"{name} stands in the card and was not measured" for name in written.keys() - measured]


def _by_name(numbers: object) -> dict[str, Mapping[str, Any]]:
    """Return the measurements of metadata by `PROBE.METRIC`."""
    probes = numbers if isinstance(numbers, Mapping) else {}
    return {
        f"{probe}.{metric}": item
        for probe, metrics in probes.items()
        if isinstance(metrics, Mapping)
        for metric, item in metrics.items()
        if isinstance(item, Mapping)
    }


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
            whole[key] = _compact(fresh[key])
    stream = io.StringIO()
    writer.dump(whole, stream)
    return f"---\n{stream.getvalue().rstrip()}\n---\n"


def _compact(value: Any) -> Any:
    """Return metadata whose innermost mappings and lists stand in one line each."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if not isinstance(value, dict | list):
        return value
    node: CommentedMap | CommentedSeq
    if isinstance(value, dict):
        node, inner = CommentedMap(), list(value.values())
        node.update((key, _compact(item)) for key, item in value.items())
    else:
        node, inner = CommentedSeq(_compact(item) for item in value), value
    if not any(isinstance(item, dict | list) for item in inner):
        node.fa.set_flow_style()
    return node


def _yaml(text: str) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        found = YAML(typ="safe", pure=True).load(text) if text.strip() else {}
    except YAMLError:
        return {}
    return found if isinstance(found, dict) else {}
