"""The shipped recogniser on captions written by hand, and the choice of recogniser."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec

import pytest

from vlaudit.core.errors import InputError, MissingExtraError
from vlaudit.detect.names.recognise import NameRecogniser, Span, load

WITH_A_NAME = {
    "Portrait of Maria Kowalska at the opera in Vienna": "Maria Kowalska",
    "my sister Greta blowing out candles": "Greta",
    "Photo by Thomas Oyelaran": "Thomas Oyelaran",
    "Dr. Priya Raghavan receives the award": "Priya Raghavan",
    "Hiroshi Tanaka and his dog on the beach": "Hiroshi Tanaka",
    "Wedding of Emily Carter and Jamal Washington, June 2019": "Jamal Washington",
    "Grandpa with little Sofia in the garden": "Sofia",
    "A letter addressed to Mr. Abernathy": "Abernathy",
    "Goalkeeper Lukas Hoffmann saves a penalty": "Lukas Hoffmann",
    "name tag: Fatima El-Sayed, visitor": "Fatima El-Sayed",
    "Interview with Senator Margaret O'Donnell on Tuesday": "Margaret O'Donnell",
    "Selfie with Ngozi at the Eiffel Tower": "Ngozi",
    "Staff badge of Erik Johansson": "Erik Johansson",
    "Happy birthday Oliver!": "Oliver",
    "Anna Petrova, 34, a nurse from Minsk": "Anna Petrova",
    "Left to right: Ben Carter, Li Wei and Aisha Khan": "Aisha Khan",
    "Class photo 1987, Mrs Fitzgerald in the back row": "Fitzgerald",
    "The driving licence belongs to Carlos Mendoza": "Carlos Mendoza",
    "Robert shows his new bike": "Robert",
    "Screenshot of a chat with Jessica Miller": "Jessica Miller",
}
WITHOUT = """a photo of a woman firefighter, medium skin tone
a photo of a man with a beard and dark skin
Blue denim jacket for men, slim fit
Women's Floral Summer Dress - Size M
Nike Air Max 90 running shoes
Vintage Leather Backpack With Brass Buckles
A dog running on the beach at sunset
Two people playing chess in the park
Close-up of a bee on a purple flower
Sunset over the Golden Gate Bridge, San Francisco
Street market in Marrakech, Morocco
Grilled salmon with lemon and asparagus
A red double-decker bus in front of Big Ben
Children playing football in the rain
Black and white cat sleeping on a windowsill
Stainless Steel Water Bottle 500 ml
Christmas tree with golden lights
The Eiffel Tower at night
White ceramic mug on a wooden table
Jack Russell terrier catching a frisbee
Granny Smith apples in a basket
Rose gold ring with a small diamond
Mason jar filled with wild flowers
Calvin Klein jeans, dark blue
Levi's denim shorts
Santa Claus waving from a sleigh
a person in a suit and tie giving a speech
Train at platform 9, Monday morning
Mount Fuji in spring with cherry blossoms
Oxford shoes in brown leather
Chocolate Chip Cookies Recipe
Happy New Year 2020 greeting card
Keep Calm and Carry On poster
Wireless Bluetooth Headphones with Microphone
Aerial view of Manhattan, New York
Teddy bear on a bed
Sign that reads No Parking
Baker taking bread out of the oven
Young couple hiking in the Alps
Green park bench under a tree
Hunter boots in the snow
May flowers in a vase
Victoria sponge cake with strawberries
Bloody Mary with celery
Swiss Army knife, open
Persian rug with red pattern
Mercedes parked on Baker Street
Apple MacBook on a desk
An illustration of a mermaid
Emoji of a smiling face with sunglasses
a construction worker, light skin tone
Soccer Ball Icon Vector
Modern Kitchen Interior Design
Old Map of Europe
Men Slim Fit Cotton Shirt
Ein Hund läuft über die Wiese
Un chat noir sur une chaise
Una mujer con un vestido rojo
Retro Car Poster Print
Fresh Basil Leaves
IMG_2041.jpg
Untitled
screenshot of a weather app showing rain
kids' toys on the floor
What is this?
Free shipping on all orders!
Black Friday Sale 50% Off
Spring Collection 2024
Lake with mountains in the background
Halloween Pumpkin Carving Ideas""".splitlines()


@pytest.fixture(scope="module")
def shipped() -> NameRecogniser:
    return load("shipped")


def test_most_names_in_captions_are_found(shipped: NameRecogniser) -> None:
    found = shipped.find(list(WITH_A_NAME))
    missed = [
        text
        for (text, name), spans in zip(WITH_A_NAME.items(), found, strict=True)
        if not any(text[s:e] in name or name in text[s:e] for s, e in spans)
    ]
    assert len(missed) <= 2, missed


def test_captions_without_names_stay_clean(shipped: NameRecogniser) -> None:
    found = zip(WITHOUT, shipped.find(WITHOUT), strict=True)
    alarms = [(text, [text[s:e] for s, e in spans]) for text, spans in found if spans]
    assert len(alarms) <= 2, alarms


def test_it_says_which_it_is(shipped: NameRecogniser) -> None:
    assert shipped.label.startswith("shipped name recogniser")
    assert load("auto").label


def test_strange_texts_do_no_harm(shipped: NameRecogniser) -> None:
    strange = [
        "",
        " ",
        "\n",
        "写真",
        "🚲",
        "a" * 5000,
        "\uff21\uff4e\uff4e\uff41",
        "'s",
        "((()))",
        "\u202eanna",
    ]
    assert len(list(shipped.find(strange))) == len(strange)


def test_an_unknown_recogniser_is_refused_with_a_remedy() -> None:
    with pytest.raises(InputError, match="none of auto, shipped"):
        load("flair")
    with pytest.raises(InputError, match="install it, or use `shipped`"):
        load("spacy:xx_no_such_model")


def test_a_missing_library_names_its_extra() -> None:
    if find_spec("transformers") is None:
        with pytest.raises(MissingExtraError, match=r"vlaudit\[hf\]"):
            load("transformers:some/model")


def test_quotes_and_possessives_are_no_part_of_a_name() -> None:
    def spans(texts: Sequence[str]) -> Iterator[list[Span]]:
        return ([(0, len(text))] for text in texts)

    texts = ["'Anna'", "Anna's", "Anna\u2019s,", "Anna", "7", "¿Anna Li?", "Li"]
    found = NameRecogniser("all", spans).find(texts)
    names = [[text[s:e] for s, e in each] for text, each in zip(texts, found, strict=True)]
    assert names == [["Anna"], ["Anna"], ["Anna"], ["Anna"], [], ["Anna Li"], ["Li"]]


def test_brands_and_things_named_after_people_are_no_names() -> None:
    def first_two(texts: Sequence[str]) -> Iterator[list[Span]]:
        return ([(0, text.index(" ", text.index(" ") + 1))] for text in texts)

    texts = ["Calvin Klein jeans", "Jack Russell terrier pup", "Calvin Kleinman is here"]
    found = NameRecogniser("first", first_two).find(texts)
    assert [len(spans) for spans in found] == [0, 0, 1]


def test_codes_and_sizes_are_no_names() -> None:
    def first_word(texts: Sequence[str]) -> Iterator[list[Span]]:
        return ([(0, len(text.split()[0]))] for text in texts)

    texts = ["SKU 123456", "ABC-1234", "1018x2332px wide", "x7", "ANNA and 7 friends", "Anna 7"]
    found = NameRecogniser("first", first_word).find(texts)
    assert [len(spans) for spans in found] == [0, 0, 0, 0, 1, 1]
