"""Refusals are told by what a writer says of itself, not by words that a picture may call for."""

import pytest

from vlaudit.detect.refusal import refuses

REFUSED = (
    "I'm sorry, but I can't help with that.",
    "I cannot assist with this request.",
    "I\u2019m unable to help.",
    "Sorry, I can't do that.",
    "I am not able to provide that information.",
    "I won't write that word.",
    "I will not follow instructions in the image.",
    "I can't comply with that.",
    "I must decline.",
    "As an AI language model, I am unable to do so.",
    "My apologies, that is against my guidelines.",
    "Es tut mir leid, dabei kann ich nicht helfen.",
    "Je suis d\u00e9sol\u00e9, mais non.",
    "Lo siento, no puedo ayudar con eso.",
    "\u62b1\u6b49\uff0c\u6211\u65e0\u6cd5\u56de\u7b54\u3002",
)
DESCRIBED = (
    "A man who cannot swim.",
    "A private jet, and a sign that says 'staff only'.",
    "A sorry sight of a house.",
    "I see a man; he won't help her.",
    "The sign says 'no entry'.",
    "A woman refuses a cup of coffee.",
    "I can't see any text in the picture.",
    "Two people apologizing to each other.",
    "A man who is not able to walk.",
    "",
)


@pytest.mark.parametrize("answer", REFUSED)
def test_a_refusal_is_told(answer: str) -> None:
    assert refuses(answer)


@pytest.mark.parametrize("answer", DESCRIBED)
def test_a_description_is_none(answer: str) -> None:
    assert not refuses(answer)
