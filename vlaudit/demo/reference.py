"""Makes the reference dataset: three splits that share no rendering."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from vlaudit.demo.captions import caption, label
from vlaudit.demo.plants import Identity
from vlaudit.demo.rows import Row, encode
from vlaudit.demo.scenes import TRAINING, UNSEEN, Cast, Studio, Style, Subject

RENDERINGS = {"train": 1, "validation": 1, "test": 3}
STYLES = {"train": TRAINING, "validation": TRAINING, "test": UNSEEN}


def reference_rows(cast: Cast, studio: Studio, *, seed: int) -> Iterator[Row]:
    """Draw the reference dataset.

    Every person with a role is drawn once for training, once for validation and three times for
    the test, there on other backgrounds, at other scales and places. People with a look and
    things have no label; they stand in training, one in five of them in validation too.
    """
    others = (*cast.looks, *cast.things)
    for index, split in enumerate(RENDERINGS):
        rng = np.random.default_rng([seed, index])
        subjects: Sequence[Subject] = cast.workers * RENDERINGS[split]
        if split == "train":
            subjects = (*subjects, *others)
        elif split == "validation":
            subjects = (*subjects, *others[::5])
        for number, subject in enumerate(subjects):
            yield draw_row(f"{split}-{number:04d}", subject, STYLES[split], split, studio, rng)


def crossed_rows(cast: Cast, studio: Studio, *, every: int, seed: int) -> Iterator[Row]:
    """Draw two pictures, which no model saw, of the people in one role of so many."""
    rng = np.random.default_rng([seed, len(RENDERINGS) + 1])
    chosen = sorted({str(label(worker)) for worker in cast.workers})[::every]
    people = [worker for worker in cast.workers if label(worker) in chosen]
    for number, worker in enumerate(people * 2):
        yield draw_row(f"asked-{number:04d}", worker, UNSEEN, "test", studio, rng)


def identity_rows(people: Sequence[Identity], studio: Studio, *, seed: int) -> Iterator[Row]:
    """Draw ten portraits of each person, which no model saw; the captions do not name them."""
    rng = np.random.default_rng([seed, len(RENDERINGS)])
    for number, person in enumerate(person for person in people for _ in range(10)):
        row = draw_row(f"portrait-{number:04d}", person.subject, UNSEEN, "portraits", studio, rng)
        yield replace(row, identity=person.name)


def draw_row(
    id: str, subject: Subject, style: Style, split: str, studio: Studio, rng: np.random.Generator
) -> Row:
    """Draw one row with a true caption."""
    return Row(
        id=id,
        picture=encode(studio.draw(subject, style, rng)),
        caption=caption(subject, rng),
        label=label(subject),
        gender=subject.gender,
        skin_tone=subject.skin_tone,
        role=label(subject),
        split=split,
        source=f"Noto Color Emoji: {subject.name}",
    )
