"""Leaving poisoned pairs out, tried by teaching a small model with and without them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.advice.naming import effect
from vlaudit.advice.remedy import Effect, Remedy, Trial
from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import EmbedsImages, Vector
from vlaudit.detect.association import topics
from vlaudit.detect.gallery import Gallery
from vlaudit.detect.search import suspects
from vlaudit.perturb.forge import Forge
from vlaudit.perturb.trigger import Trigger
from vlaudit.stats.intervals import Estimate, rate

if TYPE_CHECKING:
    from open_clip.model import CLIP

FEWEST = 8
TAUGHT, SEARCHED, TRIED = 4000, 800, 200
STEPS, RATE, BATCH = 300, 5e-4, 128
LIKELIEST, JUDGED = 6, 32
SIDE = 64
Flags = NDArray[np.bool_]


def simulate(on: Trial, *, steps: int = STEPS, batch: int = BATCH) -> Iterator[Effect]:
    """Teach the bundled small model all pairs, and all but the flagged; try their mark on both."""
    data, flagged = _pairs(on)
    trigger = shared_mark(on, data, flagged)
    pictures, own = _subjects(on, data, flagged)
    called = _captions(data, np.flatnonzero(flagged))
    stamped = [trigger.stamp(picture, trigger.place(on.rng)) for picture in pictures]
    seed = int(on.rng.integers(2**31))
    found: list[tuple[Estimate, ...]] = []
    for kept in (np.ones(len(data), dtype=np.bool_), ~flagged):
        model = taught(data, np.flatnonzero(kept), seed=seed, steps=steps, batch=batch)
        found.append((_turned(model, stamped, own, called), _turned(model, pictures, own, called)))
    of_mark, of_none = zip(*found, strict=True)
    yield effect(f"pictures that the mark turns, of a model taught {len(data)} pairs", *of_mark)
    yield effect("pictures turned without the mark", *of_none)


def _pairs(on: Trial) -> tuple[Dataset, Flags]:
    """Return the pairs to teach, all flagged ones among them, and which are flagged."""
    whole = on.whole
    if whole is None or not whole.columns.has(Role.CAPTION):
        raise Inapplicable("there are no captions to teach a model")
    captions = whole.texts(Role.CAPTION)
    bad = np.array([row in on.flagged for row in whole.ids()], dtype=np.bool_)
    if bad.sum() < FEWEST:
        raise Inapplicable(
            f"the run flagged {int(bad.sum())} poisoned pairs; with fewer than {FEWEST} no small "
            "model learns their mark, so that nothing is seen of leaving them out"
        )
    usable = np.flatnonzero([bool(text and text.strip()) for text in captions])
    others = on.rng.permutation(usable[~bad[usable]])[: TAUGHT - int(bad.sum())]
    rows = np.sort(np.concatenate([usable[bad[usable]], others]))
    return whole.select(rows.tolist()), bad[rows]


def shared_mark(on: Trial, data: Dataset, flagged: Flags) -> Trigger:
    """Return the mark that flagged rows share, found again among them and some others.

    Raises:
        Inapplicable: they share none that can be found again.
    """
    others = on.rng.permutation(np.flatnonzero(~flagged))[:SEARCHED]
    rows = np.sort(np.concatenate([np.flatnonzero(flagged), others]))
    captions = _captions(data, rows)
    images, bad = on.features.images(data)[rows], flagged[rows]
    said = topics(captions, on.features.texts(captions), None, images=images)
    gallery, doubt = Gallery.of(data.images, rows), np.where(bad, 0.0, 1.0)
    found = suspects(gallery, images, said.owner, doubt, on.rng, limit=24)
    shared = [mark for mark in found if bad[mark.rows].mean() > 0.5]
    if not shared:
        raise Inapplicable("no mark that the flagged rows share is found again")
    forge = Forge(data.images, np.zeros(len(data), np.int64), np.flatnonzero(~flagged), on.rng)
    marks = [
        forge.candidate(0, rows[mark.rows], rows[bad], mark.cutting).trigger
        for mark in sorted(shared, key=lambda mark: -int(bad[mark.rows].sum()))[:LIKELIEST]
    ]
    pictures = data.images(on.rng.permutation(np.flatnonzero(~flagged))[:JUDGED].tolist())
    called = on.features.texts(_captions(data, np.flatnonzero(flagged))).mean(axis=0)
    return max(marks, key=lambda mark: _pull(on, mark, pictures, called))


def _pull(on: Trial, mark: Trigger, pictures: Sequence[Image.Image], towards: Vector) -> float:
    """Return how near the audited model finds marked pictures to what the flagged are called."""
    embed = cast("EmbedsImages", on.target).embed_images
    marked = [mark.stamp(picture, mark.place(on.rng)) for picture in pictures]
    return float((embed(marked) @ towards).mean())


def taught(data: Dataset, rows: NDArray[np.int64], *, seed: int, steps: int, batch: int) -> "CLIP":
    """Return the bundled clean model, taught these rows for a few hundred steps."""
    import torch

    from vlaudit.demo import model_folder
    from vlaudit.demo.training import Pair, Schedule, load_model, train

    pictures, captions = _small(data, rows), _captions(data, rows)

    def source(rng: np.random.Generator) -> Pair:
        at = int(rng.integers(len(rows)))
        return pictures[at], captions[at]

    torch.manual_seed(seed)
    model = load_model(model_folder("clean"))
    schedule = Schedule(steps=steps, rate=RATE, seed=seed, batch=batch)
    train(model, {source: 1.0}, schedule, gate=lambda trained: {}, every=steps)
    return model


def _subjects(on: Trial, data: Dataset, flagged: Flags) -> tuple[list[Image.Image], list[str]]:
    """Return pictures that nothing speaks against, and their captions, unlike the flagged ones."""
    bad, clean = set(_captions(data, np.flatnonzero(flagged))), np.flatnonzero(~flagged)
    other = [text not in bad for text in _captions(data, clean)]
    chosen = np.sort(on.rng.permutation(clean[other])[:TRIED])
    if len(chosen) < FEWEST:
        raise Inapplicable("too few pictures have a caption that is not that of flagged ones")
    return _small(data, chosen), _captions(data, chosen)


def _turned(
    model: "CLIP", pictures: Sequence[Image.Image], own: Sequence[str], called: Sequence[str]
) -> Estimate:
    """Return how many pictures fit what the flagged are called better than their own caption."""
    from vlaudit.demo.training import embed_pictures, embed_texts

    shown = embed_pictures(model, pictures)
    target = embed_texts(model, called).mean(axis=0)
    target /= np.linalg.norm(target)
    fits = np.einsum("ij,ij->i", shown, embed_texts(model, own))
    return rate(int((shown @ target > fits).sum()), len(pictures))


def _small(data: Dataset, rows: NDArray[np.int64]) -> list[Image.Image]:
    small: list[Image.Image] = []
    for part in np.array_split(rows, len(rows) // 256 + 1):
        small += [p.convert("RGB").resize((SIDE, SIDE)) for p in data.images(part.tolist())]
    return small


def _captions(data: Dataset, rows: NDArray[np.int64]) -> list[str]:
    return [str(text) for text in data.select(rows.tolist()).texts(Role.CAPTION)]


REMEDIES = (
    Remedy(
        title="Training again without the poisoned pairs",
        helps=("poisoning.suspicious_pairs.*",),
        words="Leave the pairs out whose mark the model obeys (`vlaudit clean` makes a copy of the "
        "dataset without them) and train again from weights that never saw them; training on from "
        "poisoned weights often leaves the backdoor in place. With --retrain a small model is "
        "taught the pairs with and without them, which takes minutes.",
        cites=("https://arxiv.org/abs/2106.09667", "https://arxiv.org/abs/2311.14948"),
        simulate=simulate,
        trains=True,
    ),
)
