"""Embeddings are moved as far as theory allows, and no further."""

import torch

from vlaudit.perturb.gradient.ball import LinfBall
from vlaudit.perturb.gradient.embedding import EmbedsPixels, Gallery
from vlaudit.perturb.gradient.oracle import Oracle
from vlaudit.selftest.fakes.yielding import build


def silent(fraction: float) -> None:
    assert 0 <= fraction <= 1


def gallery(strength: int) -> Gallery:
    target, data = build(strengths=[strength], images=8)
    assert isinstance(target, EmbedsPixels)
    texts = torch.from_numpy(target.embed_texts(list(target.classes)))
    oracle = Oracle(target.embed_pixels, batch_size=8)
    return Gallery(oracle, target.pixels(data.images(range(8))), texts)


def test_the_displacement_is_about_the_largest_there_is() -> None:
    """The whole budget spent on one other pattern turns by an angle that is known."""
    strength, epsilon = 40, 8
    seen = gallery(strength)
    ball = LinfBall(epsilon / 255)
    generator = torch.Generator().manual_seed(0)
    pictures = seen.displaced(ball, steps=30, generator=generator, progress=silent)
    assert ball.contains(pictures, seen.clean).all()
    moved = seen.look(pictures, seen.best).distance
    across = 1 - torch.cos(torch.atan(torch.tensor(epsilon / strength)))
    assert (moved >= 0.7 * across).all()
    # No turn can beat the whole budget both across and against the axis on all other patterns.
    most = 1 - torch.cos(torch.atan(torch.tensor(3**0.5 * epsilon / (strength - epsilon))))
    assert (moved <= most).all()


def test_a_chosen_text_is_reached_from_the_known_budget_on() -> None:
    seen = gallery(6)
    chosen = (seen.best + 1) % 4
    for epsilon, reached in ((5, False), (7, True)):
        ball, generator = LinfBall(epsilon / 255), torch.Generator().manual_seed(0)
        led = seen.led(chosen, ball, steps=20, generator=generator, progress=silent)
        assert seen.look(led, chosen).hijacked.tolist() == [reached] * 8
        noise = seen.nudged(ball, generator)
        assert ball.contains(noise, seen.clean).all()
        assert not seen.look(noise, chosen).hijacked.any()
        assert seen.look(seen.clean, chosen).found.all()
