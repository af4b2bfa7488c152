"""The words in which every model is asked the same."""

import string
from collections.abc import Sequence

LETTERS = string.ascii_uppercase
FITS = 'Does the text "{}" describe the picture? Answer yes or no.'


def multiple_choice(question: str, options: Sequence[str]) -> str:
    """Return a question with its options, each after a letter.

    Raises:
        ValueError: more options than letters.
    """
    if len(options) > len(LETTERS):
        raise ValueError(f"{len(options)} options are more than there are letters")
    lines = [f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False)]
    return "\n".join([question, *lines, "Answer with the letter of one option only."])
