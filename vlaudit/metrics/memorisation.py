"""What a model has kept of single rows: secrets it ranks first, words it goes on with, neighbours.

Sources: exposure of canaries, Carlini et al. 2019; verbatim continuation, Carlini et al. 2023;
deja vu by retrieval, Jayaraman et al. 2024.
"""

import re
import string
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
DIGITS = re.compile(r"\d")
FULL_NAME = re.compile(r"\b[^\W\d_a-z]\w+(?: [^\W\d_a-z]\w+)+")
FEWEST_DIGITS = 3


def rivals(
    text: str, rng: np.random.Generator, *, count: int, names: Sequence[str], last: int = 0
) -> list[str]:
    """Return texts that could stand in the place of a canary, none equal to it.

    Its digits, or the `last` of them, are drawn anew where it has three or more; else its first
    full name, two words or more with capitals, is exchanged for others. Without either there are
    no rivals.

    Args:
        text: the canary.
        rng: draws the digits.
        count: number of rivals.
        names: full names to exchange for.
        last: how many of its last digits were drawn at random; 0 for all. A beginning that numbers
            of this kind share would put the canary before rivals without it.
    """
    made: dict[str, None] = {}
    name = FULL_NAME.search(text)
    if len(DIGITS.findall(text)) >= FEWEST_DIGITS:
        places = [found.start() for found in DIGITS.finditer(text)][-last:]
        for _ in range(4 * count):
            letters = list(text)
            for place in places:
                letters[place] = str(rng.integers(10))
            made["".join(letters)] = None
    elif name is not None:
        for other in names:
            made[text[: name.start()] + other + text[name.end() :]] = None
    made.pop(text, None)
    return list(made)[:count]


def ranks(scores: ArrayLike) -> Floats:
    """Return the rank of the first of each row among all of it, from 1; ties count half.

    Args:
        scores: of a canary and its rivals, (canaries, 1 + rivals).
    """
    given = np.asarray(scores, dtype=np.float64)
    own, others = given[:, :1], given[:, 1:]
    return np.asarray(1 + (others > own).sum(axis=1) + 0.5 * (others == own).sum(axis=1))


def exposure(rank: ArrayLike, count: ArrayLike) -> Floats:
    """Return the bits of a guess that each rank among `count` rivals saves."""
    return np.asarray(np.log2(1 + np.asarray(count)) - np.log2(np.asarray(rank)))


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without signs around them."""
    bare = (word.strip(string.punctuation).lower() for word in text.split())
    return [word for word in bare if word]


def split_prefix(text: str, *, least: int) -> tuple[str, list[str]] | None:
    """Return the first half of a text and the words that follow; None where these are too few.

    Args:
        text: the text.
        least: fewest words that must follow.
    """
    whole = text.split()
    cut = min(max(len(whole) // 2, 1), len(whole) - least)
    following = words(" ".join(whole[cut:])) if cut >= 1 else []
    return (" ".join(whole[:cut]), following) if len(following) >= least else None


def goes_on(written: str, prefix: str, following: Sequence[str], *, least: int) -> bool:
    """Tell whether what a model wrote goes on as the text does, for `least` words or more.

    A model may repeat what it was given before it goes on.
    """
    said, given, wanted = words(written), words(prefix), list(following[:least])
    if said[: len(given)] == given:
        said = said[len(given) :]
    return said[:least] == wanted


def same_among_nearest(
    texts: ArrayLike, pictures: ArrayLike, own: ArrayLike, pool: ArrayLike, *, depth: int
) -> Floats:
    """Return the share of the pictures nearest to each text that show what its own picture shows.

    Args:
        texts: scores of each text against the pool, or its embeddings, (texts, dimensions).
        pictures: embeddings of the pool, (pictures, dimensions).
        own: what each text's own picture shows, (texts,).
        pool: what the pictures of the pool show, (pictures,).
        depth: number of nearest pictures.
    """
    near = np.asarray(texts, dtype=np.float64) @ np.asarray(pictures, dtype=np.float64).T
    depth = min(depth, near.shape[1])
    nearest = np.argpartition(-near, depth - 1, axis=1)[:, :depth]
    shown = np.asarray(pool)[nearest] == np.asarray(own)[:, None]
    return np.asarray(shown.mean(axis=1), dtype=np.float64)
