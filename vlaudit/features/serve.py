"""What probes are given: embeddings of rows and texts, and the scores between them."""

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

import numpy as np

from vlaudit.core.dataset import Dataset
from vlaudit.core.errors import TargetError
from vlaudit.core.target import DualEncoder, EmbedsTexts, Matrix, ScoresPairs, Target, Vector
from vlaudit.features.embeddings import Embeddings
from vlaudit.features.encode import Encoded
from vlaudit.features.neighbours import Neighbours, nearest

TEXTS_AT_ONCE = 256
T = TypeVar("T")


class TargetFeatures:
    """Features of one target over one dataset; texts are embedded, and pairs scored, once."""

    def __init__(self, target: Target, encoded: Encoded, *, batch_size: int = 64) -> None:
        """Serve the embeddings of `encoded`, whose rows are those of the whole dataset."""
        self._target = target
        self._encoded = encoded
        self._batch_size = batch_size
        self._texts: dict[str, Matrix] = {}
        self._scored: dict[str, Vector] = {}
        self._worked_out: dict[str, tuple[Dataset, object]] = {}

    def once(self, name: str, data: Dataset, work: Callable[[], T]) -> T:
        """Return what was worked out last under a name for the same rows, or work it out.

        Rows are the same where they are one object: another selection is worked out anew.
        """
        kept = self._worked_out.get(name)
        if kept is None or kept[0] is not data:
            kept = self._worked_out[name] = (data, work())
        return cast("T", kept[1])

    def images(self, data: Dataset) -> Matrix:
        """Return the normalised embeddings of these rows, (rows, dimensions)."""
        return self._encoded.embeddings.take(np.searchsorted(self._encoded.rows, data.rows))

    def neighbours(self, data: Dataset, count: int, *, rng: np.random.Generator) -> Neighbours:
        """Return the nearest neighbours of these rows among each other, by position in `data`.

        The search is exact for few rows; for many its recall is measured and said.
        """
        chosen = np.searchsorted(self._encoded.rows, data.rows)
        whole = len(chosen) == len(self._encoded.rows)
        among = self._encoded.embeddings if whole else Embeddings([self.images(data)])
        return nearest(among, count=count, rng=rng)

    def texts(self, texts: Sequence[str]) -> Matrix:
        """Return the normalised embeddings of these texts, (texts, dimensions).

        Raises:
            TargetError: the target does not embed texts.
        """
        if not isinstance(self._target, EmbedsTexts):
            raise TargetError(f"{self._target.name} does not embed texts")
        new = [text for text in dict.fromkeys(texts) if text not in self._texts]
        for start in range(0, len(new), TEXTS_AT_ONCE):
            batch = new[start : start + TEXTS_AT_ONCE]
            self._texts.update(zip(batch, self._target.embed_texts(batch), strict=True))
        return np.stack([self._texts[text] for text in texts])

    def scores(self, data: Dataset, texts: Sequence[str]) -> Matrix:
        """Return the logits of each row against each text, (rows, texts).

        Raises:
            TargetError: the target does not score pairs.
        """
        if isinstance(self._target, DualEncoder):
            return self._target.scores(self.images(data), self.texts(texts))
        if not isinstance(self._target, ScoresPairs):
            raise TargetError(f"{self._target.name} does not score pairs of picture and text")
        chosen = np.searchsorted(self._encoded.rows, data.rows)
        unknown = np.full(len(self._encoded.rows), np.nan, dtype=np.float32)
        known = {text: self._scored.setdefault(text, unknown.copy()) for text in texts}
        lacking = [text for text, scores in known.items() if np.isnan(scores[chosen]).any()]
        for start in range(0, len(data) if lacking else 0, self._batch_size):
            places = range(start, min(start + self._batch_size, len(data)))
            made = self._target.score_pairs(data.images(places), lacking)
            for text, scores in zip(lacking, made.T, strict=True):
                known[text][chosen[places]] = scores
        return np.stack([known[text][chosen] for text in texts], axis=1)
