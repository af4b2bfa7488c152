"""The language of captions, by their small words."""

import pytest

from vlaudit.detect.pii.language import UNKNOWN, Languages, languages

CAPTIONS = {
    "en": ["a photo of a dog", "Two women at a market in the rain", "car parked near the house"],
    "de": ["ein Foto von einem Hund", "Kinder unter dem Baum", "Nahaufnahme einer Tasse Kaffee"],
    "fr": ["gros plan d'une tasse de café", "homme à cheval sur la plage", "la rue sous la pluie"],
    "es": ["una foto de un perro", "mujeres en un mercado bajo la lluvia", "los niños del parque"],
    "it": ["due donne sotto la pioggia", "uomo a cavallo sulla spiaggia", "bambini nel parco"],
    "pt": ["uma foto de um cão", "duas mulheres em um mercado na chuva", "crianças no parque"],
    "nl": ["een foto van een hond", "twee vrouwen op een markt", "man met het paard op het strand"],
    "pl": [
        "dwie kobiety na targu w deszczu",
        "dzieci bawią się w parku",
        "zbliżenie filiżanki kawy",
    ],
}


@pytest.fixture(scope="module")
def told() -> Languages:
    return languages()


@pytest.mark.parametrize("code", CAPTIONS)
def test_captions_are_told_apart(told: Languages, code: str) -> None:
    assert [told.of(text) for text in CAPTIONS[code]] == [code] * 3


@pytest.mark.parametrize("text", ["", "firefighter", "12345", "写真", "🚲", "xyzzy plugh"])
def test_what_nothing_tells_is_unknown(told: Languages, text: str) -> None:
    assert told.of(text) == UNKNOWN
