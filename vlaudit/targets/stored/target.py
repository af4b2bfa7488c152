"""A target that looks up what a model once said."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np
from PIL.Image import Image

from vlaudit.core.dataset import Pictures
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Matrix
from vlaudit.targets.stored.tables import Tables

V = TypeVar("V")

CHUNK = 256
NAMED = 3


class StoredPredictions:
    """Answers from tables; it has only the abilities that its tables serve.

    Pictures are recognised by their pixels. About others, such as altered ones, and about texts
    that are in no table, nothing is stored: the probe that asks is skipped, with the reason.
    """

    def __init__(
        self,
        tables: Tables,
        rows: Pictures,
        *,
        name: str,
        fingerprint: str,
        scale: float,
        bias: float,
    ) -> None:
        """Serve the predictions in `tables` about the pictures of `rows`."""
        self.name = name
        self.fingerprint = fingerprint
        self._tables = tables
        self._rows = rows
        self._scale = np.float32(scale)
        self._bias = np.float32(bias)
        # A protocol is met by having its method, so that what is not stored must have none.
        if tables.images:
            self.embed_images: Callable[[Sequence[Image]], Matrix] = self._embed_images
        if tables.texts:
            self.embed_texts: Callable[[Sequence[str]], Matrix] = self._embed_texts
        if tables.images and tables.texts:
            self.scores: Callable[[Matrix, Matrix], Matrix] = self._scores
        if tables.scores or (tables.images and tables.texts):
            self.score_pairs: Callable[[Sequence[Image], Sequence[str]], Matrix] = self._score_pairs
        if tables.answers:
            self.write_text: Callable[[Sequence[Image], Sequence[str]], list[str]] = self._write

    def _embed_images(self, images: Sequence[Image]) -> Matrix:
        return self._tables.image_matrix[_places(self._tables.images, self._ids(images), "picture")]

    def _embed_texts(self, texts: Sequence[str]) -> Matrix:
        return self._tables.text_matrix[_places(self._tables.texts, texts, "text")]

    def _scores(self, images: Matrix, texts: Matrix) -> Matrix:
        return np.asarray(images @ texts.T * self._scale + self._bias, dtype=np.float32)

    def _score_pairs(self, images: Sequence[Image], texts: Sequence[str]) -> Matrix:
        if not self._tables.scores:
            return self._scores(self._embed_images(images), self._embed_texts(texts))
        pairs = [(key, text) for key in self._ids(images) for text in texts]
        found = _values(self._tables.scores, pairs, "score")
        return np.asarray(found, dtype=np.float32).reshape(len(images), len(texts))

    def _write(self, images: Sequence[Image], prompts: Sequence[str]) -> list[str]:
        pairs = list(zip(self._ids(images), prompts, strict=True))
        return _values(self._tables.answers, pairs, "answer")

    def _ids(self, images: Sequence[Image]) -> list[str]:
        known = self._by_pixels
        found = [known.get(_digest(image)) for image in images]
        strange = sum(one is None for one in found)
        if strange:
            raise Inapplicable(
                f"nothing is stored about {strange} of {len(images)} pictures: the probe alters "
                "pictures, or they are not in the data; audit the model itself for this probe"
            )
        return [one for one in found if one is not None]

    @cached_property
    def _by_pixels(self) -> dict[bytes, str]:
        """Return the id of each picture of the data by its pixels; decodes them all, once."""
        return dict(self._digests())

    def _digests(self) -> Iterator[tuple[bytes, str]]:
        from PIL.Image import Image as Picture

        ids = self._rows.ids()
        for start in range(0, len(ids), CHUNK):
            places = range(start, min(start + CHUNK, len(ids)))
            for place, picture in zip(places, self._rows.decode(places), strict=True):
                if isinstance(picture, Picture):
                    yield _digest(picture), ids[place]


def _digest(image: Image) -> bytes:
    return hashlib.sha256(f"{image.size}".encode() + image.convert("RGB").tobytes()).digest()


def _places(known: Mapping[str, int], wanted: Sequence[str], what: str) -> list[int]:
    absent = [one for one in wanted if one not in known]
    if absent:
        raise Inapplicable(
            f"no embedding is stored of {len(absent)} of {len(wanted)} {what}s, such as "
            f"{', '.join(map(repr, absent[:NAMED]))}; add them to {what}s.parquet"
        )
    return [known[one] for one in wanted]


def _values(
    known: Mapping[tuple[str, str], V], wanted: Sequence[tuple[str, str]], what: str
) -> list[V]:
    absent = [text for pair in wanted if pair not in known for text in pair[1:]]
    if absent:
        raise Inapplicable(
            f"no {what} is stored of {len(absent)} of {len(wanted)} pairs of picture and text, "
            f"such as {', '.join(map(repr, list(dict.fromkeys(absent))[:NAMED]))}; add them to "
            f"{what}s.parquet"
        )
    return [known[pair] for pair in wanted]
