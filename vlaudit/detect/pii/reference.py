"""How often what the detector flags is right: by kind, and as the user has seen for themselves."""

from collections.abc import Mapping, Sequence

from vlaudit.core.errors import InputError

# Captions of the reference pictures, none of which holds personal data, and those of them in which
# the shipped recogniser sees some; recounted by benchmarks/pii_in_captions.py. How often a flag is
# right depends on how many captions hold something, false alarms per clean caption do not.
CLEAN = 3_268
ALARMS: Mapping[str, int] = {"PERSON": 3}


def reviewed(given: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Read counts such as `PERSON=18/20`, 18 right of 20 looked at, as right and wrong flags.

    Raises:
        InputError: an entry is not of this form.
    """
    counts: dict[str, tuple[int, int]] = {}
    for entry in given:
        name, _, share = entry.partition("=")
        right, _, looked = share.partition("/")
        if not (right.strip().isdecimal() and looked.strip().isdecimal()):
            raise InputError(f"reviewed {entry!r}: write KIND=RIGHT/LOOKED_AT, as PERSON=18/20")
        if not 0 <= int(right) <= int(looked) or int(looked) == 0:
            raise InputError(f"reviewed {entry!r}: {right} of {looked} is no share")
        counts[name.strip().upper()] = (int(right), int(looked) - int(right))
    return counts
