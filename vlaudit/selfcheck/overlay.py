"""Rows of the user with some values replaced in memory; what lies beneath is never changed."""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from PIL.Image import Image

from vlaudit.core.dataset import Columns, Pictures, R, Role, Unreadable

Texts = Mapping[int, str | None]


@dataclass(frozen=True)
class Overlay:
    """A dataset that shows other values in some rows.

    Attributes:
        under: the rows beneath.
        values: role -> row of the whole dataset -> the text to show there.
        attributes: attribute -> row -> the group to show there.
        pictures: row -> the RGB picture to show there.
        files: row -> the picture as a file, where that matters.
    """

    under: Pictures
    values: Mapping[Role, Texts] = field(default_factory=dict[Role, Texts])
    attributes: Mapping[str, Texts] = field(default_factory=dict[str, Texts])
    pictures: Mapping[int, Image] = field(default_factory=dict[int, Image])
    files: Mapping[int, bytes] = field(default_factory=dict[int, bytes])

    @property
    def name(self) -> str:
        """Name for people."""
        return self.under.name

    @property
    def columns(self) -> Columns:
        """The columns of the rows beneath."""
        return self.under.columns

    @property
    def rows(self) -> Sequence[int]:
        """Positions of these rows in the whole dataset."""
        return self.under.rows

    @property
    def digest(self) -> str:
        """SHA-256 over rows and replaced texts; it names no rows on any disk."""
        shown = repr((list(self.rows), self.values, self.attributes, sorted(self.pictures)))
        return hashlib.sha256(shown.encode()).hexdigest()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.under)

    def ids(self) -> list[str]:
        """Return the id of each row."""
        return self.under.ids()

    def texts(self, role: Role) -> list[str | None]:
        """Return the value of one role of each row."""
        return self._shown(self.under.texts(role), self.values.get(role, {}))

    def groups(self, attribute: str) -> list[str | None]:
        """Return the group of each row by one attribute."""
        return self._shown(self.under.groups(attribute), self.attributes.get(attribute, {}))

    def _shown(self, beneath: list[str | None], other: Texts) -> list[str | None]:
        return [other.get(row, text) for row, text in zip(self.rows, beneath, strict=True)]

    def images(self, positions: Sequence[int]) -> list[Image]:
        """Return the pictures at these positions."""
        return [self._picture(at) or self.under.images([at])[0] for at in positions]

    def decode(self, positions: Sequence[int]) -> list[Image | Unreadable]:
        """Return the pictures at these positions, or why they are unreadable."""
        return [self._picture(at) or self.under.decode([at])[0] for at in positions]

    def _picture(self, position: int) -> Image | None:
        return self.pictures.get(self.rows[position])

    def picture_bytes(self, positions: Sequence[int]) -> list[bytes]:
        """Return the pictures at these positions as files."""
        return [self._file(position) for position in positions]

    def _file(self, position: int) -> bytes:
        row = self.rows[position]
        if row in self.files:
            return self.files[row]
        if row not in self.pictures:
            return self.under.picture_bytes([position])[0]
        buffer = io.BytesIO()
        self.pictures[row].save(buffer, "PNG")
        return buffer.getvalue()

    def select(self, positions: Sequence[int]) -> "Overlay":
        """Return the dataset of these rows only."""
        beneath: Any = self.under.select(positions)
        return Overlay(beneath, self.values, self.attributes, self.pictures, self.files)

    def map_batches(
        self,
        fn: Callable[[pa.RecordBatch], R],
        roles: Sequence[Role],
        *,
        size: int = 1024,
        pure: bool = False,
    ) -> Iterator[R]:
        """Apply `fn` to Arrow batches of the columns that play `roles`, in this process."""
        for start in range(0, len(self), size):
            part = self.select(range(start, min(start + size, len(self))))
            yield fn(pa.RecordBatch.from_pydict({role.value: part._column(role) for role in roles}))

    def _column(self, role: Role) -> list[Any]:
        if role is Role.IMAGE:
            return [file or None for file in self.picture_bytes(range(len(self)))]
        if role is Role.GROUPS:
            of_row = zip(*(self.groups(name) for name in self.columns.groups), strict=True)
            return [dict(zip(self.columns.groups, groups, strict=True)) for groups in of_row]
        return list(self.texts(role))
