"""Embeds pictures through a target and through a bare open_clip loop, turn by turn in one run.

Prints pictures a second of both, their ratio and the largest difference of their embeddings.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from PIL import Image
from safetensors.torch import save_file

from vlaudit import targets
from vlaudit.core.config import TargetConfig
from vlaudit.core.target import EmbedsImages

PICTURES = 64
ROUNDS = 5
BATCH = 32
AT_LEAST = 0.95
MODEL = {
    "embed_dim": 256,
    "vision_cfg": {"image_size": 224, "layers": 6, "width": 384, "patch_size": 32},
    "text_cfg": {"context_length": 77, "width": 128, "heads": 4, "layers": 2},
}


def open_clip_folder(folder: Path) -> Path:
    """Save a random model of open_clip and return its folder."""
    config = {"model_cfg": MODEL, "preprocess_cfg": {}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    weights = open_clip.create_model(f"local-dir:{folder}").state_dict()
    kept = {name: tensor.contiguous() for name, tensor in weights.items()}
    save_file(kept, folder / "open_clip_model.safetensors")
    return folder


def bare_open_clip(folder: Path) -> Callable[[Sequence[Image.Image]], Any]:
    """Return the loop that a user would write by hand."""
    made: Any = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    model, preprocess = made[0].eval(), made[2]

    def embed(images: Sequence[Image.Image]) -> Any:
        with torch.inference_mode():
            parts = [
                model.encode_image(
                    torch.stack([preprocess(image) for image in images[at : at + BATCH]]),
                    normalize=True,
                )
                for at in range(0, len(images), BATCH)
            ]
            return torch.cat(parts).numpy()

    return embed


def seconds(embed: Callable[[Sequence[Image.Image]], Any], images: Sequence[Image.Image]) -> float:
    """Return how long one pass takes: of the processor's time, where it does the work alone.

    So what else the machine does weighs less.
    """
    clock = time.perf_counter if torch.cuda.is_available() else time.process_time
    began = clock()
    embed(images)
    return clock() - began


def main() -> None:
    """Measure turn by turn, so that what else the machine does weighs on both alike."""
    rng = np.random.default_rng(0)
    images = [
        Image.fromarray(rng.integers(0, 256, (320, 400, 3), dtype=np.uint8))
        for _ in range(PICTURES)
    ]
    with tempfile.TemporaryDirectory() as place:
        folder = open_clip_folder(Path(place))
        target = targets.load(TargetConfig(model=str(folder), batch_size=BATCH), base=Path()).target
        assert isinstance(target, EmbedsImages)
        bare = bare_open_clip(folder)
    same = float(np.abs(target.embed_images(images[:8]) - bare(images[:8])).max())
    pairs = [(seconds(bare, images), seconds(target.embed_images, images)) for _ in range(ROUNDS)]
    by_hand, through = (min(column) for column in zip(*pairs, strict=True))
    ratio = by_hand / through
    print(f"{PICTURES} pictures of 400 x 320, batches of {BATCH}, best of {ROUNDS} rounds")
    print(f"bare open_clip loop {PICTURES / by_hand:8.1f} pictures/s")
    print(f"vlaudit target      {PICTURES / through:8.1f} pictures/s, ratio {ratio:.3f}")
    print(f"largest difference of embeddings {same:.1e}")
    if ratio < AT_LEAST:
        sys.exit(f"slower than {AT_LEAST} of the bare loop")


if __name__ == "__main__":
    main()
