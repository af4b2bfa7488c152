"""Licences become ids that the Hub knows, or `other` with a name."""

import pytest

from vlaudit.report.licences import hub_licence


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Apache-2.0", ("apache-2.0", None)),
        ("CC BY-SA 4.0", ("cc-by-sa-4.0", None)),
        ("GPL-3.0-or-later", ("gpl-3.0", None)),
        ("OFL-1.1", ("ofl-1.1", None)),
        ("Our own terms (2026)", ("other", "our-own-terms-2026")),
        ("Apache-2.0 (weights); pictures OFL", ("other", "apache-2.0-weights-pictures-ofl")),
        ("a\nlicense: mit\n---", ("other", "a-license-mit")),
        ("许可", ("other", "unnamed")),
    ],
)
def test_a_licence_has_an_id(words: str, found: tuple[str, str | None]) -> None:
    assert hub_licence(words) == found
