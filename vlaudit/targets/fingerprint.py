"""What makes two models the same: their weights and their preprocessing."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def fingerprint(model: Any, shaping: Mapping[str, Any]) -> str:
    """Return SHA-256 over names, types, shapes and bytes of all weights, and the preprocessing.

    Args:
        model: a torch module.
        shaping: how pictures and texts are prepared, as plain values.
    """
    import torch

    state = hashlib.sha256(json.dumps(shaping, sort_keys=True, default=str).encode())
    for name, tensor in sorted(model.state_dict().items()):
        state.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        raw = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        state.update(raw.numpy().data)
    return state.hexdigest()
