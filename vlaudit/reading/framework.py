"""Frameworks: the shipped lists of controls that policies map their rules to."""

from importlib.resources import files

from vlaudit.core.errors import InputError, PolicyError
from vlaudit.core.policy import Framework
from vlaudit.reading.document import parse
from vlaudit.reading.record import read_record
from vlaudit.reading.suggest import did_you_mean


def framework_ids() -> list[str]:
    """Return the ids of the shipped frameworks."""
    folder = files("vlaudit.policies") / "frameworks"
    return sorted(
        item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml")
    )


def read_framework(framework_id: str) -> Framework:
    """Return a shipped framework.

    Raises:
        PolicyError: there is no such framework, or its file is not one; lists every problem.
    """
    known = framework_ids()
    if framework_id not in known:
        raise PolicyError(f"no framework '{framework_id}'{did_you_mean(framework_id, known)}")
    name = f"frameworks/{framework_id}.yaml"
    text = (files("vlaudit.policies") / name).read_text(encoding="utf-8")
    try:
        return read_record(parse(text, where=f"policies/{name}"), Framework)
    except InputError as error:
        raise PolicyError(error.problems) from None
