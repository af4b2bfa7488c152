"""Training sentences: labelled where the names are, never a name that is held out."""

import random
import re

import pytest

from vlaudit.detect.names.fictional import GIVEN, SURNAMES, acquaintances, held_out, strangers
from vlaudit.detect.names.people import People, Pools
from vlaudit.detect.names.sentences import NOUN_PHRASE, Author
from vlaudit.detect.names.words import vocabulary

np = pytest.importorskip("numpy")


@pytest.fixture(scope="module")
def author() -> Author:
    rng = random.Random(0)
    pools = Pools(
        [["Ada", "Bo"]] * 12, [["Quux", "Zed"]] * 12, ["Acme Ltd"], ["Springfield"], ["Elm Street"]
    )
    words = {**vocabulary(), "english": ["array", "value", "shape"]}
    prose = ["Return the value of the given array.", "The shape is kept in memory for later use."]
    return Author(words, prose, ["Ein Hund sieht alles."], People(pools, rng), rng)


def test_labels_cover_words_and_never_run_over(author: Author) -> None:
    seen: set[str] = set()
    for sentence in author.sentences(2000):
        for start, end, label in sentence.spans:
            piece = sentence.text[start:end]
            assert piece == piece.strip()
            assert piece
            seen.add(label)
    assert seen == {"PERSON", "LOCATION", "ORGANIZATION"}


def test_a_fair_share_has_no_people(author: Author) -> None:
    with_people = [
        any(label == "PERSON" for *_, label in sentence.spans)
        for sentence in author.sentences(2000)
    ]
    assert 0.25 < sum(with_people) / len(with_people) < 0.6


def test_a_noun_phrase_ends_where_a_name_can_stand() -> None:
    text = "Return the lower triangle of the array in the file."
    found = [match.group() for match in NOUN_PHRASE.finditer(text)]
    assert found == ["of the array", "in the file"]


def test_strangers_are_unknown_to_training() -> None:
    rng = np.random.default_rng(0)
    names = strangers(rng, 500)
    assert len(set(names)) == len(names) > 100
    assert all(held_out(part) for name in names for part in name.split())


def test_acquaintances_share_no_part_with_the_people_they_stand_beside() -> None:
    names = acquaintances(np.random.default_rng(1), 300, but=["Ada Kapoor", "yusuf Ibarra"])
    assert len(set(names)) == 300
    assert not re.search(r"Kapoor|Yusuf|Ibarra", " ".join(names))


def test_invented_people_have_distinct_parts() -> None:
    for text in (GIVEN, SURNAMES):
        assert len(set(text.split())) == len(text.split())
