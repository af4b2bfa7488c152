"""Membership inference on trained models whose members are known, beside the toolbox's attacks.

Small dual encoders are trained on half of a set of pairs for more and more epochs; the other half
is drawn from the same source. The probe attacks without knowing any member. The learned attack of
the Adversarial Robustness Toolbox is given the membership of one half of the rows and judged on the
other; its rule-based attack is given none. Seconds are CPU seconds.

    python benchmarks/membership_inference.py --epochs 0 3 10 30
"""

import argparse
import time
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from art.attacks.inference.membership_inference import (
    MembershipInferenceBlackBox,
    MembershipInferenceBlackBoxRuleBased,
)
from art.estimators.classification import BlackBoxClassifier
from numpy.typing import NDArray
from PIL import Image
from sklearn.metrics import roc_auc_score

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.measurement import Measurement
from vlaudit.core.target import Matrix
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.memory import MemoryDataset

THINGS = ("dog", "boat", "tree", "house", "bridge", "teapot", "bicycle", "market")
LOOKS = ("red", "old", "small", "quiet", "bright", "wooden", "wet", "striped")
PLACES = ("in rain", "at noon", "by the sea", "in winter", "from above", "at night")
SIDE, DIMENSIONS, SCALE = 12, 48, 10.0
Floats = NDArray[np.float64]


class Trained:
    """A dual encoder of two small networks: pixels, and bags of words."""

    name = "trained"

    def __init__(self, words: Sequence[str], seed: int) -> None:
        """Begin with random weights."""
        torch.manual_seed(seed)
        self.fingerprint = f"{seed:064d}"
        self.words = {word: index for index, word in enumerate(words)}
        self.sight = torch.nn.Sequential(
            torch.nn.Linear(3 * SIDE * SIDE, 256), torch.nn.GELU(),
            torch.nn.Linear(256, DIMENSIONS),
        )  # fmt: skip
        self.reading = torch.nn.Linear(len(words), DIMENSIONS)

    def fit(self, images: Sequence[Image.Image], texts: Sequence[str], epochs: int) -> None:
        """Train on pairs with the contrastive loss of CLIP."""
        pixels, bags = self._pixels(images), self._bags(texts)
        weights = [*self.sight.parameters(), *self.reading.parameters()]
        optimiser = torch.optim.Adam(weights, lr=2e-3)
        for _ in range(epochs):
            for part in torch.randperm(len(pixels)).split(100):
                seen, read = (
                    self._unit(self.sight(pixels[part])),
                    self._unit(self.reading(bags[part])),
                )
                logits = SCALE * seen @ read.T
                truth = torch.arange(len(part))
                loss = torch.nn.functional.cross_entropy(logits, truth)
                loss = loss + torch.nn.functional.cross_entropy(logits.T, truth)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()

    def _pixels(self, images: Sequence[Image.Image]) -> torch.Tensor:
        stacked = np.stack([np.asarray(image, dtype=np.float32).ravel() for image in images])
        return torch.tensor(stacked / 128 - 1)

    def _bags(self, texts: Sequence[str]) -> torch.Tensor:
        bags = torch.zeros(len(texts), len(self.words))
        for row, text in enumerate(texts):
            for word in text.split():
                if word in self.words:
                    bags[row, self.words[word]] = 1
        return bags

    @staticmethod
    def _unit(vectors: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(vectors, dim=1)

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return embeddings, (images, dimensions)."""
        with torch.no_grad():
            return self._unit(self.sight(self._pixels(images))).numpy()

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return embeddings, (texts, dimensions)."""
        with torch.no_grad():
            return self._unit(self.reading(self._bags(texts))).numpy()

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return np.asarray(SCALE * images @ texts.T, dtype=np.float32)

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))


