"""Measures the detector on the user's own texts: planted personal data, and decoys.

Everything planted is invented on the spot: reserved telephone ranges, example domains, numbers
with right check digits under prefixes of test cards, names of nobody.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vlaudit.detect.names.fictional import strangers
from vlaudit.detect.pii.kind import Tier
from vlaudit.detect.pii.scan import Scanner

Rng = np.random.Generator
BANKS = {
    "GB": "NWBK{:014d}",
    "DE": "{:018d}",
    "NL": "INGB{:010d}",
    "BE": "{:012d}",
    "AT": "{:016d}",
}
MAILBOXES = ("example.com", "example.org", "example.net")
FILLER = "a photo of something"


@dataclass(frozen=True)
class Plant:
    """A text with something put into it.

    Attributes:
        text: the text as it is given to the detector.
        start: offset of what was put in.
        end: offset behind it.
        tier: how it should be counted; None for a decoy.
        entity: what it is; empty for a decoy.
        carrier: the text without it.
    """

    text: str
    start: int
    end: int
    tier: Tier | None
    entity: str
    carrier: str


def _digits(rng: Rng, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


def with_luhn_digit(number: str) -> str:
    """Append the check digit of ISO/IEC 7812-1 to a string of digits."""
    doubled = [int(d) * 2 if i % 2 == 0 else int(d) for i, d in enumerate(reversed(number))]
    return number + str(-sum(d // 10 + d % 10 for d in doubled) % 10)


def with_iban_digits(country: str, account: str) -> str:
    """Return the IBAN of an account, with the check digits of ISO 13616 (mod 97)."""
    rearranged = "".join(str(int(character, 36)) for character in f"{account}{country}00")
    return f"{country}{98 - int(rearranged) % 97:02d}{account}"


def _card(rng: Rng) -> str:
    number = with_luhn_digit(str(rng.choice(["4111", "5500", "6011"])) + _digits(rng, 11))
    gap = str(rng.choice(["", " ", "-"]))
    return gap.join(number[i : i + 4] for i in range(0, 16, 4))


def _iban(rng: Rng) -> str:
    country = str(rng.choice(list(BANKS)))
    account = BANKS[country].format(int(rng.integers(1, 10**10)))
    return with_iban_digits(country, account)


def _social_security(rng: Rng) -> str:
    return f"{rng.integers(700, 728)}-{rng.integers(10, 99)}-{rng.integers(1000, 9999)}"


def _mail(rng: Rng) -> str:
    given, surname = strangers(rng, 1)[0].lower().split()
    joint = str(rng.choice([".", "_", "-", ""]))
    return f"{given}{joint}{surname}@{rng.choice(MAILBOXES)}"


def _phone(rng: Rng) -> str:
    area, line = rng.choice([212, 415, 617, 303, 206]), f"01{rng.integers(0, 100):02d}"
    forms = (f"({area}) 555-{line}", f"{area}-555-{line}", f"+1 {area} 555 {line}",
             f"+44 20 7946 0{rng.integers(100, 1000)}")  # fmt: skip
    return str(rng.choice(forms))


def _network(rng: Rng) -> str:
    return f"{rng.choice(['192.0.2', '198.51.100', '203.0.113'])}.{rng.integers(10, 250)}"


def _name(rng: Rng) -> str:
    return strangers(rng, 1)[0]


PLANTED: Mapping[str, tuple[Callable[[Rng], str], Tier, Sequence[str]]] = {
    "PERSON": (_name, Tier.NAME, ("{text}, photo by {it}", "{it}: {text}", "{text} with {it}")),
    "EMAIL_ADDRESS": (_mail, Tier.CONTACT, ("{text} {it}", "{text} (mail {it})", "{it}, {text}")),
    "PHONE_NUMBER": (_phone, Tier.CONTACT, ("{text} {it}", "{text}, call {it}", "{it} - {text}")),
    "IP_ADDRESS": (_network, Tier.CONTACT, ("{text}, sent from {it}", "{text} {it}")),
    "CREDIT_CARD": (_card, Tier.HIGH_RISK, ("{text} {it}", "{text}, card {it}", "{it}, {text}")),
    "IBAN_CODE": (_iban, Tier.HIGH_RISK, ("{text} {it}", "{text}, IBAN {it}")),
    "US_SSN": (_social_security, Tier.HIGH_RISK, ("{text} {it}", "{text}, SSN {it}")),
}


def _day(rng: Rng) -> str:
    year, month, day = rng.integers(1950, 2030), rng.integers(1, 13), rng.integers(1, 29)
    return str(rng.choice([f"{year}-{month:02d}-{day:02d}", f"{day}.{month}.{year}"]))


def _size(rng: Rng) -> str:
    wide, high, deep = rng.integers(10, 2500, 3)
    return str(rng.choice([f"{wide} x {high} x {deep} mm", f"{wide}x{high}px", f"{wide}/{high}"]))


def _article(rng: Rng) -> str:
    stem = "".join(rng.choice(list("ABCDEHKLMNPRSTXZ"), rng.integers(1, 4)))
    forms = (f"{stem}{_digits(rng, 6)}", f"{stem}-{_digits(rng, 4)}-{_digits(rng, 2)}",
             f"SKU {_digits(rng, 9)}", f"item no. {_digits(rng, 10)}")  # fmt: skip
    return str(rng.choice(forms))


def _barcode(rng: Rng) -> str:
    return str(
        rng.choice([f"978{_digits(rng, 10)}", f"0{_digits(rng, 11)}", f"50{_digits(rng, 11)}"])
    )


def _wrong_card(rng: Rng) -> str:
    right = with_luhn_digit("4111" + _digits(rng, 11))
    return right[:-1] + str((int(right[-1]) + int(rng.integers(1, 10))) % 10)


def _price(rng: Rng) -> str:
    return f"${rng.integers(1, 9999)}.{_digits(rng, 2)}"


def _version(rng: Rng) -> str:
    return f"version {'.'.join(map(str, rng.integers(0, 12, 3)))}"


def _brand(rng: Rng) -> str:
    things = (
        "Rose Gold ring",
        "Jack Russell terrier",
        "Santa Claus costume",
        "Granny Smith apple",
        "Calvin Klein jeans",
        "Mason jar",
        "Ford pickup",
        "Oxford shoes",
        "New York skyline",
        "Levi's jacket",
        "Dr. Martens boots",
        "Hugo Boss suit",
        "St. Patrick's Day parade",
        "Summer dress",
        "Notre Dame cathedral",
        "Swiss Army knife",
        "Teddy Bear",
        "Big Ben",
    )
    return str(rng.choice(things))


DECOYS = (_day, _size, _article, _barcode, _wrong_card, _price, _version, _brand)
DECOY_FORMS = ("{text}, {it}", "{text} {it}", "{it}, {text}", "{text} ({it})")


def _put(text: str, form: str, it: str, tier: Tier | None = None, entity: str = "") -> Plant:
    start = len(form.partition("{it}")[0].replace("{text}", text))
    whole = form.replace("{text}", text).replace("{it}", it)
    return Plant(whole, start, start + len(it), tier, entity, text)


def plant(texts: Sequence[str], rng: Rng, count: int) -> list[Plant]:
    """Put `count` invented pieces of personal data, each kind as often, into texts drawn."""
    kinds = list(PLANTED.items())
    chosen = [kinds[i % len(kinds)] for i in range(count)]
    carriers = _carriers(texts, rng, count)
    return [
        _put(text, str(rng.choice(list(forms))), make(rng), tier, entity)
        for text, (entity, (make, tier, forms)) in zip(carriers, chosen, strict=True)
    ]


def decoys(texts: Sequence[str], rng: Rng, count: int) -> list[Plant]:
    """Put `count` innocent numbers, dates, codes and brand names into texts drawn."""
    carriers = _carriers(texts, rng, count)
    return [
        _put(text, str(rng.choice(list(DECOY_FORMS))), DECOYS[i % len(DECOYS)](rng))
        for i, text in enumerate(carriers)
    ]


def _carriers(texts: Sequence[str], rng: Rng, count: int) -> list[str]:
    # A long text around it neither helps nor hinders, and costs time.
    pool = [text[:300].strip(" .,;:") or FILLER for text in texts] or [FILLER]
    return [pool[i] for i in rng.integers(0, len(pool), count)]


def recovered(scanner: Scanner, plants: Sequence[Plant]) -> list[bool]:
    """Tell for each plant whether something of its tier is found where it was put.

    For a decoy, tell whether anything is found there that counts as personal data by itself.
    """
    found = scanner.scan([planted.text for planted in plants])
    return [
        any(
            entity.overlaps(planted.start, planted.end)
            and (entity.tier == planted.tier if planted.tier else entity.tier != Tier.INDIRECT)
            for entity in entities
        )
        for planted, entities in zip(plants, found, strict=True)
    ]
