"""Holds the index of a model in several files against what the files hold."""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

Misplaced = tuple[str, str, str]


def misplaced(
    index: str, content: bytes, held: Mapping[str, Collection[str]]
) -> Iterator[Misplaced]:
    """Yield file, tensor and fault for each tensor that is not where the index says.

    Args:
        index: name of the index; the files stand beside it.
        content: JSON with a mapping `weight_map` from tensor to file.
        held: names of the tensors that each safetensors file holds, by its name.
    """
    try:
        placed = json.loads(content)["weight_map"]
        stated = {str(tensor): str(file) for tensor, file in placed.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        yield index, "", "is an index that cannot be read"
        return
    here = PurePosixPath(index).parent
    shards = {str(here / file) for file in stated.values()}
    for tensor, file in stated.items():
        shard = str(here / file)
        if shard.endswith(".safetensors") and tensor not in held.get(shard, ()):
            yield shard, tensor, "lacks a tensor that the index places there"
    for shard in sorted(shards & set(held)):
        for tensor in sorted(set(held[shard]) - set(stated)):
            yield shard, tensor, "holds a tensor that the index does not know"
