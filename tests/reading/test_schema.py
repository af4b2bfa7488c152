import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from vlaudit.core.errors import InputError
from vlaudit.reading.document import parse, read_document
from vlaudit.reading.schema import records, schema

TREE = Path(__file__).resolve().parents[2]
SCHEMAS = TREE / "vlaudit" / "reading" / "schemas"
SHIPPED = {
    "config": ["vlaudit/demo/*.yaml"],
    "policy": ["policies/*.yaml"],
    "framework": ["policies/frameworks/*.yaml"],
    "probe": ["probes/*/*/probe.yaml"],
}
FILES = [
    (name, path.relative_to(TREE).as_posix())
    for name, patterns in SHIPPED.items()
    for pattern in patterns
    for path in sorted(TREE.glob(pattern))
]
MARK = "# yaml-language-server: $schema="


def errors(name: str, value: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(schema(name)).iter_errors(value)]


def sound() -> dict[str, Any]:
    value: dict[str, Any] = read_document(TREE / "policies/release.yaml").value
    return value


@pytest.mark.parametrize("name", list(records()))
def test_the_published_schema_is_current(name: str) -> None:
    """Written by `vlaudit schema NAME > vlaudit/reading/schemas/NAME.json`."""
    assert json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8")) == schema(name)


@pytest.mark.parametrize("name", list(records()))
def test_a_schema_is_one_and_says_what_it_is(name: str) -> None:
    made = schema(name)
    Draft202012Validator.check_schema(made)
    assert made["$schema"].endswith("2020-12/schema")
    assert made["$id"] == f"urn:vlaudit:schema:{name}:1"
    assert made["title"] == f"vlaudit {name}"
    assert made["description"]


@pytest.mark.parametrize("name", ["config", "policy", "framework", "probe"])
def test_every_key_that_people_write_is_described(name: str) -> None:
    made = schema(name)
    parts = [made, *(part for part in made["$defs"].values() if "properties" in part)]
    bare = [
        f"{part['title']}.{key}"
        for part in parts
        for key, entry in part["properties"].items()
        if "description" not in entry and "$ref" not in entry
    ]
    assert not bare


@pytest.mark.parametrize(("name", "path"), FILES)
def test_every_shipped_file_fits_its_schema_and_points_to_it(name: str, path: str) -> None:
    assert errors(name, read_document(TREE / path).value) == []
    first = (TREE / path).read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(MARK) or name == "probe"
    if first.startswith(MARK):
        schema_file = (TREE / path).parent / first.removeprefix(MARK)
        assert schema_file.resolve() == SCHEMAS / f"{name}.json"


def test_every_shipped_policy_and_framework_was_looked_at() -> None:
    shipped = [item for item in files("vlaudit.policies").iterdir() if item.name.endswith("yaml")]
    assert len([name for name, _ in FILES if name == "policy"]) == len(shipped) > 0


@pytest.mark.parametrize(
    "change",
    [
        {"gate": ["hihg"]},
        {"rules": [{"id": "x"}]},
        {"framework": 3},
        {"surplus": 1},
        {"waivers": [{"rule": "x", "owner": "y", "reason": "z", "expires": 5}]},
    ],
)
def test_a_broken_policy_does_not_fit(change: dict[str, Any]) -> None:
    assert errors("policy", {**sound(), **change})


@pytest.mark.parametrize("change", [{"at_least": 0.5}, {"at_most": "much"}, {"when": "robust"}])
def test_a_broken_rule_does_not_fit(change: dict[str, Any]) -> None:
    whole = sound()
    whole["rules"][0] = {**whole["rules"][0], **change}
    assert errors("policy", whole)


@pytest.mark.parametrize(
    "text",
    [
        "target: {model: x}\n",
        "target: {model: 3}\ndata: {source: y}\n",
        "target: {model: x, device: gpu}\ndata: {source: y}\n",
        "target: {model: x}\ndata: {source: y, columns: {image: [a]}}\n",
        "target: {model: x}\ndata: {source: y}\nseed: -1\n",
        "target: {model: x}\ndata: {source: y}\nprobes: {settings: {a: {b: null}}}\n",
    ],
)
def test_a_broken_configuration_does_not_fit(text: str) -> None:
    assert errors("config", parse(text, where="f").value)


def test_an_unknown_schema_is_said() -> None:
    with pytest.raises(InputError, match="no schema 'polcy'; did you mean 'policy'"):
        schema("polcy")
