"""What an audit would cost, found by running a little of it."""

from vlaudit.rehearsal.estimate import Bill, Estimate, bill, rehearse, self_check_estimate

__all__ = ["Bill", "Estimate", "bill", "rehearse", "self_check_estimate"]
