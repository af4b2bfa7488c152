"""Rows of the reference data and the parquet files that keep them."""

import hashlib
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

LICENCE = "OFL-1.1"
QUALITY = 88


@dataclass(frozen=True)
class Row:
    """A picture with all that is said about it; `picture` holds the encoded bytes."""

    id: str
    picture: bytes
    caption: str
    label: str | None
    gender: str | None
    skin_tone: str | None
    role: str | None
    split: str
    source: str
    identity: str | None = None

    @property
    def image(self) -> Image.Image:
        """The decoded picture."""
        return Image.open(io.BytesIO(self.picture)).convert("RGB")

    @property
    def checksum(self) -> str:
        """SHA-256 of the encoded picture."""
        return hashlib.sha256(self.picture).hexdigest()


def encode(
    picture: Image.Image, *, quality: int = QUALITY, exif: Image.Exif | None = None
) -> bytes:
    """Return the picture as WebP, with EXIF data if given."""
    buffer = io.BytesIO()
    extra = {} if exif is None else {"exif": exif.tobytes()}
    picture.save(buffer, "WEBP", quality=quality, method=6, **extra)
    return buffer.getvalue()


def write_rows(rows: Iterable[Row], path: Path) -> None:
    """Write rows as parquet; pictures in the form of the `Image` feature of `datasets`."""
    from datasets import Features, Value
    from datasets import Image as Picture

    names = ("id", "caption", "label", "gender", "skin_tone", "role", "identity", "split")
    features = Features(
        {"image": Picture()}
        | {name: Value("string") for name in (*names, "licence", "source", "checksum")}
    )
    records = [
        {name: value for name, value in asdict(row).items() if name != "picture"}
        | {"image": {"bytes": row.picture, "path": f"{row.id}.webp"}}
        | {"licence": LICENCE, "checksum": row.checksum}
        for row in rows
    ]
    schema = features.arrow_schema
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.Table.from_pylist(records, schema=schema),
        path,
        compression="zstd",
        row_group_size=500,
    )


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a parquet file."""
    return [
        Row(
            picture=record["image"]["bytes"],
            **{name: value for name, value in record.items() if name in Row.__annotations__},
        )
        for record in pq.read_table(path).to_pylist()
    ]
