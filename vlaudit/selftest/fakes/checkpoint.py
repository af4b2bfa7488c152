"""A model that is nothing but its files, with faults planted in them one by one."""

import hashlib
import io
import json
import pickle
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from vlaudit.selftest.memory import MemoryDataset

Files = dict[str, bytes]
WEIGHTS = "model.safetensors"
LIST = "SHA256SUMS"


@dataclass(frozen=True)
class MemoryFiles:
    """Files that live in memory."""

    contents: Mapping[str, bytes]
    digests: Mapping[str, str] = field(default_factory=dict[str, str])
    tensors: Collection[str] = ()
    left_out: Sequence[str] = ()

    @property
    def names(self) -> Sequence[str]:
        """Path of each file."""
        return sorted(self.contents)

    def open(self, name: str) -> BinaryIO:
        """Open one of the files for reading."""
        return io.BytesIO(self.contents[name])


@dataclass(frozen=True)
class Checkpoint:
    """A target that can show its files and do nothing else."""

    files: MemoryFiles
    name: str = "checkpoint"
    fingerprint: str = "1" * 64


class Calls:
    """Pickles as a call of a function by name, which nobody has to have imported."""

    def __init__(self, function: str, *arguments: object) -> None:
        """Take the full name of a function and its arguments."""
        self.function = function
        self.arguments = arguments

    def as_pickle(self) -> bytes:
        """Return the pickle, by protocol 0, in which names are plain text."""
        module, _, attribute = self.function.rpartition(".")
        pushed = b"".join(pickle.dumps(one, protocol=0)[:-1] for one in self.arguments)
        return f"c{module}\n{attribute}\n(".encode() + pushed + b"tR."


def build(
    *, faults: Sequence[str] = (), hashed: bool = True, shards: int = 1
) -> tuple[Checkpoint, MemoryDataset]:
    """Return a model in `shards` files with every one of `faults` planted.

    Faults: shell, hidden_shell, broken_pickle, harmless_pickle, code, auto_map, template, altered,
    missing, stranger, adapter, nan, infinite, trailing, and the innocents mask and read_me.
    """
    rng = np.random.default_rng(0)
    weights = {f"layer.{i}": rng.normal(size=(8, 4)).astype(np.float32) for i in range(6)}
    architecture, left_out = set(weights), list[str]()
    files: Files = {"config.json": json.dumps({"model_type": "clip"}).encode()}
    for fault in faults:
        if fault in PLANTED_TENSORS:
            PLANTED_TENSORS[fault](weights)
    if "stranger" in faults:
        left_out.append("extra.weight")
    if "mask" in faults:
        architecture.add("attn_mask")
    files |= _sharded(weights, shards)
    for fault in faults:
        if fault in PLANTED_FILES:
            PLANTED_FILES[fault](files)
    if hashed:
        lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in sorted(files)]
        files[LIST] = "\n".join(lines).encode()
    if "altered" in faults:
        files["config.json"] += b" "
    if "missing" in faults:
        del files["config.json"]
    kept = MemoryFiles(files, tensors=architecture, left_out=left_out)
    return Checkpoint(kept), MemoryDataset(values={}, name="nothing")


def _sharded(weights: Mapping[str, Any], shards: int) -> Files:
    if shards == 1:
        return {WEIGHTS: safetensors(weights)}
    files: Files = {}
    placed: dict[str, str] = {}
    for index in range(shards):
        name = f"model-{index + 1:05d}-of-{shards:05d}.safetensors"
        part = {key: weights[key] for key in sorted(weights)[index::shards]}
        placed |= dict.fromkeys(part, name)
        files[name] = safetensors(part)
    files[f"{WEIGHTS}.index.json"] = json.dumps({"weight_map": placed}).encode()
    return files


def safetensors(tensors: Mapping[str, Any]) -> bytes:
    """Return arrays of float32 as a file of that format."""
    header: dict[str, Any] = {}
    body = b""
    for name, array in tensors.items():
        raw = np.asarray(array, dtype="<f4").tobytes()
        ends = [len(body), len(body) + len(raw)]
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": ends}
        body += raw
    head = json.dumps(header).encode()
    return len(head).to_bytes(8, "little") + head + body


def _zipped(member: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", member)
        archive.writestr("archive/data/0", bytes(64))
    return buffer.getvalue()


def _set(name: str, index: int, number: float) -> Callable[[dict[str, Any]], None]:
    def change(weights: dict[str, Any]) -> None:
        weights[name].ravel()[index] = number

    return change


def _add(name: str, number: float = 0.5) -> Callable[[dict[str, Any]], None]:
    return lambda weights: weights.update({name: np.full((2, 2), number, np.float32)})


def _file(name: str, content: bytes) -> Callable[[Files], None]:
    return lambda files: files.update({name: content})


def _trail(files: Files) -> None:
    files[WEIGHTS] += b"\0" * 16


SHELL = Calls("os.system", "true").as_pickle()
PLANTED_TENSORS: Mapping[str, Callable[[dict[str, Any]], None]] = {
    "stranger": _add("extra.weight"),
    "adapter": _add("layer.0.lora_A.weight"),
    "nan": _set("layer.1", 3, float("nan")),
    "infinite": _set("layer.2", 0, float("inf")),
    "mask": _add("attn_mask", float("-inf")),
}
PLANTED_FILES: Mapping[str, Callable[[Files], None]] = {
    "shell": _file("pytorch_model.bin", SHELL),
    "hidden_shell": _file("optimiser.state", _zipped(SHELL)),
    "broken_pickle": _file("weights.pt", pickle.dumps(list(range(99)))[:-9]),
    "harmless_pickle": _file("scaler.pkl", pickle.dumps({"mean": [0.5], "std": (1, 2)})),
    "code": _file("modeling_clip.py", b"print('hello')\n"),
    "auto_map": _file("processor_config.json", b'{"auto_map": {"AutoModel": "m.Model"}}'),
    "template": _file("chat_template.jinja", b"{{ ''.__class__.__mro__ }}"),
    "read_me": _file("README.md", b"c os\nsystem\n"),
    "trailing": _trail,
}
