"""The files that a model was loaded from, as probes may look at them."""

from collections.abc import Collection, Mapping, Sequence
from typing import BinaryIO, Protocol, runtime_checkable

from vlaudit.core.target import Target


class ModelFiles(Protocol):
    """The files that a model was loaded from, by their paths within its folder."""

    @property
    def names(self) -> Sequence[str]:
        """Path of each file, with `/` between its parts."""
        ...

    @property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 that the place states which a file was fetched from, where it states one."""
        ...

    @property
    def tensors(self) -> Collection[str]:
        """Names of the tensors that the architecture has."""
        ...

    @property
    def left_out(self) -> Sequence[str]:
        """Names of tensors in the files that the architecture has no place for."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Open one of the files for reading."""
        ...


@runtime_checkable
class KeepsFiles(Target, Protocol):
    """Was loaded from files of this machine, which can be looked at."""

    @property
    def files(self) -> ModelFiles:
        """The files."""
        ...
