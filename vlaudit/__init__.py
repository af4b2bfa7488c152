"""Audits vision-language models and their data, and judges the evidence against a policy."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vlaudit.api import Result, audit, conclude, resume
    from vlaudit.evidence import load_run

__all__ = ["Result", "audit", "conclude", "load_run", "resume"]


def __getattr__(name: str) -> Any:
    """Import a public verb when it is first used: `vlaudit --help` needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module 'vlaudit' has no attribute {name!r}")
    from vlaudit import api

    return getattr(api, name)
