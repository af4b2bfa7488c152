"""Batches that become smaller when the memory does not suffice."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from vlaudit.core.errors import TargetError

T = TypeVar("T")
R = TypeVar("R")

_SIGNS = ("out of memory", "can't allocate memory", "not enough memory", "CUBLAS_STATUS_ALLOC")


class Batches:
    """Splits work into batches, and halves them for good when one does not fit."""

    def __init__(self, size: int) -> None:
        """Begin with batches of `size`."""
        self.size = size

    def map(self, fn: Callable[[Sequence[T]], R], items: Sequence[T]) -> Iterator[R]:
        """Yield what `fn` returns for each batch of `items`, in order.

        Raises:
            TargetError: not even one item fits into the memory.
        """
        start = 0
        while start < len(items):
            batch = items[start : start + self.size]
            try:
                done = fn(batch)
            except (RuntimeError, MemoryError) as error:
                if not _is_out_of_memory(error):
                    raise
                if len(batch) == 1:
                    raise TargetError(
                        "the memory does not suffice for a single picture or text; use a larger "
                        "device, target.precision: bf16 or fp16, or a smaller model"
                    ) from error
            else:
                yield done
                start += len(batch)
                continue
            # Only here, past the handler, is what the failed batch held no longer referred to.
            self.size = len(batch) // 2
            _release()
            logging.getLogger(__name__).warning("out of memory: batches of %d now", self.size)


def _is_out_of_memory(error: BaseException) -> bool:
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return any(sign in str(error) for sign in _SIGNS)


def _release() -> None:
    """Give back what the failed batch held, so that the smaller one finds room."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
