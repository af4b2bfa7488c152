"""A dual encoder of open_clip as a target."""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL.Image import Image

from vlaudit.core.target import Matrix

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
        from torchvision.transforms import Compose

        self.name = name
        self._model = model.eval().requires_grad_(False)
        *shaping, self._normalise = preprocess.transforms
        self._to_pixels: Callable[[Image], Tensor] = Compose(shaping)
        self._tokenize = tokenize
        self._batch_size = batch_size
        self._text_cache: dict[tuple[str, ...], Tensor] = {}
        self.fingerprint = _fingerprint(model)

    @property
    def device(self) -> Any:
        """The torch device of the weights."""
        return next(self._model.parameters()).device

    @property
    def parameters(self) -> int:
        """Number of parameters."""
        return sum(parameter.numel() for parameter in self._model.parameters())

    def pixels(self, images: Sequence[Image]) -> "Tensor":
        """Return pictures resized and cropped, float32 in [0, 1], (images, 3, height, width)."""
        import torch

        return torch.stack([self._to_pixels(image) for image in images]).to(self.device)

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        """Return L2-normalised embeddings, float32 of shape (images, dimensions)."""
        import torch

        with torch.inference_mode():
            return _matrix(self._encode_pixels(self.pixels(images)))

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return L2-normalised embeddings, float32 of shape (texts, dimensions)."""
        return _matrix(self._encode_texts(texts))

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return the logits of embeddings (images, d) against (texts, d)."""
        scale, bias = self._scale_and_bias()
        return np.asarray(images @ texts.T * scale.item() + bias.item(), dtype=np.float32)

    def score_pairs(self, images: Sequence[Image], texts: Sequence[str]) -> Matrix:
        """Return logits, float32 of shape (images, texts)."""
        wanted = list(texts)
        parts = [
            self.scores(self.embed_images(images[at : at + self._batch_size]), embedded)
            for embedded in [self.embed_texts(wanted)]
            for at in range(0, len(images), self._batch_size)
        ]
        return np.concatenate(parts)

    def pixel_scores(self, pixels: "Tensor", texts: Sequence[str]) -> "Tensor":
        """Return logits (images, texts), differentiable with respect to `pixels`."""
        key = tuple(texts)
        if key not in self._text_cache:
            self._text_cache = {key: self._encode_texts(texts).clone()}
        scale, bias = self._scale_and_bias()
        return self._encode_pixels(pixels) @ self._text_cache[key].T * scale + bias

    def _encode_pixels(self, pixels: "Tensor") -> "Tensor":
        weights = next(self._model.visual.parameters())
        normalised = self._normalise(pixels).to(weights.dtype)
        encoded: Tensor = self._model.encode_image(normalised, normalize=True).float()
        return encoded

    def _encode_texts(self, texts: Sequence[str]) -> "Tensor":
        import torch

        with torch.no_grad():
            parts = [
                self._model.encode_text(
                    self._tokenize(list(texts[at : at + self._batch_size])).to(self.device),
                    normalize=True,
                ).float()
                for at in range(0, len(texts), self._batch_size)
            ]
            return torch.cat(parts)

    def _scale_and_bias(self) -> tuple["Tensor", "Tensor"]:
        bias = getattr(self._model, "logit_bias", None)
        scale = self._model.logit_scale.detach().float().exp()
        return scale, scale.new_zeros(()) if bias is None else bias.detach().float()


def _matrix(tensor: "Tensor") -> Matrix:
    return np.asarray(tensor.cpu().numpy(), dtype=np.float32)


def _fingerprint(model: Any) -> str:
    """Return SHA-256 over names, types, shapes and bytes of all weights, and the preprocessing."""
    import torch
    from open_clip import get_model_preprocess_cfg

    shaping = json.dumps(get_model_preprocess_cfg(model), sort_keys=True, default=str)
    state = hashlib.sha256(shaping.encode())
    for name, tensor in sorted(model.state_dict().items()):
        state.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        raw = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        state.update(raw.numpy().data)
    return state.hexdigest()
