"""The model under audit, and the abilities that a probe may ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image
from pydantic import Field

from vlaudit.core.record import Record

if TYPE_CHECKING:
    from torch import Tensor

Matrix = NDArray[np.float32]
Vector = NDArray[np.float32]


@runtime_checkable
class Target(Protocol):
    """A model with a name for people and a fingerprint for machines."""

    @property
    def name(self) -> str:
        """Name as the user gave it."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 over weights and preprocessing: equal fingerprints give equal numbers."""
        ...


@runtime_checkable
class EmbedsImages(Target, Protocol):
    """Encodes pictures."""

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        """Return L2-normalised embeddings, float32 of shape (images, dimensions)."""
        ...


@runtime_checkable
class EmbedsTexts(Target, Protocol):
    """Encodes texts into the space of the pictures."""

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return L2-normalised embeddings, float32 of shape (texts, dimensions)."""
        ...


@runtime_checkable
class ScoresPairs(Target, Protocol):
    """Says how well each text fits each picture."""

    def score_pairs(self, images: Sequence[Image], texts: Sequence[str]) -> Matrix:
        """Return logits at the model's own scale, float32 of shape (images, texts)."""
        ...


@runtime_checkable
class DualEncoder(EmbedsImages, EmbedsTexts, ScoresPairs, Protocol):
    """Scores a pair from its two embeddings, so that scores follow from cached features."""

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return the logits of embeddings (images, d) against (texts, d)."""
        ...


@runtime_checkable
class WritesText(Target, Protocol):
    """Answers a prompt about a picture in words."""

    def write_text(self, images: Sequence[Image], prompts: Sequence[str]) -> list[str]:
        """Return one text for each pair of a picture and its prompt."""
        ...


@runtime_checkable
class RanksAnswers(Target, Protocol):
    """Weighs the options of a question about a picture."""

    def rank_answers(
        self, images: Sequence[Image], questions: Sequence[str], options: Sequence[str]
    ) -> Matrix:
        """Return log-likelihoods, float32 of shape (images, options)."""
        ...


@dataclass(frozen=True)
class Choice:
    """What an answer in multiple choice came to.

    Attributes:
        option: place of the chosen option; None where the answer names none, or may mean several.
            Such an answer is neither right nor wrong, and is counted by itself.
        said: the answer in words.
    """

    option: int | None
    said: str


@runtime_checkable
class ChoosesAnswers(Target, Protocol):
    """Answers questions about pictures in multiple choice, in words."""

    def choose_answers(
        self, images: Sequence[Image], questions: Sequence[str], options: Sequence[str]
    ) -> list[Choice]:
        """Return what was chosen for each pair of a picture and its question."""
        ...


@runtime_checkable
class WeighsTokens(Target, Protocol):
    """Says how likely it finds a text about a picture, token by token."""

    def weigh_tokens(
        self, images: Sequence[Image], prompts: Sequence[str], texts: Sequence[str]
    ) -> list[Vector]:
        """Return the log-likelihood of each token of each text, given its picture and prompt.

        One float32 array of at least one number for each picture; marks of the end are not counted.
        """
        ...


@runtime_checkable
class GivesGradients(Target, Protocol):
    """Lets pixels be optimised against its pair scores.

    Pixels are float32 tensors of shape (images, 3, height, width) in [0, 1] on the target's
    device, after resizing and cropping; normalisation happens inside the model.
    """

    def pixels(self, images: Sequence[Image]) -> "Tensor":
        """Return the pictures as the model takes them, before normalisation."""
        ...

    def pixel_scores(self, pixels: "Tensor", texts: Sequence[str]) -> "Tensor":
        """Return logits at the model's own scale, (images, texts), differentiable in pixels."""
        ...


class Ability(StrEnum):
    """An ability as cards name it."""

    EMBEDS_IMAGES = "embeds_images"
    EMBEDS_TEXTS = "embeds_texts"
    SCORES_PAIRS = "scores_pairs"
    WRITES_TEXT = "writes_text"
    RANKS_ANSWERS = "ranks_answers"
    CHOOSES_ANSWERS = "chooses_answers"
    WEIGHS_TOKENS = "weighs_tokens"
    GIVES_GRADIENTS = "gives_gradients"

    def held_by(self, target: Target) -> bool:
        """Tell whether `target` has this ability."""
        match self:
            case Ability.EMBEDS_IMAGES:
                return isinstance(target, EmbedsImages)
            case Ability.EMBEDS_TEXTS:
                return isinstance(target, EmbedsTexts)
            case Ability.SCORES_PAIRS:
                return isinstance(target, ScoresPairs)
            case Ability.WRITES_TEXT:
                return isinstance(target, WritesText)
            case Ability.RANKS_ANSWERS:
                return isinstance(target, RanksAnswers)
            case Ability.CHOOSES_ANSWERS:
                return isinstance(target, ChoosesAnswers)
            case Ability.WEIGHS_TOKENS:
                return isinstance(target, WeighsTokens)
            case Ability.GIVES_GRADIENTS:
                return isinstance(target, GivesGradients)


class TargetFacts(Record):
    """What the run folder says about the target."""

    name: str
    fingerprint: str
    kind: str
    abilities: tuple[Ability, ...]
    lacks: dict[Ability, str] = Field(default_factory=dict)
    """Why the target cannot do what it cannot do."""
    device: str
    precision: str
    threads: int
    parameters: int | None = None
    details: dict[str, str | int | float | bool] = Field(default_factory=dict)
