"""A person's words for a card, `card.yaml`, put where nothing was provided, and what is missing."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from vlaudit.core.errors import InputError
from vlaudit.report.escape import md, paragraphs

NOTHING = "Not provided."
HEADING = re.compile(r"^(#{1,4}) (.+?)(?: \[optional\])?$")
FIELD = re.compile(r"^(- \*\*(.+?):?\*\*:?) Not provided\.$")
LABEL = re.compile(r"^\*\*(.+?):\*\*$")
SIGNED = "*A person's words; not measured.*"


def read_words(path: Path) -> dict[str, str]:
    """Return a person's words by section or field, such as `direct_use` or `developed_by`.

    Raises:
        InputError: the file is no YAML mapping of names to text.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        found = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise InputError(f"{path} cannot be read as YAML: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(word, str) for word in found.values()):
        raise InputError(f"{path}: each line is the name of a section and its text")
    return {str(name): text for name, text in found.items()}


def with_words(card: str, words: Mapping[str, str]) -> str:
    """Return a card with a person's words in the places that are not provided.

    Raises:
        InputError: a name is no open place of this card; evidence is never replaced by words.
    """
    from vlaudit.reading.suggest import did_you_mean

    places = open_places(card)
    unknown = [
        f"card.yaml: {name!r} is no open place of this card{did_you_mean(name, places)}"
        for name in words
        if name not in places
    ]
    if unknown:
        raise InputError(unknown)
    lines = [_spoken(line, name, words) if name in words else line for line, name in _lines(card)]
    return "\n".join(lines)


def open_places(card: str) -> list[str]:
    """Return the names of the sections and fields that say that nothing is provided."""
    return list(dict.fromkeys(name for _, name in _lines(card) if name))


def completeness(card: str) -> tuple[int, int]:
    """Return how many places of a card say something, and how many there are.

    A place is a field in bold, or a section that holds text of its own.
    """
    missing = sum(bool(name) for _, name in _lines(card))
    said, waiting = 0, False
    for line, name in _lines(card):
        if HEADING.match(line):
            waiting = True
        elif line.strip() and not name and not line.startswith("<!--"):
            said += waiting or bool(re.match(r"^- \*\*.+?\*\*", line))
            waiting = False
        elif name:
            waiting = False
    return said, said + missing


def _lines(card: str) -> Iterator[tuple[str, str]]:
    """Yield every line, with the name of its place where it says that nothing is provided."""
    section, label = "", ""
    for line in card.split("\n"):
        if heading := HEADING.match(line):
            section, label = _slug(heading[2]), ""
        if found := LABEL.match(line):
            label = _slug(found[1])
        if field := FIELD.match(line):
            yield line, _slug(field[2])
        elif line.strip() == NOTHING:
            yield line, label or section
        else:
            yield line, ""


def _spoken(line: str, name: str, words: Mapping[str, str]) -> str:
    if field := FIELD.match(line):
        return f"{field[1]} {md(words[name])} {SIGNED}"
    return f"{paragraphs(words[name])}\n\n{SIGNED}"


def _slug(text: str) -> str:
    plain = text.replace("[optional]", "")
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
