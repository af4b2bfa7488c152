"""Reads the tensors of safetensors files: what is declared, and what is no number."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

LARGEST_HEADER = 100_000_000
CHUNK = 1 << 24
# Bits of exponent and mantissa, and bytes, of each floating-point format.
_FLOATS = {"F64": (11, 52, 8), "F32": (8, 23, 4), "F16": (5, 10, 2), "BF16": (8, 7, 2)}
_BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1, "I16": 2, "U16": 2,
    "I32": 4, "U32": 4, "I64": 8, "U64": 8, "C64": 8,
} | {name: size for name, (_, _, size) in _FLOATS.items()}  # fmt: skip


class DamagedError(ValueError):
    """The file is not what the format demands."""


@dataclass(frozen=True)
class Declared:
    """One tensor of a file, as its header declares it.

    Attributes:
        name: name of the tensor.
        dtype: number format, such as `BF16`.
        shape: its shape.
        start: first byte within the file.
        end: byte behind its last.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int

    @property
    def is_float(self) -> bool:
        """Tell whether it holds floating-point numbers."""
        return self.dtype.startswith(("F", "BF"))


def declared(stream: BinaryIO) -> list[Declared]:
    """Return the tensors that a safetensors file declares, in the order of their bytes.

    Raises:
        DamagedError: the header is no header, or its tensors do not fill the file exactly.
    """
    stream.seek(0)
    length = int.from_bytes(stream.read(8), "little")
    if not 2 <= length <= LARGEST_HEADER:
        raise DamagedError("its first eight bytes are no length of a header")
    try:
        header = json.loads(stream.read(length), object_pairs_hook=_once)
        tensors = [_declared(name, told, 8 + length) for name, told in header]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError(f"its header cannot be read ({type(error).__name__})") from error
    tensors.sort(key=lambda tensor: (tensor.start, tensor.end))
    end = stream.seek(0, 2)
    edges = [8 + length, *(tensor.end for tensor in tensors)]
    if [tensor.start for tensor in tensors] != edges[:-1]:
        raise DamagedError("its tensors overlap or leave gaps")
    if edges[-1] != end:
        raise DamagedError(f"its tensors end {end - edges[-1]} bytes before the file does")
    return tensors


def _once(pairs: list[tuple[str, Any]]) -> Any:
    """Return the pairs of the outermost object as they are, each name once; others as mappings."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name occurs twice")
    whole = dict(pairs)
    return whole if "data_offsets" in whole else _Header(pairs)


class _Header(list[tuple[str, Any]]):
    """Pairs of names and what is declared of them, without the free metadata."""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return (pair for pair in super().__iter__() if pair[0] != "__metadata__")


def _declared(name: str, told: dict[str, Any], base: int) -> Declared:
    start, end = (int(offset) for offset in told["data_offsets"])
    dtype, shape = str(told["dtype"]), tuple(int(side) for side in told["shape"])
    size = _BYTES.get(dtype)
    if end < start or start < 0 or (size and prod(shape) * size != end - start):
        raise ValueError(f"{name}: its shape does not fit its bytes")
    return Declared(name, dtype, shape, base + start, base + end)


def not_numbers(stream: BinaryIO, tensor: Declared) -> tuple[int, int]:
    """Return how many numbers of a tensor are NaN, and how many infinite; (0, 0) for integers.

    Formats of 8 bits are looked through for NaN only where they have an infinity (E5M2).
    """
    if tensor.dtype in ("F8_E5M2", "F8_E4M3"):
        exponent, mantissa, size = (5, 2, 1) if tensor.dtype == "F8_E5M2" else (4, 3, 1)
    elif tensor.dtype in _FLOATS:
        exponent, mantissa, size = _FLOATS[tensor.dtype]
    else:
        return 0, 0
    nan = infinite = 0
    stream.seek(tensor.start)
    left = tensor.end - tensor.start
    while left:
        raw = stream.read(min(left, CHUNK))
        if not raw:
            break
        left -= len(raw)
        bits = np.frombuffer(raw, dtype=f"<u{size}")
        found = _special(bits, exponent, mantissa, finite_top=tensor.dtype == "F8_E4M3")
        nan, infinite = nan + found[0], infinite + found[1]
    return nan, infinite


def _special(
    bits: NDArray[Any], exponent: int, mantissa: int, *, finite_top: bool
) -> tuple[int, int]:
    """Count NaN and infinities by their bits; E4M3 (`finite_top`) has no infinity and one NaN."""
    dtype = bits.dtype.type
    fraction = dtype((1 << mantissa) - 1)
    magnitude = bits & dtype((1 << (exponent + mantissa)) - 1)
    top = dtype(((1 << exponent) - 1) << mantissa)
    if finite_top:
        return int((magnitude == (top | fraction)).sum()), 0
    nan, infinite = magnitude > top, magnitude == top
    return int(nan.sum()), int(infinite.sum())


def unpickled_not_numbers(stream: BinaryIO) -> Iterator[tuple[str, int, int]]:
    """Yield name, number of NaN and of infinities of each tensor of a checkpoint that has any.

    It is read by torch's restricted reader, which builds tensors and nothing else; a file that it
    refuses yields nothing.
    """
    import pickle
    import warnings

    import torch

    stream.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            loaded = torch.load(stream, map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError, KeyError, OSError):
        return
    for name, tensor in _named_tensors("", loaded):
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            yield name, int(tensor.isnan().sum()), int(tensor.isinf().sum())


def _named_tensors(name: str, node: Any) -> Iterator[tuple[str, Any]]:
    import torch

    if isinstance(node, torch.Tensor):
        yield name, node
    elif isinstance(node, dict):
        for key, inner in node.items():
            yield from _named_tensors(f"{name}.{key}".lstrip("."), inner)
    elif isinstance(node, list | tuple):
        for index, inner in enumerate(node):
            yield from _named_tensors(f"{name}[{index}]", inner)
