"""Small real pictures, and datasets that are made of them."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from vlaudit.core.config import DataConfig
from vlaudit.core.dataset import Columns
from vlaudit.data import ArrowDataset, load

COLOURS = ("red", "green", "blue", "yellow", "black")

Load = Callable[..., ArrowDataset]
Encode = Callable[..., bytes]


@pytest.fixture
def encode() -> Encode:
    """Encode a picture, by default a red one as PNG."""

    def encode(picture: Image.Image | str = "red", format: str = "PNG", **options: Any) -> bytes:
        if isinstance(picture, str):
            picture = Image.new("RGB", (8, 6), picture)
        buffer = io.BytesIO()
        picture.save(buffer, format, **options)
        return buffer.getvalue()

    return encode


@pytest.fixture
def pictures(tmp_path: Path, encode: Encode) -> list[str]:
    """Write five pictures into the folder `img` and return their relative paths."""
    (tmp_path / "img").mkdir()
    names = [f"img/{colour}.png" for colour in COLOURS]
    for name, colour in zip(names, COLOURS, strict=True):
        (tmp_path / name).write_bytes(encode(colour))
    return names


@pytest.fixture
def load_from(tmp_path: Path) -> Load:
    """Load a source below the temporary folder, with the cache beside it."""

    def load_from(source: str, *, columns: dict[str, Any] | None = None, **keys: Any) -> Any:
        seed = keys.pop("seed", 0)
        asked = DataConfig(source=source, columns=Columns.model_validate(columns or {}), **keys)
        cache = tmp_path / ".cache"
        return load(asked, base=tmp_path, cache=cache, seed=seed, reference=lambda name: [])

    return load_from
