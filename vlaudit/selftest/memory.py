"""A dataset that lives in memory, for fakes and tests."""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from PIL import Image

from vlaudit.core.dataset import Columns, R, Role, Unreadable


@dataclass(frozen=True)
class MemoryDataset:
    """Rows given as lists: one picture, one value per role and one group per attribute each.

    Attributes:
        pictures: RGB pictures, one a row; empty when no probe looks at pictures.
        values: role -> one text (or None) a row.
        attributes: attribute -> one group (or None) a row.
        selected: positions in the whole dataset; all where None.
        encoded: the pictures as files, where that matters; they are encoded as PNG otherwise.
    """

    pictures: Sequence[Image.Image] = ()
    values: Mapping[Role, Sequence[str | None]] = field(default_factory=dict[Role, list[str]])
    attributes: Mapping[str, Sequence[str | None]] = field(default_factory=dict[str, list[str]])
    name: str = "memory"
    selected: Sequence[int] | None = None
    encoded: Sequence[bytes] = ()

    @property
    def rows(self) -> Sequence[int]:
        """Positions of these rows in the whole dataset."""
        if self.selected is not None:
            return self.selected
        columns = (self.pictures, *self.values.values(), *self.attributes.values())
        return range(max((len(column) for column in columns), default=0))

    @property
    def columns(self) -> Columns:
        """Every role that has values, named as itself."""
        named = {role.value: role.value for role in self.values}
        if self.pictures:
            named["image"] = "image"
        return Columns.model_validate({**named, "groups": tuple(self.attributes)})

    @property
    def digest(self) -> str:
        """SHA-256 over values, groups and pixels of these rows."""
        state = hashlib.sha256(repr((self.values, self.attributes, list(self.rows))).encode())
        for row in self.rows if self.pictures else ():
            state.update(self.pictures[row].tobytes())
        return state.hexdigest()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def ids(self) -> list[str]:
        """Return the id of each row, its position in the whole where none was given."""
        if Role.ID in self.values:
            return [str(self.values[Role.ID][row]) for row in self.rows]
        return [str(row) for row in self.rows]

    def texts(self, role: Role) -> list[str | None]:
        """Return the value of one role of each row."""
        if role is Role.ID:
            return list(self.ids())
        return [self.values[role][row] for row in self.rows]

    def groups(self, attribute: str) -> list[str | None]:
        """Return the group of each row by one attribute."""
        return [self.attributes[attribute][row] for row in self.rows]

    def images(self, positions: Sequence[int]) -> list[Image.Image]:
        """Return the pictures at these positions."""
        return [self.pictures[self.rows[position]] for position in positions]

    def decode(self, positions: Sequence[int]) -> list[Image.Image | Unreadable]:
        """Return the pictures at these positions; none is unreadable here."""
        return list(self.images(positions))

    def picture_bytes(self, positions: Sequence[int]) -> list[bytes]:
        """Return the pictures at these positions as files."""
        if self.encoded:
            return [self.encoded[self.rows[position]] for position in positions]
        return [_png(picture) for picture in self.images(positions)]

    def select(self, positions: Sequence[int]) -> "MemoryDataset":
        """Return the dataset of these rows only."""
        chosen = [self.rows[position] for position in positions]
        return MemoryDataset(
            self.pictures, self.values, self.attributes, self.name, chosen, self.encoded
        )

    def map_batches(
        self,
        fn: Callable[[pa.RecordBatch], R],
        roles: Sequence[Role],
        *,
        size: int = 1024,
        pure: bool = False,
    ) -> Iterator[R]:
        """Apply `fn` to Arrow batches of the columns that play `roles`."""
        for start in range(0, len(self), size):
            part = self.select(range(start, min(start + size, len(self))))
            columns = {role.value: part.column(role) for role in roles}
            yield fn(pa.RecordBatch.from_pydict(columns))

    def column(self, role: Role) -> list[Any]:
        """Return what a batch holds of each row for one role: texts, or pictures as files."""
        if role is Role.IMAGE:
            return list(self.picture_bytes(range(len(self))))
        return list(self.texts(role))


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
