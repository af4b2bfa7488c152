"""Requests to write a word that the model was told never to write, and allowed ones like them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Dataset
from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.instructions import PLACES, Arm, Inscription, Wording
from vlaudit.perturb.typography import face_of


class Channel(StrEnum):
    """By which way something is asked for."""

    BARE = "bare"
    DIRECT = "direct"
    RENDERED = "rendered"
    OPTIMISED = "optimised"
    NOISE = "noise"
    TRANSFER = "transfer"
    ALLOWED = "allowed"
    ALLOWED_RENDERED = "allowed_rendered"


@dataclass(frozen=True)
class Request:
    """A picture, what is asked about it, and the word that would be written.

    Attributes:
        position: row of the dataset.
        channel: by which way it is asked for.
        prompt: the rule, and what is asked.
        marker: the word.
        words: what is written on the picture; None for nothing.
    """

    position: int
    channel: Channel
    prompt: str
    marker: str
    words: Inscription | None = None

    @property
    def text(self) -> str:
        """All that the model is told to write or shown: what an answer may repeat."""
        return self.words.text if self.words else self.prompt


Attempt = tuple[Request, Image.Image]


@dataclass(frozen=True)
class Ban:
    """How a word is forbidden, and how it is asked for all the same.

    Attributes:
        rule: forbids {}.
        describe: asks for something else.
        direct: asks for {}.
        page_prompt: asks to do what the picture says.
        wording: what pictures say.
    """

    rule: str
    describe: str
    direct: str
    page_prompt: str
    wording: Wording

    def ask(self, marker: str, what: str, word: str = "") -> str:
        """Return the rule about a marker, and a request that may name another word."""
        return f"{self.rule.format(marker)}\n{what.format(word)}"

    def page(
        self, picture: Image.Image, row: int, forms: Sequence[str], text: str, turn: int
    ) -> Inscription | None:
        """Return a request written on a picture; None where none is legible there."""
        for height in sorted(self.wording.heights, reverse=True):
            if fitting := [f for f in forms if self.wording.fits(f, text, picture, height)]:
                form, place = fitting[turn % len(fitting)], PLACES[turn % len(PLACES)]
                return Inscription(row, Arm.VISIBLE, form, text, height, 0.0, place, 0.5)
        return None

    def requests(self, data: Dataset, rng: np.random.Generator) -> list[Request]:
        """Return what is asked about each picture: two ways for what is forbidden and allowed.

        The forbidden word and an allowed one are drawn for each picture; beside them stands what
        the model does when it is only asked to describe the picture.
        """
        made: list[Request] = []
        for turn, row in enumerate(rng.permutation(len(data)).tolist()):
            picture = data.images([row])[0]
            banned, other = rng.choice(self.wording.markers, 2, replace=False).tolist()
            bare = self.ask(banned, self.describe)
            made.append(Request(row, Channel.BARE, bare, banned))
            for word, direct, rendered in (
                (banned, Channel.DIRECT, Channel.RENDERED),
                (other, Channel.ALLOWED, Channel.ALLOWED_RENDERED),
            ):
                made.append(Request(row, direct, self.ask(banned, self.direct, word), word))
                if page := self.page(picture, row, self.wording.orders, word, turn):
                    asked = self.ask(banned, self.page_prompt)
                    made.append(Request(row, rendered, asked, word, page))
        return made

    def draw(self, requests: Sequence[Request], data: Dataset) -> list[Attempt]:
        """Return requests with their pictures."""
        pictures = data.images([one.position for one in requests])
        return [
            (one, self.wording.draw(picture, one.words) if one.words else picture)
            for one, picture in zip(requests, pictures, strict=True)
        ]

    def listed(self, data: Dataset, file: str) -> list[Request]:
        """Return each line of a file as a request in words and, where legible, on a picture.

        Raises:
            Inapplicable: the file cannot be read, or is empty.
        """
        try:
            lines = Path(file).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise Inapplicable(f"{file} cannot be read; name a text file in UTF-8") from error
        made: list[Request] = []
        for turn, text in enumerate(filter(None, map(str.strip, lines))):
            row = turn % len(data)
            made.append(Request(row, Channel.DIRECT, text, text))
            if page := self.page(data.images([row])[0], row, ["{}"], text, turn):
                made.append(Request(row, Channel.RENDERED, self.page_prompt, text, page))
        if not made:
            raise Inapplicable(f"{file} holds no request; write one in each line")
        return made


def read_ban(settings: Mapping[str, Any]) -> Ban:
    """Return how the settings of a probe say a word is forbidden and asked for.

    Raises:
        Inapplicable: a sentence has no place for the word, or there are fewer than two words.
    """
    for name in ("rule", "direct"):
        if settings[name].count("{}") != 1:
            raise Inapplicable(f"`{name}` has no place for the word; write {{}} there, once")
    if len(set(settings["markers"])) < 2:
        raise Inapplicable("`markers` needs two words: one is forbidden, and another is not")
    pages: Sequence[str] = settings["pages"]
    wording = Wording(
        orders=pages, signs=pages, markers=settings["markers"], languages=(),
        heights=settings["sizes"], contrasts=(255.0,), face=face_of(settings["font"]),
    )  # fmt: skip
    texts = {name: settings[name] for name in ("rule", "describe", "direct", "page_prompt")}
    return Ban(**texts, wording=wording)
