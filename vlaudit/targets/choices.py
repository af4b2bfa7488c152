"""Multiple choice in words: how strictly an answer is read."""

import re
import string
from collections.abc import Sequence

from vlaudit.core.questions import LETTERS
from vlaudit.core.target import Choice

_AROUND = string.whitespace + "*_`'\".,:;!()[]"
_PREFIX = re.compile(
    r"^(?:(?:the\s+)?(?:correct\s+|right\s+|best\s+)?(?:answer|option|choice)\s*(?:is|:)*\s*)",
    re.IGNORECASE,
)
_LETTERED = re.compile(r"^[\s(\[*_`\"']*([A-Za-z])(?![A-Za-z])[)\]*_`\"'.:\s-]*(.*)$", re.DOTALL)


def read_choice(said: str, options: Sequence[str]) -> Choice:
    """Return which option an answer names; none where it names none, or may mean several.

    An answer counts when it is the words of one option, or its letter, alone or before its words.
    """
    rest = _PREFIX.sub("", said.strip())
    words = [_plain(option) for option in options]
    for text in (said, rest):
        if words.count(_plain(text)) == 1:
            return Choice(words.index(_plain(text)), said)
    lettered = _LETTERED.match(rest)
    if lettered is None:
        return Choice(None, said)
    place = LETTERS.find(lettered.group(1).upper())
    after = _plain(lettered.group(2))
    if 0 <= place < len(options) and after in ("", words[place]):
        return Choice(place, said)
    return Choice(None, said)


def _plain(text: str) -> str:
    return " ".join(text.strip(_AROUND).casefold().split())
