"""What an attack achieved, picture by picture."""

from dataclasses import dataclass, fields, replace
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True)
class Attempt:
    """What an attack achieved.

    Attributes:
        won: whether the 8-bit picture lies in the ball and is misnamed, (images,).
        pictures: that picture, and the clean one where the attack failed.
        late: whether it was found in the last quarter of the steps only.
        peak: the largest margin of a wrong class that was seen; minus infinity before any attack.
    """

    won: Tensor
    pictures: Tensor
    late: Tensor
    peak: Tensor

    @classmethod
    def at(cls, clean: Tensor) -> Self:
        """Return the attempt that has not won anything yet."""
        none = torch.zeros(len(clean), dtype=torch.bool, device=clean.device)
        return cls(none, clean.clone(), none.clone(), clean.new_full((len(clean),), -torch.inf))

    def record(self, where: Tensor, pictures: Tensor, *, late: bool) -> None:
        """Write down that `pictures` won at positions `where`."""
        self.won[where] = True
        self.pictures[where] = pictures
        self.late[where] = late

    def put(self, where: slice, other: Self) -> None:
        """Take over another attempt as that on the images at positions `where`."""
        for field in fields(self):
            getattr(self, field.name)[where] = getattr(other, field.name)

    def select(self, chosen: Tensor) -> Self:
        """Return the attempt on the chosen images only."""
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})
