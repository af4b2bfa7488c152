"""Where a model runs and in which number format."""

from typing import TYPE_CHECKING

from vlaudit.core.config import Precision, TargetConfig
from vlaudit.core.errors import InputError

if TYPE_CHECKING:
    from torch import dtype


def settle_device(config: TargetConfig) -> str:
    """Return the torch device to use, and let torch use as many threads as were asked for.

    Raises:
        InputError: the device is not there.
    """
    import torch

    if config.threads is not None:
        torch.set_num_threads(config.threads)
    wanted = config.device
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise InputError(f"target.device: {wanted} was asked for, but torch sees no CUDA device")
    if wanted.startswith("cuda:") and int(wanted[5:]) >= torch.cuda.device_count():
        raise InputError(
            f"target.device: {wanted} was asked for, but torch sees "
            f"{torch.cuda.device_count()} CUDA devices, counted from 0"
        )
    if wanted == "mps" and not torch.backends.mps.is_available():
        raise InputError("target.device: mps was asked for, but torch sees no Apple GPU")
    return wanted


def dtype_of(precision: Precision) -> "dtype":
    """Return the torch type of a number format; `auto` is fp32, which gives the exact numbers."""
    import torch

    return {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision, torch.float32)
