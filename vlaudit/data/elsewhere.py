"""Pictures of another dataset, which the data under audit is held against."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from vlaudit.core.dataset import class_name
from vlaudit.core.probe import Inapplicable

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
COLUMNS = ("image", "img", "picture", "photo", "jpg", "png")
LABELS = ("label", "class", "category", "target", "y")
PIXELS = 50_000_000
UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)
BLANK = (8, 8)


@dataclass(frozen=True)
class Elsewhere:
    """Encoded pictures, or the files that hold them; what cannot be decoded is blank.

    Attributes:
        items: the pictures.
        names: what each shows in words, "" where nothing says so.
    """

    items: Sequence[Path | Any]
    names: Sequence[str]

    @classmethod
    def at(cls, place: str) -> "Elsewhere":
        """Return the pictures of a folder, or of the picture column of a parquet file.

        Each is labelled by the folder below `place` that it lies in, or by a label column of words.

        Raises:
            Inapplicable: there are none.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = Path(place).expanduser()
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.suffix.lower() in ENDINGS)
            if files:
                folders = [file.relative_to(path).parent.name for file in files]
                return cls(files, [class_name(folder) for folder in folders])
        elif path.is_file() and path.suffix.lower() == ".parquet":
            table = pq.read_table(path, memory_map=True)
            for name in [name for name in COLUMNS if name in table.column_names]:
                column: Any = table.column(name)
                if pa.types.is_struct(column.type):
                    column = pa.chunked_array([chunk.field("bytes") for chunk in column.chunks])
                if not pa.types.is_string(column.type):
                    return cls(column, _labels(table))
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

    def labels(self) -> list[str]:
        """Return what each picture shows, in words.

        Raises:
            Inapplicable: not all of them have a label.
        """
        if not all(self.names):
            raise Inapplicable(
                "the other dataset has pictures without a label; put those of each label into a "
                f"folder of its name, or words into a column named {', '.join(LABELS)}"
            )
        return list(self.names)

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


def _labels(table: Any) -> list[str]:
    """Return the words of the first label column of a table, "" where there are none."""
    name = next((name for name in LABELS if name in table.column_names), None)
    values = table.column(name).to_pylist() if name else [None] * table.num_rows
    return [class_name(value) if isinstance(value, str) else "" for value in values]
