"""An answer in multiple choice counts only when it names one option."""

import pytest

from vlaudit.core.questions import multiple_choice
from vlaudit.targets.choices import read_choice

OPTIONS = ["a doctor", "a nurse", "C"]


@pytest.mark.parametrize(
    ("said", "option"),
    [
        ("A", 0),
        (" b ", 1),
        ("(B)", 1),
        ("**B**", 1),
        ("B.", 1),
        ("B) a nurse", 1),
        ("B: A nurse.", 1),
        ("The answer is B", 1),
        ("Answer: (a)", 0),
        ("The correct answer is: A. a doctor", 0),
        ("a nurse", 1),
        ("A NURSE!", 1),
        ("A doctor", 0),
        ("C", 2),
        ("C. C", 2),
        ("", None),
        ("D", None),
        ("A or B", None),
        ("A, B", None),
        ("AB", None),
        ("A nurse or a doctor", None),
        ("A. a nurse", None),
        ("B because she wears white", None),
        ("I cannot tell", None),
        ("Neither", None),
        ("Ä", None),
        ("医者", None),
    ],
)
def test_an_answer_is_read_strictly(said: str, option: int | None) -> None:
    choice = read_choice(said, OPTIONS)
    assert (choice.option, choice.said) == (option, said)


def test_options_that_read_alike_are_told_apart_by_letter_only() -> None:
    assert read_choice("yes", ["Yes", "yes."]).option is None
    assert read_choice("B", ["Yes", "yes."]).option == 1


def test_the_question_shows_every_option() -> None:
    asked = multiple_choice("Who?", OPTIONS)
    assert asked.splitlines()[:4] == ["Who?", "A. a doctor", "B. a nurse", "C. C"]
    with pytest.raises(ValueError, match="27 options"):
        multiple_choice("Who?", ["x"] * 27)
