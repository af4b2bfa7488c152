"""A small network that learns a model's answers and lends its gradients (Papernot et al. 2017)."""

import torch
from torch import Tensor, nn

from vlaudit.perturb.gradient.ascent import climbed
from vlaudit.perturb.gradient.ball import Ball
from vlaudit.perturb.gradient.losses import margin
from vlaudit.perturb.gradient.oracle import Oracle

SIDE, WIDTH, STEPS, BATCH, RATE = 32, 24, 100, 64, 3e-3
BLENDS = 3


def transferred(
    oracle: Oracle,
    clean: Tensor,
    labels: Tensor,
    ball: Ball,
    *,
    steps: int,
    generator: torch.Generator,
) -> Tensor:
    """Return 8-bit pictures made to mislead a network that was taught by the model's answers.

    Args:
        oracle: the model; it is only asked, about clean pictures, noisy ones and blends.
        clean: pictures, float32 of shape (images, 3, height, width) in [0, 1].
        labels: true classes, int64 of shape (images,).
        ball: what may be reached.
        steps: gradient steps on the network.
        generator: source of noise, on the CPU.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
        student = _taught(oracle, clean, ball, generator)
    stand_in = Oracle(student, batch_size=oracle.batch_size)
    return climbed(
        stand_in,
        clean,
        ball,
        lambda logits, part: margin(logits, labels[part]),
        steps,
        generator=generator,
        progress=lambda fraction: None,
    )


def _taught(oracle: Oracle, clean: Tensor, ball: Ball, generator: torch.Generator) -> nn.Module:
    lessons = [clean]
    for _ in range(BLENDS):
        other = clean[torch.randperm(len(clean), generator=generator)]
        share = torch.rand((len(clean), 1, 1, 1), generator=generator).to(clean)
        coin = torch.randint(2, clean.shape, generator=generator).to(clean) * 2 - 1
        lessons.append((share * clean + (1 - share) * other + ball.epsilon * coin).clamp(0, 1))
    pictures = torch.cat(lessons)
    answers = oracle.logits(pictures).nan_to_num(0.0)
    answers = (answers - answers.mean()) / answers.std().clamp(min=1e-6)
    student = _Student(answers.shape[1]).to(clean)
    optimizer = torch.optim.Adam(student.parameters(), RATE)
    for _ in range(STEPS):
        batch = torch.randint(len(pictures), (BATCH,), generator=generator)
        optimizer.zero_grad()
        with torch.enable_grad():
            loss = nn.functional.mse_loss(student(pictures[batch]), answers[batch])
        torch.autograd.backward(loss)
        optimizer.step()
    return student.eval().requires_grad_(False)


class _Student(nn.Module):
    """Two convolutions over 32 x 32 pixels, beside a linear map of the same pixels."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.small = nn.AdaptiveAvgPool2d(SIDE)
        self.linear = nn.Linear(3 * SIDE * SIDE, classes)
        self.seen = nn.Sequential(
            nn.Conv2d(3, WIDTH, 5, 2),
            nn.ReLU(),
            nn.Conv2d(WIDTH, WIDTH, 3, 2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(WIDTH * 36, classes),
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """Return logits, (images, classes)."""
        small = self.small(pixels) - 0.5
        logits: Tensor = self.linear(small.flatten(1)) + self.seen(small)
        return logits