def world(rows: int, seed: int) -> MemoryDataset:
    """Return pairs whose pictures show thing and look, half of them for training."""
    rng = np.random.default_rng(seed)
    drawn = np.random.default_rng(0).integers(0, 256, (len(THINGS) + len(LOOKS), 3, 3, 3))
    pictures: list[Image.Image] = []
    captions: list[str] = []
    labels: list[str] = []
    for _ in range(2 * rows):
        thing, look = int(rng.integers(len(THINGS))), int(rng.integers(len(LOOKS)))
        mean = (drawn[thing] + drawn[len(THINGS) + look]) / 2 + rng.normal(0, 40, (3, 3, 3))
        coarse = Image.fromarray(mean.clip(0, 255).astype(np.uint8))
        pictures.append(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        place = PLACES[int(rng.integers(len(PLACES)))]
        captions.append(f"a {LOOKS[look]} {THINGS[thing]} {place} tag{rng.integers(60)}")
        labels.append(THINGS[thing])
    split = ["train"] * rows + ["test"] * rows
    values = {Role.CAPTION: captions, Role.LABEL: labels, Role.SPLIT: split}
    return MemoryDataset(pictures, values, name="known members")


def probed(target: Trained, data: MemoryDataset, reference: Trained) -> dict[str, float]:
    """Return the AUC of each attack of the probe."""
    settings = {"members": ["split=train"], "others": ["split=test"], "changed": 300}
    probe = registry.load("privacy.membership_inference")
    items = run_in_memory(probe, target, data, settings=settings, reference=reference)
    return {
        item.slice.get("attack", "strongest"): item.value
        for item in items
        if isinstance(item, Measurement) and item.metric == "auc"
    }


def toolbox(target: Trained, data: MemoryDataset, member: NDArray[np.bool_]) -> dict[str, float]:
    """Return the AUC of the toolbox's attacks on zero-shot classification by label."""
    prompts = target.embed_texts([f"a {thing}" for thing in THINGS])
    logits = target.scores(target.embed_images(data.pictures), prompts).astype(np.float64)
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([THINGS.index(str(label)) for label in data.texts(Role.LABEL)])
    rows = np.arange(len(labels), dtype=np.float32)[:, None]

    def predict(wanted: NDArray[Any]) -> NDArray[Any]:
        return chances[wanted[:, 0].astype(int)].astype(np.float32)

    estimator = BlackBoxClassifier(predict, (1,), len(THINGS))
    known = np.random.default_rng(0).random(len(labels)) < 0.5
    found: dict[str, float] = {}
    for kind in ("lr", "gb"):
        learnt = MembershipInferenceBlackBox(estimator, attack_model_type=kind)
        inside, outside = known & member, known & ~member
        learnt.fit(rows[inside], labels[inside], rows[outside], labels[outside])
        said = learnt.infer(rows[~known], labels[~known], probabilities=True)
        found[f"toolbox, learned, {kind}"] = float(roc_auc_score(member[~known], said.ravel()))
    ruled = MembershipInferenceBlackBoxRuleBased(estimator).infer(rows, labels)
    found["toolbox, rule"] = float(roc_auc_score(member, ruled.ravel()))
    return found


def main() -> None:
    """Print a table of AUCs by number of epochs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", nargs="+", type=int, default=[0, 3, 10, 30])
    parser.add_argument("--rows", type=int, default=500)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    data = world(options.rows, seed=1)
    other = world(options.rows, seed=2)
    captions = [str(text) for text in data.texts(Role.CAPTION)]
    words = sorted({word for text in captions for word in text.split()})
    reference = Trained(words, seed=9)
    elsewhere = [str(text) for text in other.texts(Role.CAPTION)]
    reference.fit(other.pictures[: options.rows], elsewhere[: options.rows], max(options.epochs))
    member = np.arange(2 * options.rows) < options.rows
    for epochs in options.epochs:
        target = Trained(words, seed=3)
        target.fit(data.pictures[: options.rows], captions[: options.rows], epochs)
        for what in (
            lambda target=target: probed(target, data, reference),
            lambda target=target: toolbox(target, data, member),
        ):
            started = time.process_time()
            found = what()
            spent = time.process_time() - started
            for name, value in found.items():
                print(f"{epochs:>4} epochs  {name:<24} AUC {value:.3f}  ({spent:.1f} s together)")


if __name__ == "__main__":
    main()
