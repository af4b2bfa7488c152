"""The policy that a run was judged by, and the day, kept so that its verdicts can be recomputed."""

from datetime import date
from pathlib import Path

from pydantic import ValidationError

from vlaudit.core.errors import InputError
from vlaudit.core.policy import Policy
from vlaudit.core.record import Record
from vlaudit.evidence.files import write_whole

NAME = "policy.json"


class Terms(Record):
    """What verdicts depend on besides the evidence.

    Attributes:
        day: the day that waivers and attestations had to reach.
        policy: the policy, with everything that it includes.
    """

    day: date
    policy: Policy


def write_terms(run: Path, terms: Terms) -> Path:
    """Write policy.json and return its path."""
    return write_whole(run / NAME, terms.model_dump_json(indent=2) + "\n")


def read_terms(run: Path) -> Terms:
    """Return what a run was judged by.

    Raises:
        InputError: the run was not judged, or by a version that did not keep it.
    """
    path = run / NAME
    try:
        return Terms.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}; judge the run with `vlaudit report`"
        ) from error
    except ValidationError as error:
        raise InputError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
