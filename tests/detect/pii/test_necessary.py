"""A text with fewer such characters than `fewest` says holds no match."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from regex import search  # type: ignore[import-untyped]

from vlaudit.detect.pii.necessary import fewest

DIGIT = str.isdecimal
AT = "@".__eq__


@pytest.mark.parametrize(
    ("pattern", "digits"),
    [
        (r"\d{3}-\d{2}", 5),
        (r"\d{3,5}", 3),
        (r"(?:\d\d|a)", 0),
        (r"(?:\d\d|\d{4})x", 2),
        (r"(\d){2}\1", 2),
        (r"[0-9A-F]{4}", 0),
        (r"[0-9]{4}", 4),
        (r"[^a]{4}", 0),
        (r"(?=.*\d{3})\w+", 3),
        (r"(?!\d)a\d", 1),
        (r"(?<=\d{2})\d", 2),
        (r"(?:a(?=\d\d\d))*b", 0),
        (r"\d*?", 0),
        (r"(?i)x\d", 1),
        (r"(unclosed", 0),
    ],
)
def test_counts_what_no_match_can_do_without(pattern: str, digits: int) -> None:
    assert fewest(pattern, DIGIT) == digits


def test_counts_other_characters_too() -> None:
    assert fewest(r"\w+@\w+\.\w+", AT) == 1


PIECES = st.sampled_from([r"\d", "a", "@", "[0-9]", "[0-9a]", r"\w", ".", "(?=a)", r"(?=.\d)"])
PATTERNS = st.recursive(
    PIECES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{1,2}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(PATTERNS, st.text(alphabet="a1@٣b2", max_size=8))
def test_never_claims_more_than_a_matching_text_holds(pattern: str, text: str) -> None:
    if search(pattern, text):
        assert sum(map(DIGIT, text)) >= fewest(pattern, DIGIT)
        assert text.count("@") >= fewest(pattern, AT)
