"""Finds names of people in text, with the shipped recogniser or one that the user installed."""

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from vlaudit.core.errors import InputError, MissingExtraError
from vlaudit.detect.names.lexicon import load_shipped, plain_word
from vlaudit.detect.names.words import borrowed_names

BETTER_MODELS = ("en_core_web_trf", "en_core_web_lg", "en_core_web_md", "en_core_web_sm")
PERSON_LABELS = frozenset({"PERSON", "PER"})
NAME = re.compile(r"[^\W_].*?(?=(?:['\u2019]s)?[\W_]*$)", re.IGNORECASE | re.DOTALL)
CODE = re.compile(r"[\s#:.-]*[A-Z]{0,3}\d")
Span = tuple[int, int]


@dataclass(frozen=True)
class NameRecogniser:
    """A recogniser and its name, which is printed beside the numbers that depend on it.

    Attributes:
        label: which recogniser it is, with its version.
        spans: returns raw character spans of people for each of some texts.
    """

    label: str
    spans: Callable[[Sequence[str]], Iterator[Sequence[Span]]]

    def find(self, texts: Sequence[str]) -> Iterator[list[Span]]:
        """Yield the names of people in each text as (start, end), without quotes and "'s".

        Brands and things that carry a person's name, such as Calvin Klein jeans, are left out.
        """
        things = re.compile("|".join(map(re.escape, borrowed_names())), re.IGNORECASE)
        for text, raw in zip(texts, self.spans(texts), strict=True):
            trimmed = [_trimmed(text, span) for span in raw]
            borrowed = [thing.span() for thing in things.finditer(text)] if trimmed else []
            yield [
                (start, end)
                for start, end in trimmed
                if _could_be_a_name(text, start, end)
                and not any(first <= start and end <= last for first, last in borrowed)
            ]


def _could_be_a_name(text: str, start: int, end: int) -> bool:
    """Tell whether a piece of text has letters, no digits, and is no prefix of a number."""
    name = text[start:end]
    if sum(map(str.isalpha, name)) < 2 or any(map(str.isdigit, name)):
        return False
    return not (name.isupper() and CODE.match(text, end))


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    name = NAME.search(text, start, end)
    return (name.start(), name.end()) if name else (start, start)


@cache
def load(wanted: str = "auto") -> NameRecogniser:
    """Return the recogniser that `wanted` names.

    Args:
        wanted: `auto` (the best installed English spaCy model, or else the shipped one),
            `shipped`, `spacy:NAME` or `transformers:NAME`.

    Raises:
        InputError: `wanted` names no recogniser, or one that is not installed.
        MissingExtraError: `transformers:` without the library.
    """
    import spacy

    library, _, name = wanted.partition(":")
    if wanted == "auto":
        installed = spacy.util.get_installed_models()
        name = next((model for model in BETTER_MODELS if model in installed), "")
        library = "spacy" if name else "shipped"
    if library == "shipped":
        return _from_spacy(load_shipped(), "shipped name recogniser")
    if library == "spacy" and name:
        try:
            return _from_spacy(spacy.load(name), f"spaCy {name}")
        except OSError as error:
            raise InputError(
                f"recogniser {wanted!r}: spaCy has no model {name!r}; install it, or use `shipped`"
            ) from error
    if library == "transformers" and name:
        return _from_transformers(name)
    raise InputError(
        f"recogniser {wanted!r} is none of auto, shipped, spacy:NAME and transformers:NAME"
    )


def _from_spacy(nlp: Any, label: str) -> NameRecogniser:
    def spans(texts: Iterable[str]) -> Iterator[Sequence[Span]]:
        unneeded = [name for name in ("parser", "lemmatizer", "textcat") if name in nlp.pipe_names]
        with nlp.select_pipes(disable=unneeded):
            for doc in nlp.pipe(texts, batch_size=256):
                people = [e for e in doc.ents if e.label_ in PERSON_LABELS and not plain_word(e)]
                yield [(span.start_char, span.end_char) for span in people]

    return NameRecogniser(f"{label} {nlp.meta['version']}", spans)


def _from_transformers(name: str) -> NameRecogniser:
    try:
        transformers: Any = importlib.import_module("transformers")
    except ImportError as error:
        raise MissingExtraError(extra="hf", purpose=f"the name recogniser {name}") from error
    tag = transformers.pipeline("token-classification", model=name, aggregation_strategy="simple")

    def spans(texts: Sequence[str]) -> Iterator[Sequence[Span]]:
        for found in tag(list(texts), batch_size=32):
            people = [part for part in found if part["entity_group"] in PERSON_LABELS]
            yield [(part["start"], part["end"]) for part in people]

    return NameRecogniser(f"transformers {name}", spans)
