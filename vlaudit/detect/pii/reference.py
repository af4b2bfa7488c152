"""How often what the detector flags is right: by kind, and as the user has seen for themselves."""

from collections.abc import Mapping, Sequence

from vlaudit.core.errors import InputError

# Right and wrong flags among the 2,100 sentences of presidio-research (MIT), generated for the
# purpose; recounted by benchmarks/pii_in_captions.py.
SENTENCES = "presidio-research's 2,100 sentences"
PRECISION: Mapping[str, tuple[int, int]] = {
    "CREDIT_CARD": (212, 0),
    "DATE_OF_BIRTH": (49, 0),
    "EMAIL_ADDRESS": (58, 0),
    "IBAN_CODE": (25, 0),
    "IP_ADDRESS": (11, 0),
    "PERSON": (1218, 284),
    "PHONE_NUMBER": (94, 0),
    "URL": (26, 0),
    "US_DRIVER_LICENSE": (13, 0),
    "US_SSN": (44, 0),
}


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
