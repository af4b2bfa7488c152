"""A dual encoder of transformers as a target."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PIL import Image

from vlaudit.core.errors import TargetError
from vlaudit.core.target import Ability, Matrix
from vlaudit.targets.batches import Batches
from vlaudit.targets.hf.pixels import RAGGED, Normalisation, measure_normalisation, prepare
from vlaudit.targets.loaded import WORDLESS, WORDS

if TYPE_CHECKING:
    from torch import Tensor


class TransformersEncoder:
    """CLIP, SigLIP, SigLIP 2, ALIGN and their like.

    Scores are cosines times the model's own scale, or over its temperature, plus its bias where
    it has one.
    """

    def __init__(
        self, model: Any, processor: Any, *, name: str, fingerprint: str, batches: Batches
    ) -> None:
        """Wrap a model in evaluation mode and its processor."""
        self.name = name
        self.fingerprint = fingerprint
        self._model = model
        self._shape = processor.image_processor
        self._tokenizer = processor.tokenizer
        self._batches = batches

    @property
    def device(self) -> Any:
        """The torch device of the weights."""
        return next(self._model.parameters()).device

    @property
    def is_exact(self) -> bool:
        """Tell whether the weights have full precision."""
        return "32" in str(next(self._model.parameters()).dtype)

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return L2-normalised embeddings, float32 of shape (images, dimensions)."""
        import torch

        with torch.inference_mode():
            return _matrix(torch.cat(list(self._batches.map(self._encode_images, images))))

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return L2-normalised embeddings, float32 of shape (texts, dimensions)."""
        return _matrix(self._encode_texts(texts))

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return the logits of embeddings (images, d) against (texts, d)."""
        scale, bias = self._scale_and_bias()
        return np.asarray(images @ texts.T * scale.item() + bias.item(), dtype=np.float32)

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return logits, float32 of shape (images, texts)."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))

    def own_scores(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return what the model's own forward pass says of pictures and texts."""
        import torch

        with torch.inference_mode():
            shaped = {**self._shaped(images), **self._tokens(texts)}
            return _matrix(self._model(**shaped).logits_per_image.float())

    def _encode_images(self, images: Sequence[Image.Image]) -> "Tensor":
        return _unit(self._model.get_image_features(**self._shaped(images)))

    def _encode_texts(self, texts: Sequence[str]) -> "Tensor":
        import torch

        with torch.no_grad():
            return torch.cat(list(self._batches.map(self._encode_tokens, texts)))

    def _encode_tokens(self, texts: Sequence[str]) -> "Tensor":
        return _unit(self._model.get_text_features(**self._tokens(texts)))

    def _shaped(self, images: Sequence[Image.Image]) -> dict[str, "Tensor"]:
        weights = next(self._model.parameters())
        made = prepare(self._shape, images).items()
        return {
            name: value.to(self.device, weights.dtype if value.is_floating_point() else None)
            for name, value in made
        }

    def _tokens(self, texts: Sequence[str]) -> dict[str, "Tensor"]:
        """Return token ids, at most as many as the model has positions for.

        SigLIP models were trained on texts padded to the full length, and attend to the padding.
        """
        settings = self._model.config.text_config
        longest = min(
            self._tokenizer.model_max_length,
            getattr(settings, "max_position_embeddings", None) or self._tokenizer.model_max_length,
        )
        made = self._tokenizer(
            list(texts),
            padding="max_length" if "siglip" in self._model.config.model_type else True,
            truncation=True,
            max_length=longest,
            return_tensors="pt",
        )
        return {name: value.to(self.device) for name, value in made.items()}

    def _scale_and_bias(self) -> tuple["Tensor", "Tensor"]:
        temperature = getattr(self._model, "temperature", None)
        if temperature is not None:
            scale = 1 / temperature.detach().float()
        else:
            scale = self._model.logit_scale.detach().float().exp()
        bias = getattr(self._model, "logit_bias", None)
        return scale, scale.new_zeros(()) if bias is None else bias.detach().float()


class DifferentiableEncoder(TransformersEncoder):
    """A dual encoder that takes a picture as one rectangle of pixels."""

    def __init__(
        self,
        model: Any,
        processor: Any,
        normalisation: Normalisation,
        *,
        name: str,
        fingerprint: str,
        batches: Batches,
    ) -> None:
        """Wrap a model, its processor and the normalisation that the processor ends with."""
        super().__init__(model, processor, name=name, fingerprint=fingerprint, batches=batches)
        self._normalisation = normalisation
        self._text_cache: dict[tuple[str, ...], Tensor] = {}

    def pixels(self, images: Sequence[Image.Image]) -> "Tensor":
        """Return pictures resized and cropped, float32 in [0, 1], (images, 3, height, width)."""
        values = prepare(self._shape, images)["pixel_values"].float()
        return self._normalisation.undo(values).to(self.device)

    def pixel_scores(self, pixels: "Tensor", texts: Sequence[str]) -> "Tensor":
        """Return logits (images, texts), differentiable with respect to `pixels`."""
        key = tuple(texts)
        if key not in self._text_cache:
            self._text_cache = {key: self._encode_texts(texts).clone()}
        scale, bias = self._scale_and_bias()
        return self.embed_pixels(pixels) @ self._text_cache[key].T * scale + bias

    def embed_pixels(self, pixels: "Tensor") -> "Tensor":
        """Return L2-normalised embeddings, (images, dimensions), differentiable in `pixels`."""
        weights = next(self._model.parameters())
        values = self._normalisation.apply(pixels).to(weights.dtype)
        return _unit(self._model.get_image_features(pixel_values=values))


def make_encoder(
    model: Any, processor: Any, *, name: str, fingerprint: str, batches: Batches
) -> tuple[TransformersEncoder, dict[Ability, str]]:
    """Return the target of a dual encoder, and why it cannot do what it cannot do.

    Its scores are held against the model's own forward pass on two pictures and texts.

    Raises:
        TargetError: not a dual encoder, or one whose scores are not those of its embeddings.
    """
    _check_parts(model, processor, name)
    plain = TransformersEncoder(
        model, processor, name=name, fingerprint=fingerprint, batches=batches
    )
    _check_scores(plain)
    lacks = dict.fromkeys(WORDS, WORDLESS)
    normalisation = measure_normalisation(processor.image_processor)
    if normalisation is None:
        return plain, {**lacks, Ability.GIVES_GRADIENTS: RAGGED}
    differentiable = DifferentiableEncoder(
        model, processor, normalisation, name=name, fingerprint=fingerprint, batches=batches
    )
    return differentiable, lacks


def _check_parts(model: Any, processor: Any, name: str) -> None:
    lacking = [
        part for part in ("get_image_features", "get_text_features") if not hasattr(model, part)
    ]
    if not hasattr(model, "temperature") and not hasattr(model, "logit_scale"):
        lacking.append("logit_scale")
    if lacking:
        raise TargetError(
            f"target {name}: {type(model).__name__} is neither a dual encoder (no "
            f"{', '.join(lacking)}) nor a model that writes about pictures; it cannot be audited"
        )
    for part in ("image_processor", "tokenizer"):
        if getattr(processor, part, None) is None:
            raise TargetError(
                f"target {name}: the folder has no {part.replace('_', ' ')}; save the whole "
                "processor beside the weights (processor.save_pretrained)"
            )


def _check_scores(target: TransformersEncoder) -> None:
    """Refuse a model that scores pairs in another way than by its embeddings."""
    noise = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    images, texts = [Image.fromarray(one) for one in noise], ["a photo", "two dogs in the snow"]
    own, ours = target.own_scores(images, texts), target.score_pairs(images, texts)
    rounding = 1e-2 if target.is_exact else 0.1
    slack = max(1.0, float(np.abs(own).max())) * rounding
    if own.shape != ours.shape or float(np.abs(own - ours).max()) > slack:
        raise TargetError(
            f"target {target.name}: the model's own scores do not follow from its embeddings; "
            "wrap it in a Python target of your own (target.model: python:MODULE:FUNCTION)"
        )


def _unit(features: Any) -> "Tensor":
    """Return unit vectors from what transformers calls features, a tensor or an output record."""
    from torch.nn.functional import normalize

    tensor = cast("Tensor", getattr(features, "pooler_output", features))
    return normalize(tensor.float(), dim=-1)


def _matrix(tensor: "Tensor") -> Matrix:
    return np.asarray(tensor.cpu().numpy(), dtype=np.float32)
