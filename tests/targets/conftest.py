"""Small models of the real transformers classes, made from configurations and saved to disk."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

transformers: Any = import_module("transformers")

WORDS = ["<pad>", "<bos>", "<eos>", "<unk>", "<image>", "a", "photo", "of", "cat", "dog", "two"]
TEXT = {
    "vocab_size": 64, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
    "num_attention_heads": 2, "max_position_embeddings": 16, "projection_dim": 16,
    "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "initializer_range": 0.5,
}  # fmt: skip
VISION = {
    "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
    "image_size": 32, "patch_size": 8, "projection_dim": 16, "initializer_range": 0.5,
}  # fmt: skip
EFFICIENTNET = {
    "image_size": 32, "hidden_dim": 8, "width_coefficient": 0.1, "depth_coefficient": 0.1,
    "kernel_sizes": [3, 3], "in_channels": [8, 8], "out_channels": [8, 8],
    "depthwise_padding": [], "strides": [1, 2], "num_block_repeats": [1, 1],
    "expand_ratios": [1, 2],
}  # fmt: skip


@pytest.fixture
def images() -> list[Image.Image]:
    rng = np.random.default_rng(0)
    shapes = [(40, 60, 3), (32, 32, 3), (90, 35, 3)]
    return [Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)) for shape in shapes]


def tokenizer(*, length: int = 16) -> Any:
    """Return a tokenizer of whole words that frames a text in <bos> and <eos>."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = {word: index for index, word in enumerate(WORDS)}
    made = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>", special_tokens=[("<bos>", 1), ("<eos>", 2)]
    )
    special = {"pad_token": "<pad>", "bos_token": "<bos>", "eos_token": "<eos>"}
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="<unk>", model_max_length=length, **special
    )


def clip() -> tuple[Any, Any]:
    config = transformers.CLIPConfig(text_config=TEXT, vision_config=VISION, projection_dim=8)
    shape = transformers.CLIPImageProcessor(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}, resample=3
    )
    return transformers.CLIPModel(config), transformers.CLIPProcessor(shape, tokenizer())


def siglip() -> tuple[Any, Any]:
    text = {**TEXT, "projection_size": 16}
    shape = transformers.SiglipImageProcessor(size={"height": 32, "width": 32})
    model = transformers.SiglipModel(
        transformers.SiglipConfig(text_config=text, vision_config=VISION)
    )
    model.logit_scale.data.fill_(1.5)
    model.logit_bias.data.fill_(-3.0)
    return model, transformers.SiglipProcessor(shape, tokenizer())


def siglip2() -> tuple[Any, Any]:
    text = {**TEXT, "projection_size": 16}
    vision = {**VISION, "num_patches": 16}
    shape = transformers.Siglip2ImageProcessor(patch_size=8, max_num_patches=16)
    model = transformers.Siglip2Model(
        transformers.Siglip2Config(text_config=text, vision_config=vision)
    )
    model.logit_scale.data.fill_(1.5)
    model.logit_bias.data.fill_(-3.0)
    return model, transformers.Siglip2Processor(shape, tokenizer())


def align() -> tuple[Any, Any]:
    text = {**TEXT, "max_position_embeddings": 64}
    config = transformers.AlignConfig(
        text_config=text, vision_config=EFFICIENTNET, projection_dim=8
    )
    shape = transformers.EfficientNetImageProcessor(size={"height": 32, "width": 32})
    model = transformers.AlignModel(config)
    model.temperature.data.fill_(0.2)
    return model, transformers.AlignProcessor(shape, tokenizer())


MAKERS = {"clip": clip, "siglip": siglip, "siglip2": siglip2, "align": align}

FolderMaker = Callable[..., Path]


@pytest.fixture(scope="session")
def make_folder(tmp_path_factory: pytest.TempPathFactory) -> FolderMaker:
    """Return a function that saves a tiny random transformers model, once for each kind."""
    kept: dict[tuple[str, int], Path] = {}

    def make(kind: str, *, seed: int = 0) -> Path:
        import torch

        if (kind, seed) not in kept:
            folder = tmp_path_factory.mktemp(kind)
            torch.manual_seed(seed)
            model, processor = MAKERS[kind]()
            model.save_pretrained(folder)
            processor.save_pretrained(folder)
            kept[kind, seed] = folder
        return kept[kind, seed]

    return make


COCA = {
    "vision_cfg": {
        "image_size": 32, "layers": 1, "width": 16, "head_width": 8, "patch_size": 8,
        "attentional_pool": True, "attn_pooler_heads": 2, "output_tokens": True,
    },
    "text_cfg": {
        "context_length": 16, "width": 16, "heads": 2, "layers": 1,
        "embed_cls": True, "output_tokens": True,
    },
    "multimodal_cfg": {
        "context_length": 16, "width": 16, "heads": 2, "layers": 1, "attn_pooler_heads": 2,
    },
    "custom_text": True,
}  # fmt: skip


@pytest.fixture(scope="session")
def coca(make_model: Callable[..., Path]) -> Path:
    """Return a tiny CoCa; what open_clip leaves uninitialised in its decoder is drawn."""
    import torch
    from safetensors.torch import load_file, save_file

    folder = make_model(**COCA)
    weights = folder / "open_clip_model.safetensors"
    torch.manual_seed(0)
    state = {
        name: torch.randn_like(tensor) + (0 if "projection" in name else tensor)
        if "decoder" in name
        else tensor
        for name, tensor in sorted(load_file(weights).items())
    }
    save_file(state, weights)
    return folder
