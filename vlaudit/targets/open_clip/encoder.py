"""A dual encoder of open_clip as a target."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL.Image import Image

from vlaudit.core.target import Matrix
from vlaudit.targets.batches import Batches
from vlaudit.targets.fingerprint import fingerprint

if TYPE_CHECKING:
    from torch import Tensor


class OpenClipTarget:
    """CLIP, SigLIP and CoCa encoders as open_clip builds them.

    Scores are cosines times the model's own scale, plus its bias where it has one.
    """

    def __init__(
        self,
        model: Any,
        preprocess: Any,
        tokenize: Callable[[list[str]], "Tensor"],
        *,
        name: str,
        batch_size: int = 64,
    ) -> None:
        """Wrap a model, its validation transform and its tokenizer; freezes the weights."""
        from open_clip import get_model_preprocess_cfg
        from torchvision.transforms import Compose

        self.name = name
        self._model = model.eval().requires_grad_(False)
        *shaping, self._normalise = preprocess.transforms
        self._to_pixels: Callable[[Image], Tensor] = Compose(shaping)
        self._tokenize = tokenize
        self._batches = Batches(batch_size)
        self._text_cache: dict[tuple[str, ...], Tensor] = {}
        self.fingerprint = fingerprint(model, get_model_preprocess_cfg(model))

    @property
    def device(self) -> Any:
        """The torch device of the weights."""
        return next(self._model.parameters()).device

    @property
    def is_exact(self) -> bool:
        """Tell whether all weights have full precision."""
        return all("32" in str(parameter.dtype) for parameter in self._model.parameters())

    def pixels(self, images: Sequence[Image]) -> "Tensor":
        """Return pictures resized and cropped, float32 in [0, 1], (images, 3, height, width)."""
        import torch

        return torch.stack([self._to_pixels(image) for image in images]).to(self.device)

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        """Return L2-normalised embeddings, float32 of shape (images, dimensions)."""
        import torch

        with torch.inference_mode():
            parts = self._batches.map(self._encode_images, images)
            return _matrix(torch.cat(list(parts)))

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return L2-normalised embeddings, float32 of shape (texts, dimensions)."""
        return _matrix(self._encode_texts(texts))

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return the logits of embeddings (images, d) against (texts, d)."""
        scale, bias = self._scale_and_bias()
        return np.asarray(images @ texts.T * scale.item() + bias.item(), dtype=np.float32)

    def score_pairs(self, images: Sequence[Image], texts: Sequence[str]) -> Matrix:
        """Return logits, float32 of shape (images, texts)."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))

    def pixel_scores(self, pixels: "Tensor", texts: Sequence[str]) -> "Tensor":
        """Return logits (images, texts), differentiable with respect to `pixels`."""
        key = tuple(texts)
        if key not in self._text_cache:
            self._text_cache = {key: self._encode_texts(texts).clone()}
        scale, bias = self._scale_and_bias()
        return self.embed_pixels(pixels) @ self._text_cache[key].T * scale + bias

    def _encode_images(self, images: Sequence[Image]) -> "Tensor":
        return self.embed_pixels(self.pixels(images))

    def embed_pixels(self, pixels: "Tensor") -> "Tensor":
        """Return L2-normalised embeddings, (images, dimensions), differentiable in `pixels`."""
        seen = self._normalised(pixels)
        encoded: Tensor = self._model.encode_image(seen, normalize=True).float()
        return encoded

    def _normalised(self, pixels: "Tensor") -> "Tensor":
        normalised: Tensor = self._normalise(pixels)
        return normalised.to(next(self._model.visual.parameters()).dtype)

    def _encode_texts(self, texts: Sequence[str]) -> "Tensor":
        import torch

        with torch.no_grad():
            return torch.cat(list(self._batches.map(self._encode_tokens, texts)))

    def _encode_tokens(self, texts: Sequence[str]) -> "Tensor":
        tokens = self._tokenize(list(texts)).to(self.device)
        encoded: Tensor = self._model.encode_text(tokens, normalize=True).float()
        return encoded

    def _scale_and_bias(self) -> tuple["Tensor", "Tensor"]:
        bias = getattr(self._model, "logit_bias", None)
        scale = self._model.logit_scale.detach().float().exp()
        return scale, scale.new_zeros(()) if bias is None else bias.detach().float()


def _matrix(tensor: "Tensor") -> Matrix:
    return np.asarray(tensor.cpu().numpy(), dtype=np.float32)
