"""Tries the probes of an audit on its own rows: how often they err there, and what they find."""

from vlaudit.selfcheck.run import Mode, runs, self_check
from vlaudit.selfcheck.ways import check_of

__all__ = ["Mode", "check_of", "runs", "self_check"]
