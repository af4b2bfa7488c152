import numpy as np
import pytest
import torch

from vlaudit.perturb.inversion.families import Family, families
from vlaudit.perturb.inversion.overlay import Overlay
from vlaudit.perturb.inversion.race import roamed

SHAPE = (40, 40)


def drawn(family: Family, racers: int = 3) -> tuple[torch.Tensor, ...]:
    return family.start(racers, *SHAPE, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("size", [0.3, 0.1, 0.02])
def test_a_patch_covers_no_more_than_its_size(size: float) -> None:
    overlay = families()["patch"].render(drawn(families()["patch"]), size, SHAPE)
    covered = overlay.alpha.sqrt().mean((1, 2, 3))
    assert (covered <= size + 1e-3).all()
    assert (covered > size / 2).all()
    assert (overlay.paint <= overlay.alpha + 1e-6).all()


@pytest.mark.parametrize("size", [0.1, 0.01])
def test_a_pattern_has_the_power_of_its_size(size: float) -> None:
    overlay = families()["pattern"].render(drawn(families()["pattern"]), size, SHAPE)
    assert overlay.paint.square().mean((1, 2, 3)).sqrt() == pytest.approx([size] * 3, rel=1e-4)
    assert float(overlay.alpha.max()) == 0


def test_a_bend_moves_by_its_size_and_leaves_an_even_picture_alone() -> None:
    overlay = families()["bend"].render(drawn(families()["bend"]), 0.05, SHAPE)
    assert overlay.flow is not None
    # A shift of the whole picture is 2 in the unit of the grid.
    assert (overlay.flow / 2).square().mean((1, 2, 3)).sqrt() == pytest.approx([0.05] * 3, rel=1e-4)
    even = torch.full((2, 3, *SHAPE), 0.4)
    assert overlay.on(even) == pytest.approx(even[None].expand(3, -1, -1, -1, -1), abs=1e-5)


@pytest.mark.parametrize("name", sorted(families()))
def test_gradients_reach_what_is_optimised(name: str) -> None:
    family = families()[name]
    parts = tuple(part.requires_grad_() for part in drawn(family))
    changed = family.render(parts, family.largest, SHAPE).on(torch.rand(2, 3, *SHAPE))
    gradients = torch.autograd.grad(changed.square().sum(), parts)
    assert all(float(gradient.abs().sum()) > 0 for gradient in gradients)


def test_moving_and_resizing_keep_a_mark_what_it_is() -> None:
    alpha = torch.zeros(1, 1, *SHAPE)
    alpha[..., 4:12, 4:12] = 1
    mark = Overlay(alpha, alpha.expand(-1, 3, -1, -1) * 0.5)
    moved = mark.rolled(0.5, 0.25)
    assert float(moved.alpha[0, 0, 24:32, 14:22].min()) == 1
    assert float(moved.alpha.sum()) == 64
    for factor in (2 / 3, 1.5):
        assert float(mark.zoomed(factor).alpha.sum()) == pytest.approx(64 * factor**2, rel=0.15)


@pytest.mark.parametrize("size", [0.5, 0.2, 0.1])
def test_a_stamp_covers_a_square_of_its_side_and_nothing_else(size: float) -> None:
    overlay = families()["stamp"].render(drawn(families()["stamp"]), size, SHAPE)
    side = round(size * SHAPE[0])
    assert overlay.alpha.sum((1, 2, 3)).tolist() == [side**2] * 3
    assert (overlay.paint <= overlay.alpha).all()


def test_what_roams_is_at_another_place_in_every_picture_and_stays_whole() -> None:
    overlay = families()["stamp"].render(drawn(families()["stamp"], 1), 0.25, SHAPE)
    places = roamed(0.25, np.random.default_rng(0).random((5, 2)))
    changed = overlay.spread(torch.zeros(5, 3, *SHAPE), places)[0]
    corners = set()
    for picture in changed:
        rows, columns = torch.nonzero(picture[0] > 0, as_tuple=True)
        assert len(rows) == 100
        assert int(rows.max() - rows.min()) == int(columns.max() - columns.min()) == 9
        corners.add((int(rows.min()), int(columns.min())))
    assert len(corners) == 5
