"""Fictional personal data: reserved numbers, documentation addresses, invented names.

Telephone numbers lie in ranges reserved for fiction (North American 555-01xx, Ofcom's drama
numbers), mail addresses at example.com (RFC 2606), network addresses in documentation ranges
(RFC 5737, RFC 3849). Card and bank account numbers are the published test numbers of their
industries; social security numbers begin with 9, which none ever did.
"""

from collections.abc import Callable, Mapping
from itertools import product

import numpy as np

FIRST_NAMES = {
    "woman": ("Maren", "Odette", "Priya", "Ilse", "Nadia", "Keiko", "Tamsin", "Amara"),
    "man": ("Anton", "Rafael", "Desmond", "Pavel", "Idris", "Kenji", "Lionel", "Tomas"),
}
SURNAMES = (
    "Holloway", "Okafor", "Lindqvist", "Marchetti", "Venkataraman", "Castellanos", "Brennan",
    "Szymanski", "Takahashi", "Abernathy", "Duvall", "Haddad",
)  # fmt: skip
CARDS = (
    "4111 1111 1111 1111", "5555 5555 5555 4444", "378282246310005", "4242424242424242",
    "6011 1111 1111 1117", "4012 8888 8888 1881", "5105-1051-0510-5100", "371449635398431",
)  # fmt: skip
ACCOUNTS = (
    "GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "NL91 ABNA 0417 1643 00",
    "FR14 2004 1010 0505 0001 3M02 606", "CH93 0076 2011 6238 5295 7", "BE68539007547034",
)  # fmt: skip
PHONES = (
    "(212) 555-01{:02d}", "415-555-01{:02d}", "+1 303 555 01{:02d}", "+44 20 7946 00{:02d}",
    "01632 9601{:02d}",
)  # fmt: skip


def full_names(gender: str) -> list[str]:
    """Return every invented name for a gender, in a fixed order."""
    return [" ".join(parts) for parts in product(FIRST_NAMES[gender], SURNAMES)]


def _name(rng: np.random.Generator) -> str:
    return str(rng.choice(full_names(str(rng.choice(list(FIRST_NAMES))))))


def _mail(rng: np.random.Generator) -> str:
    local = str(rng.choice([".", "_", ""])).join(_name(rng).lower().split())
    return f"{local}{rng.integers(1, 99)}@example.{rng.choice(['com', 'org', 'net'])}"


def _address(rng: np.random.Generator) -> str:
    if rng.random() < 0.25:
        return f"2001:db8:{rng.integers(16, 4096):x}::{rng.integers(1, 4096):x}"
    return f"{rng.choice(['192.0.2', '198.51.100', '203.0.113'])}.{rng.integers(1, 255)}"


def _security(rng: np.random.Generator) -> str:
    area, group, serial = rng.integers((901, 11, 1001), (999, 49, 9999))
    return f"{area}-{group}-{serial}"


MAKERS: Mapping[str, Callable[[np.random.Generator], str]] = {
    "EMAIL_ADDRESS": _mail,
    "PHONE_NUMBER": lambda rng: str(rng.choice(PHONES)).format(rng.integers(0, 100)),
    "CREDIT_CARD": lambda rng: str(rng.choice(CARDS)),
    "IBAN_CODE": lambda rng: str(rng.choice(ACCOUNTS)),
    "US_SSN": _security,
    "IP_ADDRESS": _address,
    "PERSON": _name,
}
SENTENCES: Mapping[str, tuple[str, ...]] = {
    "EMAIL_ADDRESS": ("{caption}, contact {secret}", "{secret} sent {caption}"),
    "PHONE_NUMBER": ("{caption}, call {secret}", "{caption}; phone: {secret}"),
    "CREDIT_CARD": ("{caption}, paid by card {secret}", "{caption} (card number {secret})"),
    "IBAN_CODE": ("{caption}, transfer to IBAN {secret}", "{caption} - account {secret}"),
    "US_SSN": ("{caption}, SSN {secret}", "{caption}; social security number {secret}"),
    "IP_ADDRESS": ("{caption}, uploaded from {secret}", "{caption} (ip {secret})"),
    "PERSON": ("{caption}, taken by {secret}", "{secret} shared {caption}"),
}
INNOCENTS = (
    "{caption}, product code {a:04d}-{b:02d}-{c:04d}",
    "{caption}, taken on 2023-{d:02d}-{e:02d}",
    "{caption}, {a} x {c} pixels",
    "{caption}, version {d}.{e}.{b}",
    "{caption}, sticker no. {a} of {c}",
    "{caption}, lot {a:05d}{c:05d}",
    "{caption} ({d}/{e}/2022, {b} kB)",
    "{caption}, aspect {d}:{e}, iso {a}",
    "{caption}, item SKU-{c:06d}-{d}",
    "{caption}, seen at {d}:{b:02d} on the {e}th",
)


def personal(entity: str, caption: str, rng: np.random.Generator) -> tuple[str, str]:
    """Return a caption with personal data in it, and the planted string."""
    secret = MAKERS[entity](rng)
    sentence = str(rng.choice(SENTENCES[entity]))
    return sentence.format(caption=caption, secret=secret), secret


def innocent(caption: str, rng: np.random.Generator) -> str:
    """Return a caption with numbers that look like personal data and are none."""
    a, b, c, d, e = (
        int(value) for value in rng.integers((100, 10, 200, 1, 10), (999, 59, 999, 12, 28))
    )
    return str(rng.choice(INNOCENTS)).format(caption=caption, a=a, b=b, c=c, d=d, e=e)
