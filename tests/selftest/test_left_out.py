"""A probe whose extra is not installed is left out of the self-test, and said to be."""

from collections.abc import Iterator

from vlaudit.core.errors import MissingExtraError
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Card, Context, Inapplicable, Probe
from vlaudit.selftest import Case, check_case

CARD = Card.model_validate(
    {
        "id": "data.reading",
        "title": "Nothing is written",
        "asks": "Is anything written?",
        "risk": "data",
        "metrics": {
            "rate": {"means": "Share.", "unit": "fraction", "range": [0, 1], "better": "lower"}
        },
        "blind_to": "Everything.",
    }
)
CASE = Case.model_validate(
    {"name": "a sign", "data": {"fake": "captions", "rows": 3}, "expect": {"rate": {"at_most": 0}}}
)


def without_extra(context: Context) -> Iterator[Measurement | Finding]:
    missing = MissingExtraError(extra="ocr", purpose="reading text in pictures")
    raise Inapplicable(str(missing)) from missing
    yield from ()


def without_data(context: Context) -> Iterator[Measurement | Finding]:
    raise Inapplicable(f"nothing to read among {len(context.data)} rows")
    yield from ()


def test_a_missing_extra_is_said_and_is_no_mistake() -> None:
    result = check_case(Probe(CARD, without_extra), CASE)
    assert result.passed
    assert result.left_out == "reading text in pictures needs an extra: pip install 'vlaudit[ocr]'"


def test_any_other_reason_to_skip_is_a_mistake() -> None:
    result = check_case(Probe(CARD, without_data), CASE)
    assert not result.passed
    assert result.left_out is None
