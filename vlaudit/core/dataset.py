"""The evidence base: rows of pictures with captions, labels and groups."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

import pyarrow as pa
from PIL.Image import Image

from vlaudit.core.record import Record

R = TypeVar("R")


class Role(StrEnum):
    """What a column is for, as configurations and cards name it."""

    ID = "id"
    IMAGE = "image"
    CAPTION = "caption"
    LABEL = "label"
    GROUPS = "groups"
    SPLIT = "split"
    LICENCE = "licence"
    SOURCE = "source"
    CHECKSUM = "checksum"
    IDENTITY = "identity"
    COUNTERFACTUAL_OF = "counterfactual_of"


def class_name(label: str) -> str:
    """Return a label as words: `fire_engine` is read as `fire engine`; the case is kept."""
    return " ".join(label.replace("_", " ").split())


class Columns(Record):
    """Which column of the user's data plays which role; None where it has no such column."""

    id: str | None = None
    """Column of a name for each row; its position by default."""
    image: str | None = None
    """Column of the pictures."""
    caption: str | None = None
    """Column of the captions."""
    label: str | None = None
    """Column of the true class."""
    groups: tuple[str, ...] = ()
    """Columns of groups to compare, such as gender."""
    split: str | None = None
    """Column that says train, validation or test."""
    licence: str | None = None
    """Column of each row's licence."""
    source: str | None = None
    """Column of where each row came from."""
    checksum: str | None = None
    """Column of each picture's checksum."""
    identity: str | None = None
    """Column of the name of the person shown; never proposed, and never written to a run folder."""
    counterfactual_of: str | None = None
    """Column that is equal in pictures of one scene that differ in a group only: a name of the
    scene, or the id of the picture they were made from."""

    def has(self, role: Role) -> bool:
        """Tell whether a column plays `role`."""
        return bool(getattr(self, role))


class Shown(Protocol):
    """Rows with pictures, of a dataset or from elsewhere."""

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def images(self, positions: Sequence[int]) -> list[Image]:
        """Return the RGB pictures at these positions."""
        ...


class OtherPictures(Shown, Protocol):
    """Pictures of another dataset than the audited one."""

    def labels(self) -> list[str]:
        """Return what each picture shows, in words; raises `Inapplicable` where one has none."""
        ...


class Dataset(Protocol):
    """Rows that a probe reads by role; pictures are decoded on demand, never all at once."""

    @property
    def name(self) -> str:
        """Name for people."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 over rows and columns: equal digests are equal data."""
        ...

    @property
    def columns(self) -> Columns:
        """The columns that play a role."""
        ...

    @property
    def rows(self) -> Sequence[int]:
        """Positions of these rows in the whole dataset, ascending."""
        ...

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def ids(self) -> list[str]:
        """Return the id of each row."""
        ...

    def texts(self, role: Role) -> list[str | None]:
        """Return caption, label, split, licence, source, checksum or identity of each row."""
        ...

    def groups(self, attribute: str) -> list[str | None]:
        """Return the group of each row by one attribute; None where it is not annotated."""
        ...

    def images(self, positions: Sequence[int]) -> list[Image]:
        """Return the RGB pictures at these positions (0 is the first row of this dataset)."""
        ...

    def select(self, positions: Sequence[int]) -> "Dataset":
        """Return the dataset of these rows only."""
        ...

    def map_batches(
        self,
        fn: Callable[[pa.RecordBatch], R],
        roles: Sequence[Role],
        *,
        size: int = 1024,
        pure: bool = False,
    ) -> Iterator[R]:
        """Apply `fn` to Arrow batches of the columns that play `roles`, named by role, in order.

        `pure` promises that `fn` changes nothing and can be pickled: with many rows it then runs
        in other processes or on a cluster.
        """
        ...


class Unreadable(Record):
    """What stands in the place of a picture that cannot be decoded, and why it cannot."""

    reason: str


class Pictures(Dataset, Protocol):
    """A dataset as the engine sees it: pictures may still turn out unreadable."""

    def picture_bytes(self, positions: Sequence[int]) -> list[bytes]:
        """Return the encoded pictures at these positions; empty where there is none."""
        ...

    def decode(self, positions: Sequence[int]) -> list[Image | Unreadable]:
        """Return the RGB pictures at these positions, or why they are unreadable."""
        ...


class DatasetFacts(Record):
    """What the run folder says about the data."""

    name: str
    digest: str
    rows: int
    evaluated: int
    evaluated_on: str | None
    columns: Columns
    classes: int
    groups: dict[str, dict[str, int]]
    splits: dict[str, int]
    licences: dict[str, int]
    quarantined: dict[str, int]
    notes: tuple[str, ...] = ()
