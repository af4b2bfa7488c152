"""Files with a known fault, and files without any, in many shapes."""

import bz2
import gzip
import io
import itertools
import lzma
import pickle
import random
import tarfile
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

import numpy as np

GADGETS = (
    ("os", "system"), ("posix", "system"), ("nt", "system"), ("subprocess", "Popen"),
    ("subprocess", "check_output"), ("builtins", "eval"), ("builtins", "exec"),
    ("builtins", "__import__"), ("builtins", "getattr"), ("__builtin__", "compile"),
    ("runpy", "_run_code"), ("pty", "spawn"), ("importlib", "import_module"),
    ("socket", "create_connection"), ("shutil", "rmtree"), ("webbrowser", "open"),
    ("ctypes", "CDLL"), ("pickle", "loads"), ("_pickle", "loads"), ("marshal", "loads"),
    ("types", "FunctionType"), ("functools", "partial"), ("operator", "attrgetter"),
    ("operator", "methodcaller"), ("urllib.request", "urlopen"), ("requests.api", "get"),
    ("torch.hub", "load"), ("torch", "load"), ("torch.storage", "_load_from_bytes"),
    ("torch.jit", "load"), ("numpy", "load"), ("numpy.testing._private.utils", "runstring"),
    ("pandas", "read_pickle"), ("joblib", "load"), ("pip._internal", "main"), ("timeit", "timeit"),
    ("code", "interact"), ("bdb", "Bdb"), ("asyncio.base_subprocess", "BaseSubprocessTransport"),
    ("idlelib.pyshell", "ModifiedInterpreter"), ("cProfile", "run"), ("some_package", "anything"),
)  # fmt: skip
Maker = Callable[[str, str], bytes]


def text_call(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n(S'true'\ntR.".encode()


def stack_call(module: str, name: str) -> bytes:
    return b"\x80\x04" + _short(module) + _short(name) + b"\x93(" + _short("true") + b"tR."


def memo_call(module: str, name: str) -> bytes:
    """Put the names away first and fetch them from the memo in the other order."""
    put = _short(name) + b"q\x00" + b"0" + _short(module) + b"q\x01" + b"0"
    return b"\x80\x04" + put + b"h\x01h\x00\x93(" + _short("true") + b"tR."


def instance_call(module: str, name: str) -> bytes:
    return f"(S'true'\ni{module}\n{name}\n.".encode()


def object_call(module: str, name: str) -> bytes:
    return f"(c{module}\n{name}\nS'true'\no.".encode()


def hidden_call(module: str, name: str) -> bytes:
    """Bury the call in harmless data and leave the result unused."""
    call = b"\x8c" + bytes([len(module)]) + module.encode()
    call += b"\x8c" + bytes([len(name)]) + name.encode() + b"\x93(" + _short("true") + b"tR0"
    harmless = pickle.dumps({"weights": [1.0, 2.0, 3.0], "step": 7}, protocol=4)
    return harmless[:-1] + call + b"."


def broken_call(module: str, name: str) -> bytes:
    """Call, and then fail: the call has run by then."""
    return text_call(module, name)[:-1] + b"\xff\xff\xff"


def later_call(module: str, name: str) -> bytes:
    """Come after a harmless pickle, as in files of the oldest format of torch."""
    return pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2) + text_call(module, name)


def _short(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode()


def plain(content: bytes) -> bytes:
    return content


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/version", "3\n")
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/data/0", np.arange(64, dtype=np.float32).tobytes())
    return buffer.getvalue()


def behind_weights(content: bytes) -> bytes:
    """Stand behind a file of another format, as an archive may."""
    return bytes(64) + zipped(content)


def tarred(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("pickle")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


CALLS: tuple[Maker, ...] = (
    text_call, stack_call, memo_call, instance_call, object_call, hidden_call, broken_call,
    later_call,
)  # fmt: skip
PACKINGS: tuple[Callable[[bytes], bytes], ...] = (
    plain, zipped, tarred, gzip.compress, bz2.compress, lzma.compress, zlib.compress,
    behind_weights,
)  # fmt: skip
ENDINGS = (".bin", ".pt", ".pkl", ".ckpt")


def hostile() -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of files that run code when loaded."""
    combined = list(itertools.product(GADGETS, CALLS, PACKINGS))
    random.Random(0).shuffle(combined)
    for number, ((module, name), call, packed) in enumerate(combined):
        yield f"{call.__name__}-{number}{ENDINGS[number % 4]}", packed(call(module, name))


def innocent(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of files that only hold data."""
    rng = np.random.default_rng(0)
    for number in range(count):
        maker = INNOCENTS[number % len(INNOCENTS)]
        name, content = maker(rng)
        path = PurePosixPath(name)
        yield f"{path.stem}-{number}{path.suffix}", content


def _numbers(rng: np.random.Generator) -> Any:
    return {"mean": rng.normal(size=3), "step": int(rng.integers(99)), "name": "os.system"}


def _pickled(rng: np.random.Generator) -> tuple[str, bytes]:
    return "stats.pkl", pickle.dumps(_numbers(rng), protocol=int(rng.integers(2, 6)))


def _ordered(rng: np.random.Generator) -> tuple[str, bytes]:
    pairs = OrderedDict((str(i), float(x)) for i, x in enumerate(rng.normal(size=4)))
    return "state.bin", PACKINGS[int(rng.integers(len(PACKINGS)))](pickle.dumps(pairs))


def _torch(rng: np.random.Generator) -> tuple[str, bytes]:
    import torch

    buffer = io.BytesIO()
    shape = tuple(int(side) for side in rng.integers(1, 130, 2))
    state = {"weight": torch.randn(shape), "half": torch.randn(3).half(), "epoch": 3}
    torch.save(state, buffer, _use_new_zipfile_serialization=bool(rng.random() < 0.5))
    return "model.pt", buffer.getvalue()


def _noise(rng: np.random.Generator) -> tuple[str, bytes]:
    return "blob.raw", rng.bytes(int(rng.integers(1, 4000)))


def _marked_noise(rng: np.random.Generator) -> tuple[str, bytes]:
    return "blob.raw", b"\x80" + bytes([int(rng.integers(2, 6))]) + rng.bytes(300)


def _array(rng: np.random.Generator) -> tuple[str, bytes]:
    buffer = io.BytesIO()
    np.save(buffer, rng.normal(size=(5, 5)))
    return "table.npy", buffer.getvalue()


def _words(rng: np.random.Generator) -> tuple[str, bytes]:
    words = rng.permutation(["category", "cos", "system", "(S'id'", "iposix", "open", "tR."])
    return "merges.txt", "\n".join(words).encode()


def _weights(rng: np.random.Generator) -> tuple[str, bytes]:
    from safetensors.numpy import save

    return "model.safetensors", save({"a": rng.normal(size=(4, 4)).astype(np.float32)})


INNOCENTS = (_pickled, _ordered, _torch, _noise, _marked_noise, _array, _words, _weights)
