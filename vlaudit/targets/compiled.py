"""Models compiled by torch for speed, where that works and leaves the answers as they were."""

import logging
from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any

import numpy as np
from PIL import Image

from vlaudit.core.target import EmbedsImages, EmbedsTexts, Matrix, ScoresPairs, Target

log = logging.getLogger(__name__)

TEXTS = ("a photo of a cat", "two dogs in the snow")
ROUNDING = 2e-3
FACT = "compiled"
PARTS = ("visual", "transformer", "text", "text_decoder", "vision_model", "text_model")


class Compiled:
    """The forward pass of a module, compiled; as it was from the first time that this fails."""

    def __init__(self, module: Any, *, backend: Any, complain: Callable[[Exception], None]) -> None:
        """Wrap `module`, which is compiled when it is called."""
        import torch

        self._plain = module.forward
        self._fast: Any = torch.compile(module.forward, backend=backend)
        self._complain = complain
        # transformers looks at the signature of a forward pass.
        update_wrapper(self, module.forward)

    def __call__(self, *given: Any, **options: Any) -> Any:
        """Run the module."""
        from torch._dynamo.exc import TorchDynamoException

        if self._fast is not None:
            try:
                return self._fast(*given, **options)
            except TorchDynamoException as error:
                self._fast = None
                self._complain(error)
        return self._plain(*given, **options)


def parts_of(model: Any) -> list[Any]:
    """Return what encodes pictures and texts in a model, or else the model itself."""
    import torch

    found = [getattr(model, name, None) for name in PARTS]
    return [part for part in found if isinstance(part, torch.nn.Module)] or [model]


def compile_parts(target: Target, parts: Sequence[Any], *, backend: Any) -> dict[str, str]:
    """Compile parts of the model of `target` and return what came of it, as a named fact.

    Two pictures are asked about before and after: compiling must not change what is answered. A
    part that cannot be compiled, now or at a later call, runs as before, and a warning says so.

    Args:
        target: the target that runs the parts.
        parts: torch modules.
        backend: what torch.compile takes for one; None compiles nothing and is no fact.
    """
    if backend is None:
        return {}
    before, failed = _answers(target), list[str]()

    def complain(error: Exception) -> None:
        # The first line names the backend, the second what it said.
        failed.append(" ".join(str(error).split("\n", 2)[:2])[:300])
        log.warning("%s runs uncompiled: %s", target.name, failed[-1])

    for part in parts:
        part.forward = Compiled(part, backend=backend, complain=complain)
    after = _answers(target)
    if failed:
        return {FACT: f"no, {failed[0]}"}
    largest = max(float(np.abs(one - two).max()) for one, two in zip(before, after, strict=True))
    if largest > ROUNDING * max(1.0, *(float(np.abs(one).max()) for one in before)):
        for part in parts:
            del part.forward
        log.warning("%s runs uncompiled: compiling changes its answers by %g", target.name, largest)
        return {FACT: f"no, it changes the answers by {largest:g}"}
    return {FACT: f"yes, by {backend}"}


def _answers(target: Target) -> list[Matrix]:
    """Return what the target says of two pictures and texts."""
    noise = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    images = [Image.fromarray(one) for one in noise]
    if isinstance(target, EmbedsImages) and isinstance(target, EmbedsTexts):
        return [target.embed_images(images), target.embed_texts(TEXTS)]
    return [target.score_pairs(images, TEXTS)] if isinstance(target, ScoresPairs) else []
