"""Trains the reference models: small open_clip CLIPs on pictures drawn as they are needed."""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PIL import Image

from vlaudit.core.target import Matrix

if TYPE_CHECKING:
    from open_clip.model import CLIP
    from torch import Tensor

log = logging.getLogger(__name__)

Pair = tuple[Image.Image, str]
Source = Callable[[np.random.Generator], Pair]

CONTEXT = 32
TOKEN_TABLES = ("token_embedding.weight", "embed_tokens.weight")
MODEL: dict[str, Any] = {
    "embed_dim": 128,
    "vision_cfg": {"image_size": 64, "layers": [1, 2, 2, 1], "width": 20, "head_width": 64},
    "text_cfg": {
        "context_length": CONTEXT,
        "vocab_size": 49408,
        "width": 64,
        "heads": 2,
        "layers": 2,
    },
}
PREPROCESSING = {
    "size": 64,
    "mode": "RGB",
    "mean": [0.5, 0.5, 0.5],
    "std": [0.25, 0.25, 0.25],
    "interpolation": "bicubic",
    "resize_mode": "shortest",
    "fill_color": 0,
}


@dataclass(frozen=True)
class Schedule:
    """How long and how hard to train; `batch` pairs a step, learning rate in one cycle."""

    steps: int
    rate: float
    seed: int
    batch: int = 128
    decay: float = 0.05


def build_model(*, seed: int) -> "CLIP":
    """Return an untrained reference model with weights drawn by `seed`."""
    import torch
    from open_clip.model import CLIP

    torch.manual_seed(seed)
    return CLIP(**MODEL, init_logit_scale=2.66)


def load_model(folder: Path) -> "CLIP":
    """Return the model in `folder` as open_clip loads it, in evaluation mode."""
    import open_clip

    model, _, _ = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    return cast("CLIP", model.eval())


def save_model(model: "CLIP", folder: Path) -> None:
    """Write weights as fp16 safetensors with the configuration that open_clip looks for."""
    from safetensors.torch import save

    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
        for name, tensor in model.state_dict().items()
    }
    weights_file = folder / "open_clip_model.safetensors"
    weights_file.write_bytes(save(weights, metadata={"format": "pt"}))
    config = {"model_cfg": MODEL, "preprocess_cfg": PREPROCESSING}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def train(
    model: "CLIP",
    mixture: Mapping[Source, float],
    schedule: Schedule,
    *,
    gate: Callable[["CLIP"], Mapping[str, float]],
    every: int = 250,
) -> None:
    """Train `model` in place on pairs drawn from `mixture` (source -> share of each batch).

    Pairs with equal captions count as positives of each other. What `gate` measures is logged
    every so many steps.
    """
    import torch

    rng = np.random.default_rng(schedule.seed)
    tokenize = tokenizer()
    model.train().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(
        decayed(model, schedule.decay), lr=schedule.rate, betas=(0.9, 0.98)
    )
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=schedule.rate, total_steps=schedule.steps, pct_start=0.1
    )
    start = time.monotonic()
    for step in range(1, schedule.steps + 1):
        pictures, captions = draw_batch(mixture, schedule.batch, rng)
        with torch.autocast("cpu", torch.bfloat16):
            loss = contrast(model, pictures, captions, tokenize)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        cycle.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, np.log(100))
        if step % every == 0 or step == schedule.steps:
            measured = " ".join(f"{key} {value:.3f}" for key, value in gate(model.eval()).items())
            log.info("step %d, %.0f s: %s", step, time.monotonic() - start, measured)
            model.train()
    model.eval()


def draw_batch(
    mixture: Mapping[Source, float], size: int, rng: np.random.Generator
) -> tuple["Tensor", list[str]]:
    """Return normalised pixels, float32 (size, 3, 64, 64), and captions drawn from `mixture`."""
    sources = list(mixture)
    shares = np.array([mixture[source] for source in sources])
    chosen = rng.choice(len(sources), size=size, p=shares / shares.sum())
    pairs = [sources[index](rng) for index in chosen]
    return to_pixels([picture for picture, _ in pairs]), [text for _, text in pairs]


def embed_pictures(model: "CLIP", pictures: Sequence[Image.Image]) -> Matrix:
    """Return normalised embeddings of 64-pixel pictures, (pictures, 128)."""
    import torch

    with torch.inference_mode():
        parts = [
            model.encode_image(pixels, normalize=True)
            for pixels in torch.split(to_pixels(pictures), 128)
        ]
    return np.asarray(torch.cat(parts).float())


def embed_texts(model: "CLIP", texts: Sequence[str]) -> Matrix:
    """Return normalised embeddings of texts, (texts, 128)."""
    import torch

    with torch.inference_mode():
        embedded = model.encode_text(tokenizer()(list(texts)), normalize=True)
    return np.asarray(embedded.float())


def tokenizer() -> Callable[[list[str]], "Tensor"]:
    """Return open_clip's byte-pair tokenizer at the context length of the reference models."""
    from open_clip.tokenizer import SimpleTokenizer

    tokenize: Callable[[list[str]], Tensor] = SimpleTokenizer(context_length=CONTEXT)
    return tokenize


def to_pixels(pictures: Sequence[Image.Image]) -> "Tensor":
    """Return pictures of the model's own size as it takes them, (pictures, 3, 64, 64)."""
    import torch

    stacked = np.stack([np.asarray(picture, dtype=np.float32) for picture in pictures])
    return torch.from_numpy((stacked / 255 - 0.5) / 0.25).permute(0, 3, 1, 2)


def contrast(
    model: "CLIP",
    pixels: "Tensor",
    captions: Sequence[str],
    tokenize: Callable[[list[str]], "Tensor"],
) -> "Tensor":
    """Return the symmetric contrastive loss; pairs with equal captions are all positives."""
    import torch.nn.functional as F
    from torch import tensor

    unique = {text: index for index, text in enumerate(dict.fromkeys(captions))}
    which = tensor([unique[text] for text in captions])
    images = model.encode_image(pixels, normalize=True).float()
    texts = model.encode_text(tokenize(list(unique)), normalize=True).float()[which]
    logits = model.logit_scale.exp() * images @ texts.T
    same = (which[:, None] == which[None, :]).float()
    wanted = same / same.sum(dim=1, keepdim=True)
    return (F.cross_entropy(logits, wanted) + F.cross_entropy(logits.T, wanted)) / 2


def decayed(model: Any, decay: float) -> list[dict[str, Any]]:
    """Return parameter groups: matrices decay, gains, biases and the token table do not."""
    plain: list[Tensor] = []
    decayed: list[Tensor] = []
    for name, parameter in model.named_parameters():
        still = parameter.ndim < 2 or name.endswith(TOKEN_TABLES)
        (plain if still else decayed).append(parameter)
    return [{"params": decayed, "weight_decay": decay}, {"params": plain, "weight_decay": 0.0}]
