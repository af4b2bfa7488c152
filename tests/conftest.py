"""What several tests need: small real models, and the wheel."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TREE = Path(__file__).resolve().parent.parent

ModelMaker = Callable[..., Path]


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> ModelMaker:
    """Return a function that saves a tiny random open_clip model as a local-dir folder."""

    def make(*, image_size: int = 32, seed: int = 0, **overrides: Any) -> Path:
        import torch
        from open_clip import create_model
        from safetensors.torch import save_file

        folder = tmp_path_factory.mktemp("model")
        model_cfg = {
            "embed_dim": 16,
            "vision_cfg": {"image_size": image_size, "layers": [1, 1, 1, 1], "width": 8},
            "text_cfg": {"context_length": 16, "width": 16, "heads": 2, "layers": 1},
            **overrides,
        }
        shaping = {"mean": [0.4, 0.5, 0.6], "std": [0.3, 0.2, 0.25]}
        config = {"model_cfg": model_cfg, "preprocess_cfg": shaping}
        (folder / "open_clip_config.json").write_text(json.dumps(config))
        torch.manual_seed(seed)
        weights = create_model(f"local-dir:{folder}").state_dict()
        save_file(
            {name: tensor.contiguous() for name, tensor in weights.items()},
            folder / "open_clip_model.safetensors",
        )
        return folder

    return make


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and return its path."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*build, str(TREE)], check=True, capture_output=True)
    return next(folder.glob("*.whl"))
