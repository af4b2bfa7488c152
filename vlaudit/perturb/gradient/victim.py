"""What an attack begins with: labelled pictures as pixels, and the classifier to be fooled."""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from vlaudit.core.dataset import Role
from vlaudit.core.probe import Context
from vlaudit.core.target import GivesGradients
from vlaudit.perturb.gradient.oracle import Oracle, zero_shot
from vlaudit.perturb.subjects import Subjects, choose_subjects

AT_ONCE = 16


@dataclass(frozen=True)
class Victim:
    """A zero-shot classifier and the pictures that it is attacked on.

    Attributes:
        subjects: which rows of the data they are.
        oracle: the classifier.
        clean: pixels as the model takes them, float32 of shape (images, 3, height, width).
        truth: true classes, int64 of shape (images,).
    """

    subjects: Subjects
    oracle: Oracle
    clean: Tensor
    truth: Tensor


def choose_victim(context: Context) -> Victim:
    """Draw labelled rows as the settings `max_images`, `templates` and `batch_size` say.

    Raises:
        Inapplicable: there are fewer than two classes to tell apart.
    """
    settings, target = context.settings, cast("GivesGradients", context.target)
    labels = context.data.texts(Role.LABEL)
    subjects = choose_subjects(labels, context.rng, at_most=settings["max_images"])
    oracle = zero_shot(
        target, subjects.classes, settings["templates"], batch_size=settings["batch_size"]
    )
    parts = [target.pixels(context.data.images(part)) for part in subjects.batches(AT_ONCE)]
    clean = torch.cat(parts)
    return Victim(subjects, oracle, clean, torch.from_numpy(subjects.labels).to(clean.device))


def draw_generator(context: Context) -> torch.Generator:
    """Return a source of randomness for torch, on the CPU, seeded by the probe's own."""
    return torch.Generator().manual_seed(int(context.rng.integers(2**63)))
