"""What a model writes about pictures of people: which words, of whom, and how many."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset
from vlaudit.core.errors import TargetError
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import WritesText
from vlaudit.metrics.word_sets import Flags, WordSets, set_of_rows, used, words_of

AT_ONCE, TRIED = 32, 16
FEWEST, MOST_WORDS = 3, 1000
Words = list[str]


def write(
    target: WritesText, data: Dataset, prompt: str, *, progress: Callable[[float], None]
) -> list[str]:
    """Return what the model writes about each picture when given the prompt."""
    written: list[str] = []
    for start in range(0, len(data), AT_ONCE):
        pictures = data.images(range(start, min(start + AT_ONCE, len(data))))
        texts = target.write_text(pictures, [prompt] * len(pictures))
        if len(texts) != len(pictures):
            raise TargetError(f"{len(pictures)} pictures were asked about, {len(texts)} answered")
        written += texts
        progress(len(written) / len(data))
    return written


def telling_prompt(
    target: WritesText, data: Dataset, prompts: Sequence[str], *, rng: np.random.Generator
) -> str:
    """Return the prompt under which texts about some pictures have the most different words.

    A model that follows instructions and one that goes on with the beginning of a caption need
    different ones; under the wrong one they write nothing, or the same again and again.

    Raises:
        Inapplicable: there is no prompt.
    """
    if not prompts:
        raise Inapplicable("setting `prompts` is empty; give one such as 'Describe the picture.'")
    if len(prompts) == 1:
        return prompts[0]
    some = data.select(np.sort(rng.permutation(len(data))[:TRIED]).tolist())
    texts = [write(target, some, prompt, progress=lambda done: None) for prompt in prompts]
    different = [len({word for text in of for word in words_of(text)}) for of in texts]
    return prompts[int(np.argmax(different))]


@dataclass(frozen=True)
class Spoken:
    """Which words the text about each picture uses.

    Attributes:
        words: words of each text, without their case.
        gendered: whether it uses words of each gender, (genders, rows).
        themes: whether it uses words of each theme, (themes, rows).
    """

    words: list[Words]
    gendered: Flags
    themes: Flags

    @property
    def names_gender(self) -> Flags:
        """Whether a text uses words of any gender, (rows,)."""
        return np.asarray(self.gendered.any(axis=0))

    def wrong(self, own: NDArray[np.intp]) -> Flags:
        """Tell which texts use words of another gender and none of the own, (rows,).

        Args:
            own: gender of each row, (rows,); where it is -1 no text is wrong.
        """
        rows = np.arange(own.size)
        return np.asarray((own >= 0) & self.names_gender & ~self.gendered[own, rows])

    def lengths(self) -> NDArray[np.float64]:
        """Return the number of words of each text, (rows,)."""
        return np.array([len(text) for text in self.words], dtype=np.float64)

    def details(self) -> NDArray[np.float64]:
        """Return the number of different words of each text that carry meaning, (rows,)."""
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

        counted = [len(set(text) - ENGLISH_STOP_WORDS) for text in self.words]
        return np.array(counted, dtype=np.float64)

    def telling(self, genders: WordSets, groups: Mapping[str, Sequence[str | None]]) -> Flags:
        """Return which text uses each common word that may not tell the group, (rows, words).

        Words for a gender and the names of groups say it openly, and are left out.
        """
        named = [group or "" for of_row in groups.values() for group in set(of_row)]
        open_words = {word.casefold() for words in genders.values() for word in words}
        open_words |= {word for name in named for word in words_of(name)}
        return presence(without(self.words, open_words), fewest=FEWEST, most=MOST_WORDS)[1]


def spoken(texts: Sequence[str], genders: WordSets, themes: WordSets) -> Spoken:
    """Return the words of texts.

    Raises:
        Inapplicable: no text has a word.
    """
    words = [words_of(text) for text in texts]
    if not any(words):
        raise Inapplicable(
            "the model wrote no word about any picture; give a prompt that it answers (setting "
            "`prompts`)"
        )
    return Spoken(words, used(words, genders), used(words, themes))


def own_gender(
    groups: Mapping[str, Sequence[str | None]], genders: WordSets
) -> tuple[str | None, NDArray[np.intp]]:
    """Return the attribute that is about gender, and the gender of each row, -1 where unknown.

    It is the attribute with the most groups that word sets are about, two at least.
    """
    best: tuple[int, str | None, NDArray[np.intp]] = (1, None, np.empty(0, dtype=np.intp))
    for attribute, of_row in groups.items():
        own = set_of_rows(of_row, genders)
        told = len(set(own.tolist()) - {-1})
        if told > best[0]:
            best = told, attribute, own
    rows = len(next(iter(groups.values()), []))
    return best[1], best[2] if best[1] else np.full(rows, -1, dtype=np.intp)


def without(words: Sequence[Words], hidden: set[str]) -> list[Words]:
    """Return texts without some words."""
    return [[word for word in text if word not in hidden] for text in words]


def presence(words: Sequence[Words], *, fewest: int, most: int) -> tuple[list[str], Flags]:
    """Return the commonest words, and which texts use each, (texts, words).

    Args:
        words: words of each text.
        fewest: number of texts that a word must be in, and be missing from.
        most: number of words.
    """
    count = Counter(word for text in words for word in set(text))
    common = [word for word, n in count.most_common() if fewest <= n <= len(words) - fewest][:most]
    column = {word: at for at, word in enumerate(common)}
    flags = np.zeros((len(words), len(common)), dtype=np.bool_)
    for row, text in enumerate(words):
        flags[row, [column[word] for word in text if word in column]] = True
    return common, flags
