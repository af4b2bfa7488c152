"""Pictures of another dataset, which the data under audit is held against."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from vlaudit.core.probe import Inapplicable

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
COLUMNS = ("image", "img", "picture", "photo", "jpg", "png")
PIXELS = 50_000_000
UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)
BLANK = (8, 8)


@dataclass(frozen=True)
class Elsewhere:
    """Encoded pictures, or the files that hold them; what cannot be decoded is blank."""

    items: Sequence[Path | Any]

    @classmethod
    def at(cls, place: str) -> "Elsewhere":
        """Return the pictures of a folder, or of the picture column of a parquet file.

        Raises:
            Inapplicable: there are none.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = Path(place).expanduser()
        if path.is_dir():
            files = [file for file in path.rglob("*") if file.suffix.lower() in ENDINGS]
            if files:
                return cls(sorted(files))
        elif path.is_file() and path.suffix.lower() == ".parquet":
            table = pq.read_table(path, memory_map=True)
            for name in [name for name in COLUMNS if name in table.column_names]:
                column: Any = table.column(name)
                if pa.types.is_struct(column.type):
                    column = pa.chunked_array([chunk.field("bytes") for chunk in column.chunks])
                if not pa.types.is_string(column.type):
                    return cls(column)
        raise Inapplicable(
            f"{place!r} is no folder of pictures and no parquet file with encoded pictures in a "
            f"column named {', '.join(COLUMNS)}; a relative path begins where vlaudit was started"
        )

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.items)

    def images(self, positions: Sequence[int]) -> list[Image.Image]:
        """Return the RGB pictures at some positions."""
        return [self._image(position) for position in positions]

    def _image(self, position: int) -> Image.Image:
        item = self.items[position]
        content = item if isinstance(item, Path) else io.BytesIO(item.as_py() or b"")
        try:
            with Image.open(content) as opened:
                if opened.width * opened.height > PIXELS:
                    return Image.new("RGB", BLANK)
                return ImageOps.exif_transpose(opened).convert("RGB")
        except UNREADABLE:
            return Image.new("RGB", BLANK)
