"""Which words are plain English, which of them are frequent, and which are names as well.

A recogniser that learns from generated sentences knows few words; the lexicon tells it of every
token whether English has such a word. What English does not have is more likely a name.
"""

import gzip
import importlib.util
from collections.abc import Iterable, Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from vlaudit.detect.names.people import Pools

FILE = "lexicon.txt.gz"
FREQUENT_RANKS = 20_000
WORD, FREQUENT, ALSO_A_NAME = 40, 41, 42  # spaCy's free flags, read by the recogniser
ENDINGS = ("'s", "s", "es", "ed", "d", "ing", "ly", "er", "y")
Lexicon = Mapping[str, frozenset[int]]


def build(words: Iterable[str], pools: Pools) -> dict[str, frozenset[int]]:
    """Gather English words and mark them.

    Words are those of the public-domain list web2, of `words`, and the whole words of CLIP's
    vocabulary, which is ordered by frequency in captions of the web.
    """
    from english_words import get_english_words_set

    web2 = {word for word in get_english_words_set(["web2"]) if word.isalpha() and word.islower()}
    english = web2 | {word.lower() for word in words if word.isalpha()}
    clip = _clip_words()
    names = {
        part.lower()
        for area in (*pools.given, *pools.surname)
        for name in area
        for part in name.replace("-", " ").split()
    }
    frequent = {word for word in clip[:FREQUENT_RANKS] if _stem(word, english)}
    known = english | frequent | (names & set(clip))
    return {
        word: frozenset(
            {WORD}
            | ({FREQUENT} if word in frequent else set())
            | ({ALSO_A_NAME} if word in names else set())
        )
        for word in known
        if 2 < len(word) < 15
    }


def _clip_words() -> list[str]:
    spec = importlib.util.find_spec("open_clip")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("open_clip is not installed; its vocabulary is needed")
    merges = gzip.decompress(
        (Path(spec.origin).parent / "bpe_simple_vocab_16e6.txt.gz").read_bytes()
    )
    whole = ["".join(line.split()) for line in merges.decode().splitlines()[1:48_895]]
    words = [word.removesuffix("</w>") for word in whole if word.endswith("</w>")]
    return [word for word in words if word.isalpha() and word.isascii()]


def _stem(word: str, known: Iterable[str] | Lexicon) -> str | None:
    """Return the form of a word that is known: itself, or without a plain ending."""
    if word in known:
        return word
    stems = (word.removesuffix(ending) for ending in ENDINGS if word.endswith(ending))
    return next((stem for stem in stems if len(stem) > 2 and stem in known), None)


def _compound(word: str, known: Lexicon) -> bool:
    """Tell whether a word is made of two others, such as "ashtray"."""
    cuts = range(3, len(word) - 2)
    return any(word[:cut] in known and _stem(word[cut:], known) for cut in cuts)


def write(lexicon: Lexicon, folder: Path) -> None:
    """Write the lexicon, one word a line with its flags."""
    lines = [" ".join([word, *map(str, sorted(lexicon[word]))]) for word in sorted(lexicon)]
    (folder / FILE).write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))


def read(folder: Path) -> Lexicon:
    """Read the lexicon of a recogniser's folder."""
    lines = gzip.decompress((folder / FILE).read_bytes()).decode().splitlines()
    entries = [line.partition(" ")[::2] for line in lines]
    sets = {flags: frozenset(map(int, flags.split())) for flags in {flags for _, flags in entries}}
    return {word: sets[flags] for word, flags in entries}


def attach(nlp: Any, lexicon: Lexicon) -> None:
    """Let the vocabulary of a pipeline look every token up."""
    for flag in (WORD, FREQUENT, ALSO_A_NAME):
        nlp.vocab.add_flag(_lookup(lexicon, flag), flag)


def _lookup(lexicon: Lexicon, flag: int) -> Any:
    def marked(text: str) -> bool:
        form = _stem(text.lower(), lexicon)
        if form is None:
            return flag == WORD and _compound(text.lower(), lexicon)
        return flag in lexicon[form]

    return marked


def plain_word(span: Any) -> bool:
    """Tell whether a span is one English word in lower case that is no name, such as "deep".

    A frequent word is one even if people bear it: a man with beard is not Mr Beard. Always false
    in a pipeline without the lexicon.
    """
    if len(span) != 1 or not span.text.islower():
        return False
    word = span[0].lex
    is_common = word.check_flag(FREQUENT) or not word.check_flag(ALSO_A_NAME)
    return bool(word.check_flag(WORD) and is_common)


def load_shipped() -> Any:
    """Load the shipped recogniser, a spaCy pipeline with its lexicon attached."""
    import spacy

    with as_file(files("vlaudit.detect.names") / "model") as folder:
        nlp = spacy.load(folder)
        attach(nlp, read(folder))
    return nlp
