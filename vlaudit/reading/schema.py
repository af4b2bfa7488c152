"""JSON Schemas of the YAML files that people write and of the documents that vlaudit writes."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from vlaudit.core.audit import Audit
from vlaudit.core.config import Config
from vlaudit.core.errors import InputError
from vlaudit.core.policy import Framework, Policy
from vlaudit.core.probe import Card
from vlaudit.reading.suggest import did_you_mean

DIALECT = "https://json-schema.org/draft/2020-12/schema"
VERSION = 1


def records() -> Mapping[str, type[BaseModel]]:
    """Return the record behind each schema, by the schema's name."""
    return {
        "config": Config,
        "policy": Policy,
        "framework": Framework,
        "probe": Card,
        "audit": Audit,
    }


def schema(name: str) -> dict[str, Any]:
    """Return a JSON Schema, draft 2020-12, with an id that changes only with its version.

    Raises:
        InputError: there is no schema of this name.
    """
    known = records()
    if name not in known:
        raise InputError(f"no schema '{name}'{did_you_mean(name, known)}")
    generated = known[name].model_json_schema()
    head = {"$schema": DIALECT, "$id": f"urn:vlaudit:schema:{name}:{VERSION}"}
    return {**head, **generated, "title": f"vlaudit {name}"}
