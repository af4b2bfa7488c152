"""What an audit would cost, found by running a little of it."""

from vlaudit.rehearsal.estimate import Bill, Estimate, bill, rehearse, self_check_estimate
from vlaudit.rehearsal.requests import Toll, limits

__all__ = ["Bill", "Estimate", "Toll", "bill", "limits", "rehearse", "self_check_estimate"]
