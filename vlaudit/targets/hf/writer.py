"""A generative model whose scores can be followed down to the pixels, and the choice of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PIL import Image

from vlaudit.core.config import GenerationConfig
from vlaudit.core.errors import TargetError
from vlaudit.core.questions import FITS
from vlaudit.core.target import Ability
from vlaudit.targets.batches import Batches
from vlaudit.targets.hf.generator import YES, Asked, TransformersGenerator
from vlaudit.targets.hf.pixels import RAGGED, Normalisation, measure_normalisation, prepare
from vlaudit.targets.hf.prompts import Prompter

if TYPE_CHECKING:
    from torch import Tensor

SPACELESS = "a generative model has no common space of pictures and texts"


class DifferentiableGenerator(TransformersGenerator):
    """A generative model that takes a picture as one rectangle of pixels."""

    def __init__(
        self,
        model: Any,
        prompter: Prompter,
        normalisation: Normalisation,
        *,
        name: str,
        fingerprint: str,
        batches: Batches,
        generation: GenerationConfig,
    ) -> None:
        """Wrap a model and the normalisation that its image processor ends with."""
        super().__init__(
            model,
            prompter,
            name=name,
            fingerprint=fingerprint,
            batches=batches,
            generation=generation,
        )
        self._normalisation = normalisation

    def pixels(self, images: Sequence[Image.Image]) -> "Tensor":
        """Return pictures resized and cropped, float32 in [0, 1], (images, 3, height, width)."""
        values = prepare(self._prompter.processor.image_processor, images)["pixel_values"]
        return self._normalisation.undo(values.float()).to(self.device)

    def pixel_likelihoods(
        self, pixels: "Tensor", prompts: Sequence[str], texts: Sequence[str]
    ) -> "Tensor":
        """Return the log-likelihood of each text after its prompt, (images,).

        Summed over its tokens; differentiable with respect to `pixels`.
        """
        blank = Image.new("RGB", (pixels.shape[-1], pixels.shape[-2]))
        values = self._normalisation.apply(pixels).to(next(self._model.parameters()).dtype)
        asked = [
            Asked(blank, self._prompter.wording(prompt), text)
            for prompt, text in zip(prompts, texts, strict=True)
        ]
        return self.log_likelihoods(asked, total=True, pixel_values=values)

    def pixel_scores(self, pixels: "Tensor", texts: Sequence[str]) -> "Tensor":
        """Return log-odds (images, texts), differentiable with respect to `pixels`."""
        import torch

        height, width = pixels.shape[-2:]
        blank = Image.new("RGB", (width, height))
        weights = next(self._model.parameters())
        values = self._normalisation.apply(pixels).to(weights.dtype)
        columns: list[Tensor] = []
        if self.scores_by_caption:
            for text, less in zip(texts, self.unseen(texts), strict=True):
                asked = self.described([blank] * len(pixels), [text])
                fits = self.log_likelihoods(asked, total=True, pixel_values=values)
                columns.append(fits - float(less))
            return torch.stack(columns, dim=1)
        for text in texts:
            worded = self._prompter.wording(FITS.format(text))
            asked = [Asked(blank, worded, YES)] * len(pixels)
            columns.append(self.log_odds(asked, pixel_values=values))
        return torch.stack(columns, dim=1)


def make_generator(
    model: Any,
    processor: Any,
    *,
    name: str,
    fingerprint: str,
    batches: Batches,
    generation: GenerationConfig,
) -> tuple[TransformersGenerator, dict[Ability, str]]:
    """Return the target of a model that writes, and why it cannot do what it cannot do.

    Raises:
        TargetError: the processor lacks the part for pictures or that for words.
    """
    for part in ("image_processor", "tokenizer"):
        if getattr(processor, part, None) is None:
            raise TargetError(
                f"target {name}: the folder has no {part.replace('_', ' ')}; save the whole "
                "processor beside the weights (processor.save_pretrained)"
            )
    prompter = Prompter(processor, model.config.model_type)
    lacks: dict[Ability, str] = {
        Ability.EMBEDS_IMAGES: SPACELESS,
        Ability.EMBEDS_TEXTS: SPACELESS,
    }
    normalisation = measure_normalisation(processor.image_processor)
    plain: dict[str, Any] = {
        "name": name,
        "fingerprint": fingerprint,
        "batches": batches,
        "generation": generation,
    }
    if normalisation is None:
        lacks[Ability.GIVES_GRADIENTS] = RAGGED
        return TransformersGenerator(model, prompter, **plain), lacks
    return DifferentiableGenerator(model, prompter, normalisation, **plain), lacks
