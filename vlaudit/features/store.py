"""Embeddings on disk, addressed by the content they were made from."""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vlaudit.core.target import Matrix


@dataclass(frozen=True)
class Store:
    """A folder of chunks; a chunk is named by the model's fingerprint and its pictures' bytes."""

    folder: Path

    def key(self, fingerprint: str, pictures: Iterable[bytes]) -> str:
        """Return the name of the chunk of these pictures under this model."""
        state = hashlib.sha256(fingerprint.encode())
        for picture in pictures:
            state.update(hashlib.sha256(picture).digest())
        return state.hexdigest()

    def read(self, key: str) -> tuple[Matrix, dict[int, str]] | None:
        """Return embeddings (pictures, dimensions) and why some are unreadable, or None."""
        from safetensors import SafetensorError, safe_open

        path = self._path(key)
        if not path.exists():
            return None
        try:
            with safe_open(path, framework="np") as chunk:
                unreadable = json.loads((chunk.metadata() or {}).get("unreadable", "{}"))
                matrix = np.asarray(chunk.get_tensor("embeddings"), dtype=np.float32)
        except (OSError, SafetensorError, ValueError):
            return None
        return matrix, {int(position): reason for position, reason in unreadable.items()}

    def map(self, key: str) -> Matrix | None:
        """Return the embeddings of a chunk, mapped into memory, or None where there is none.

        A safetensors file is the length of its header as eight bytes, the header as JSON, and then
        the bytes of its tensors.
        """
        path = self._path(key)
        try:
            with path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                header = file.read(min(length, path.stat().st_size))
            tensor = json.loads(header)["embeddings"]
            shape = tuple(tensor["shape"])
            if tensor["dtype"] != "F32" or 0 in shape:
                return None
            start = 8 + length + tensor["data_offsets"][0]
            return np.memmap(path, np.float32, mode="r", offset=start, shape=shape)
        except (OSError, ValueError, LookupError):
            return None

    def write_index(self, name: str, keys: Sequence[str], rows: Sequence[int]) -> None:
        """Keep which chunks, in order, hold the rows of one dataset, for programs to read."""
        shards = [
            {"file": self._path(key).relative_to(self.folder).as_posix(), "rows": count}
            for key, count in zip(keys, rows, strict=True)
        ]
        path = self.folder / f"{name}.index.json"
        with suppress(OSError):
            path.write_text(json.dumps({"rows": sum(rows), "shards": shards}, indent=1))

    def write(self, key: str, embeddings: Matrix, unreadable: dict[int, str]) -> bool:
        """Keep a chunk, whole or not at all, and tell whether the disk took it."""
        from safetensors import SafetensorError
        from safetensors.numpy import save_file

        path = self._path(key)
        partial = path.with_name(f"{path.name}.{os.getpid()}.part")
        metadata = {"unreadable": json.dumps({str(k): why for k, why in unreadable.items()})}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            save_file({"embeddings": embeddings}, partial, metadata=metadata)
            partial.replace(path)
        except (OSError, SafetensorError):
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            return False
        return True

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.safetensors"
