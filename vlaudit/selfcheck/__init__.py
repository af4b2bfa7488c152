"""Tries the probes of an audit on its own rows: how often they err there, and what they find."""

from vlaudit.selfcheck.checks import CHECKS
from vlaudit.selfcheck.run import Mode, runs, self_check

__all__ = ["CHECKS", "Mode", "runs", "self_check"]
