"""Tells the language of a text by its small words."""

import importlib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl")
UNKNOWN = "und"
WORD = re.compile(r"[^\W\d_]+")
# Prepositions and articles that captions live on and that spaCy's stop words lack.
ALSO: Mapping[str, str] = {
    "en": "a an the of with on in by and is photo picture image",
    "de": "ein eine einem einer foto bild im am auf mit und der die das vom",
    "fr": "un une des du le la les au aux photo avec sur dans et à l d",
    "es": "un una unos el la los las del con en y foto de al",
    "it": "un una uno il lo la gli le del della di con su nel nella e foto al",
    "pt": "um uma uns o a os as do da dos das com em no na e foto de ao",
    "nl": "een het de van met op in en bij foto aan",
    "pl": "na w z i do od przy ze zdjęcie oraz nad pod u jest",
}
SIGNS: Mapping[str, str] = {
    "de": "äöüß", "fr": "çèêëîïœùû", "es": "ñ¿¡", "it": "òì", "pt": "ãõç", "pl": "ąćęłńśźż",
}  # fmt: skip


@dataclass(frozen=True)
class Languages:
    """The small words of each language, each weighing less the more languages share it."""

    weights: Mapping[str, Mapping[str, float]]

    def of(self, text: str) -> str:
        """Return the two letters of the language of a text, or `und` where nothing tells it."""
        points: dict[str, float] = defaultdict(float)
        for word in WORD.findall(text.lower()):
            for language, weight in self.weights.get(word, {}).items():
                points[language] += weight
        for language, signs in SIGNS.items():
            points[language] += sum(map(text.lower().count, signs)) / 2
        ranked = sorted(points.values(), reverse=True)
        if ranked[0] == 0 or ranked[0] == ranked[1]:
            return UNKNOWN
        return max(points, key=points.__getitem__)


def languages() -> Languages:
    """Read spaCy's stop words and put them together; those that captions live on weigh double."""
    small = {
        code: {
            *importlib.import_module(f"spacy.lang.{code}.stop_words").STOP_WORDS,
            *ALSO[code].split(),
        }
        for code in LANGUAGES
    }
    shared = Counter(word for words in small.values() for word in words)
    weights: dict[str, dict[str, float]] = {}
    for code, words in small.items():
        for word in words:
            weight = (2 if word in ALSO[code].split() else 1) / shared[word]
            weights.setdefault(word, {})[code] = weight
    return Languages(weights)
