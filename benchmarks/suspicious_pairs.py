"""Compares the poisoning probe with detectors of the Adversarial Robustness Toolbox, in one run.

All work on the same embeddings of the bundled reference data, whose defects are known. The
toolbox's detectors need classes: they are given the topics of the captions. Seconds are CPU
seconds of this process; those of the probe include the trial of marks on the model.

    python benchmarks/suspicious_pairs.py --models flawed clean --seed 0
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from art.defences.detector.poison import ActivationDefence, SpectralSignatureDefense
from art.estimators.classification import PyTorchClassifier
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from vlaudit import demo, registry
from vlaudit.core.config import DataConfig, TargetConfig
from vlaudit.core.dataset import Columns, Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context
from vlaudit.core.target import Matrix
from vlaudit.data.load import load as load_data
from vlaudit.detect.association import topics
from vlaudit.detect.triage import triage
from vlaudit.features import TargetFeatures, encode
from vlaudit.targets.load import load as load_target

COLUMNS = Columns(id="id", image="image", caption="caption", label="label", split="split")
PROBE = "poisoning.suspicious_pairs"
Floats = NDArray[np.float64]
Report = tuple[Floats, NDArray[np.bool_]]


def main() -> None:
    """Print, for each model and kind of bad pair, how well each detector ranks and flags it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=["flawed", "clean"], choices=demo.MODELS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    for name in options.models:
        compare(name, options.seed)


def compare(name: str, seed: int) -> None:
    """Print the table of one model."""
    here = Path.cwd()
    target = load_target(TargetConfig(model=f"local-dir:{demo.model_folder(name)}"), base=here)
    config = DataConfig(source="reference:flawed", columns=COLUMNS)
    data = load_data(config, base=here, reference=demo.data_files)
    features = TargetFeatures(target.target, encode(target.target, data))
    captions = [caption or "" for caption in data.texts(Role.CAPTION)]
    images, vectors = features.images(data), features.texts(captions)
    said = topics(captions, vectors, data.texts(Role.LABEL)).owner
    numbers: list[Measurement] = []

    def audit() -> Report:
        rng = np.random.default_rng(seed)
        seen = triage(images, vectors, captions, rng, rate=0.01)
        context = Context(
            target=target.target,
            data=data,
            features=features,
            settings={**registry.cards()[PROBE].settings, "listed": len(data)},
            rng=np.random.default_rng(seed),
            note=print,
            progress=lambda fraction: None,
            keep_picture=lambda picture, pixels: picture,
        )
        items = list(registry.load(PROBE).run(context))
        numbers.extend(item for item in items if isinstance(item, Measurement))
        findings = [item for item in items if isinstance(item, Finding)]
        sure = {item.row for item in findings if item.kind == "poisoned_pair"}
        guilty = np.array([row in sure for row in data.ids()])
        return np.where(guilty, 1e9, -np.log(seen.p_values)), guilty | seen.flagged

    def weigh() -> Report:
        seen = triage(images, vectors, captions, np.random.default_rng(seed), rate=0.01)
        return -np.log(seen.p_values), seen.flagged

    detectors: dict[str, Callable[[], Report]] = {
        "vlaudit, evidence and trial": audit,
        "vlaudit, evidence alone": weigh,
        "ART spectral signatures": lambda: spectral(images, said),
        "ART activation clustering": lambda: activations(images, said),
    }
    truth = json.loads((demo.data_files("flawed")[0].parent / "defects_truth.json").read_text())
    kinds = [{plant["kind"] for plant in truth.get(row, ())} for row in data.ids()]
    print(f"\n{name}: {len(data)} rows")
    print("| detector | bad pairs | AUROC | AP | flagged | precision | recall | CPU s |")
    print("|---|---|---|---|---|---|---|---|")
    for detector, detect in detectors.items():
        began = time.process_time()
        scores, flagged = detect()
        seconds = time.process_time() - began
        for kind in ("poisoned_pair", "mislabelled_pair"):
            row = table_row(scores, flagged, kinds, kind)
            print(f"| {detector} | {kind} | {row} | {seconds:.1f} |", flush=True)
    for item in numbers:
        ends = item.interval
        print(f"{item.metric}: {item.value:.4f} [{ends.low:.4f}, {ends.high:.4f}]")


def table_row(scores: Floats, flagged: NDArray[np.bool_], kinds: list[set[str]], kind: str) -> str:
    """Return the cells of one kind of bad pair, against rows with no defect at all.

    Precision is over all flagged rows of either sort: rows with another defect do not count.
    """
    bad = np.array([kind in row for row in kinds])
    judged = bad | np.array([not row for row in kinds])
    hits = (flagged & bad).sum()
    among = max((flagged & judged).sum(), 1)
    return (
        f"{roc_auc_score(bad[judged], scores[judged]):.3f} | "
        f"{average_precision_score(bad[judged], scores[judged]):.3f} | "
        f"{(flagged & judged).sum()} | {hits / among:.3f} | {hits / bad.sum():.3f}"
    )


def wrapped(images: Matrix, said: NDArray[np.int64]) -> tuple[PyTorchClassifier, Matrix]:
    """Return a classifier whose last hidden layer is the embedding, and the classes one-hot."""
    classes = int(said.max()) + 1
    layers = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Linear(images.shape[1], classes))
    classifier = PyTorchClassifier(
        layers, torch.nn.CrossEntropyLoss(), (images.shape[1],), classes, device_type="cpu"
    )
    classifier._layer_names = classifier.layer_names[:1]
    return classifier, np.eye(classes, dtype=np.float32)[said]


def spectral(images: Matrix, said: NDArray[np.int64]) -> Report:
    """Return scores and flags of spectral signatures, set to expect one row in a hundred."""
    classifier, labels = wrapped(images, said)
    detector = SpectralSignatureDefense(
        classifier, images, labels, expected_pp_poison=0.01, batch_size=1024
    )
    _, clean = detector.detect_poison()
    scores = np.zeros(len(images))
    for topic in np.unique(said):
        rows = said == topic
        part = detector.spectral_signature_scores(images[rows])
        scores[rows] = np.asarray(part).ravel()
    return scores, np.array(clean) == 0


def activations(images: Matrix, said: NDArray[np.int64]) -> Report:
    """Return flags of activation clustering by relative size, which has no scores.

    It cannot reduce a class of fewer rows than dimensions: those classes are left out.
    """
    large = np.flatnonzero(np.bincount(said)[said] >= 12)
    _, classes = np.unique(said[large], return_inverse=True)
    classifier, labels = wrapped(images, classes)
    detector = ActivationDefence(classifier, images[large], labels)
    _, clean = detector.detect_poison(nb_clusters=2, nb_dims=10, reduce="PCA")
    flagged = np.zeros(len(images), dtype=np.bool_)
    flagged[large] = np.array(clean) == 0
    return flagged.astype(np.float64), flagged


if __name__ == "__main__":
    main()
