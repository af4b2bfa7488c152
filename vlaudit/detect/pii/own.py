"""Recognisers that presidio lacks, or that would ask the network.

Imports presidio-analyzer at once: import this module inside the function that needs it.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import phonenumbers
from presidio_analyzer import Pattern, PatternRecognizer
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer
from tldextract import TLDExtract


class OfflineEmailRecognizer(EmailRecognizer):
    """presidio's e-mail recogniser with the public suffix list that tldextract ships.

    presidio asks `tldextract.extract`, which fetches the current list from the network.
    """

    def __init__(self) -> None:
        """Read the shipped list only, and keep no cache on disk."""
        super().__init__()
        self._suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool:
        """Tell whether the address ends in a domain under a public suffix."""
        return bool(self._suffixes(pattern_text).fqdn)


class LenientPhoneRecognizer(PhoneRecognizer):
    """presidio's telephone recogniser for numbers that could be dialled but were never issued.

    Among them are local numbers without an area code and the ranges reserved for fiction.
    """

    def __init__(self) -> None:
        """Ask phonenumbers for a possible number, not for a valid one."""
        super().__init__(leniency=phonenumbers.Leniency.POSSIBLE)


class EuropeanPhoneRecognizer(PhoneRecognizer):
    """presidio's telephone recogniser for European countries that it leaves out by default."""

    def __init__(self) -> None:
        """Take valid national numbers of these countries."""
        super().__init__(supported_regions=("ES", "IT", "NL", "PL", "PT", "AT", "BE", "CH"))


class _Numbered(PatternRecognizer):
    """A national number of one form whose check digits are right."""

    def __init__(self, entity: str, language: str, form: str) -> None:
        super().__init__(
            supported_entity=entity,
            patterns=[Pattern(entity, form, 0.3)],
            supported_language=language,
        )

    def validate_result(self, pattern_text: str) -> bool:
        """Tell whether the check digits are right."""
        return self.checked("".join(filter(str.isalnum, pattern_text)).upper())

    @abstractmethod
    def checked(self, number: str) -> bool:
        """Tell whether the check digits of a number without spaces are right."""


class FrNirRecognizer(_Numbered):
    """France: number of the national register (INSEE), the complement to 97 of its remainder."""

    def __init__(self) -> None:
        """Take 13 digits and two check digits; 2A and 2B stand for the Corsican departments."""
        form = r"\b[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d\b"
        super().__init__("FR_NIR", "fr", form)

    def checked(self, number: str) -> bool:
        """Tell whether number and key add up to a multiple of 97."""
        digits = number.replace("2A", "19", 1).replace("2B", "18", 1)
        return (int(digits[:13]) + int(digits[13:])) % 97 == 0


class NlBsnRecognizer(_Numbered):
    """The Netherlands: citizen service number, whose weighted sum is a multiple of eleven."""

    def __init__(self) -> None:
        """Take nine digits, in threes or together."""
        super().__init__("NL_BSN", "nl", r"\b\d{3}[ .]?\d{3}[ .]?\d{3}\b")

    def checked(self, number: str) -> bool:
        """Tell whether the test of eleven holds."""
        weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
        total = sum(w * int(digit) for w, digit in zip(weights, number, strict=True))
        return total % 11 == 0 and int(number) > 0


class PtNifRecognizer(_Numbered):
    """Portugal: taxpayer number of a person, with one check digit modulo eleven."""

    def __init__(self) -> None:
        """Take nine digits that begin as those of persons do."""
        super().__init__("PT_NIF", "pt", r"\b(?:[123]\d|45)\d ?\d{3} ?\d{3}\b")

    def checked(self, number: str) -> bool:
        """Tell whether the last digit follows from the others."""
        total = sum((9 - i) * int(digit) for i, digit in enumerate(number[:8]))
        return (11 - total % 11) % 11 % 10 == int(number[8])


OWN: Mapping[str, Any] = {
    "EmailRecognizer": OfflineEmailRecognizer,
    "LenientPhoneRecognizer": LenientPhoneRecognizer,
    "EuropeanPhoneRecognizer": EuropeanPhoneRecognizer,
    "FrNirRecognizer": FrNirRecognizer,
    "NlBsnRecognizer": NlBsnRecognizer,
    "PtNifRecognizer": PtNifRecognizer,
}
