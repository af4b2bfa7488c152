"""Sets of words, such as words for women, and which of them a text uses."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.probe import Inapplicable

Flags = NDArray[np.bool_]
WordSets: TypeAlias = Mapping[str, tuple[str, ...]]

_WORD = re.compile(r"[^\W\d_]+")


def read_sets(entries: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the sets that entries such as `crime: thief, criminal` name, in order.

    Raises:
        Inapplicable: an entry names no set or no word.
    """
    found: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        name, _, listed = entry.partition(":")
        words = tuple(word.strip() for word in listed.split(",") if word.strip())
        if not name.strip() or not words:
            raise Inapplicable(f"word set {entry!r} is not of the form `name: word, word`")
        found[name.strip()] = words
    return found


def words_of(text: str) -> list[str]:
    """Return the words of a text without their case; figures and signs part words."""
    return _WORD.findall(text.casefold())


def used(texts: Sequence[Sequence[str]], sets: WordSets) -> Flags:
    """Tell which texts, given as words, use a word of each set, (sets, texts)."""
    wanted = [{word.casefold() for word in words} for words in sets.values()]
    flags = [[not words.isdisjoint(text) for text in texts] for words in wanted]
    return np.array(flags, dtype=np.bool_).reshape(len(wanted), len(texts))


def set_of_group(group: str | None, sets: WordSets) -> int | None:
    """Return the set that is about a group: one of its words, its name, or the name's beginning.

    `woman`, `female` and `f` all belong to a set `female: woman, girl`.
    """
    name = (group or "").strip().casefold()
    for at, (title, words) in enumerate(sets.items()):
        if name and (title.casefold().startswith(name) or name in map(str.casefold, words)):
            return at
    return None


def set_of_rows(groups: Sequence[str | None], sets: WordSets) -> NDArray[np.intp]:
    """Return the set that is about the group of each row, (rows,); -1 where none is."""
    known = {group: set_of_group(group, sets) for group in set(groups)}
    found = [known[group] for group in groups]
    return np.array([-1 if at is None else at for at in found], dtype=np.intp)
