"""What counts as personal data in a caption, and when a pattern is believed.

A pattern that fits is not yet personal data: one number of eleven passes a check digit, nine bare
digits fit seven national schemes. So every kind says what it takes: a form that nothing innocent
has (`alone`), or a word nearby that says what the number is (`context`).
"""

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """How a kind of personal data is counted, from gravest to least; `CUSTOM` is the user's own."""

    HIGH_RISK = "high_risk"
    CONTACT = "contact"
    NAME = "name"
    CUSTOM = "custom"
    INDIRECT = "indirect"


@dataclass(frozen=True)
class Kind:
    """A kind of personal data and when a match of its pattern is believed.

    Attributes:
        recogniser: class of presidio-analyzer that proposes matches.
        tier: how it is counted; `INDIRECT` points at a person only with other data.
        entity: name in findings.
        alone: regular expression of the matches that are believed without a word nearby.
        context: words or phrases of which one must stand nearby otherwise.
        denied_by: words directly before that say the number is something else.
        form: regular expression that every believed match has to fit.
        validated: whether a believed match has passed a checksum, a parser or issuing rules.
    """

    recogniser: str
    tier: Tier
    entity: str
    alone: str | None = None
    context: tuple[str, ...] = ()
    denied_by: tuple[str, ...] = ()
    form: str = ".+"
    validated: bool = False


ARTICLE_NUMBERS = (
    "sku", "isbn", "issn", "ean", "upc", "gtin", "asin", "item", "model", "part", "ref",
    "reference", "serial", "order", "lot", "style", "art", "article", "product", "code",
    "barcode", "version", "firmware", "patent", "inventory", "catalogue", "catalog",
    "accession", "figure", "fig",
)  # fmt: skip
