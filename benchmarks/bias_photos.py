"""Audits models trained on real photos, with a flaw that one group bears and without, by the CLI.

Needs ../shared/data/clothing_small_128.tar; says so and stops where it is absent. Half of the
photos are given a warm tint and half a cold one, which are the groups. Small networks learn to name
what is worn; in training a share of the labels of the warm photos, of all or of none is wrong.
Each is then audited on photos that it has not seen.

    python benchmarks/bias_photos.py --seeds 3 --photos 700
"""

import argparse
import hashlib
import json
import os
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from vlaudit.cli import build as build_cli
from vlaudit.evidence import load_run

PHOTOS = Path(__file__).resolve().parents[2] / "shared/data/clothing_small_128.tar"
SIDE, HIDDEN, EPOCHS = 24, 160, 30
TINTS = {"warm": (1.15, 1.0, 0.8), "cold": (0.8, 1.0, 1.15)}
FLAWS = {"fair": (0.0, 0.0), "inaccurate": (0.6, 0.6), "0.15": (0.15, 0.0), "0.3": (0.3, 0.0),
         "0.5": (0.5, 0.0), "0.8": (0.8, 0.0)}  # fmt: skip
AUDITED = ("bias.zero_shot_parity", "bias.retrieval_skew", "bias.quality_of_service")
JUDGED = {"bias.zero_shot_parity": "matched_accuracy_gap", "bias.quality_of_service": "service_gap",
          "bias.retrieval_skew": "label_excess_skew"}  # fmt: skip
Floats = NDArray[np.float32]


def pixels(images: Sequence[Image.Image]) -> Floats:
    """Return small copies of pictures as rows of numbers, (images, numbers)."""
    small = [np.asarray(image.convert("RGB").resize((SIDE, SIDE))) for image in images]
    return np.stack(small).reshape(len(small), -1).astype(np.float32) / 255 - 0.5


class Namer:
    """Names what is worn by a network with one hidden layer."""

    name = "namer"

    def __init__(self, folder: str) -> None:
        """Read weights and names of classes."""
        self.classes = json.loads((Path(folder) / "classes.json").read_text())
        with np.load(Path(folder) / "weights.npz") as kept:
            self.weights = [kept[key] for key in ("w1", "b1", "w2", "b2")]
        self.fingerprint = hashlib.sha256(b"".join(w.tobytes() for w in self.weights)).hexdigest()

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Floats:
        """Return the logit of the class that each text ends with, (images, texts)."""
        w1, b1, w2, b2 = self.weights
        logits = np.maximum(pixels(images) @ w1.T + b1, 0) @ w2.T + b2
        known = [[text.endswith(f" {name}") for name in self.classes] for text in texts]
        return np.asarray(logits @ np.array(known, dtype=np.float32).T, dtype=np.float32)


def unpack(folder: Path) -> list[tuple[str, str]]:
    """Write every photo with a tint; return path and class of each."""
    rng, rows = np.random.default_rng(0), []
    with tarfile.open(PHOTOS) as tar:
        for member in tar:
            parts = Path(member.name).parts
            held = tar.extractfile(member) if member.name.endswith(".jpg") else None
            if held is None:
                continue
            tint = str(rng.choice([*TINTS]))
            photo = np.asarray(Image.open(held).convert("RGB")) * np.array(TINTS[tint])
            name = f"{tint}-{len(rows)}.jpg"
            Image.fromarray(np.clip(photo, 0, 255).astype(np.uint8)).save(folder / name)
            rows.append((name, parts[-2]))
    return rows


def train(folder: Path, known: Floats, labels: NDArray[np.intp], warm: NDArray[np.bool_],
          wrong: tuple[float, float], classes: list[str], seed: int) -> None:  # fmt: skip
    """Train a network on labels of which shares of the warm and the cold ones are wrong."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    share = np.where(warm, *wrong)
    taught = np.where(rng.random(labels.size) < share, (labels + 1) % len(classes), labels)
    net = torch.nn.Sequential(
        torch.nn.Linear(known.shape[1], HIDDEN), torch.nn.ReLU(), torch.nn.Dropout(0.3),
        torch.nn.Linear(HIDDEN, len(classes)),
    )  # fmt: skip
    steps = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    pictures, wanted = torch.from_numpy(known), torch.from_numpy(taught)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(pictures)).split(64):
            loss = torch.nn.functional.cross_entropy(net(pictures[rows]), wanted[rows])
            steps.zero_grad()
            loss.backward()
            steps.step()
    weights = [part.detach().numpy() for part in net.parameters()]
    np.savez(folder / "weights.npz", **dict(zip(("w1", "b1", "w2", "b2"), weights, strict=True)))
    (folder / "classes.json").write_text(json.dumps(classes))


def audit(folder: Path, seed: int) -> dict[str, Any]:
    """Audit the network in a folder through the command line; return what was measured."""
    config = folder / "vlaudit.json"
    settings = {"bias.retrieval_skew": {"prompts": [], "draws": 200},
                "bias.quality_of_service": {"min_group_rows": 20}}  # fmt: skip
    config.write_text(json.dumps({
        "target": {"model": "python:bias_photos:Namer", "options": {"folder": str(folder)}},
        "data": {"source": "rows.csv", "columns": {"image": "image", "label": "label",
                                                   "groups": ["tint"]}},
        "probes": {"select": [*AUDITED], "settings": settings},
        "seed": seed, "self_check": "off", "output": "runs",
    }))  # fmt: skip
    result = CliRunner().invoke(build_cli(), ["run", str(config)])
    if result.exit_code not in {0, 1, 3}:
        sys.exit(result.output)
    run = max((folder / "runs").iterdir())
    found = load_run(run)
    return {
        f"{probe}.{item.metric}": item
        for probe, items in found.measurements.items()
        for item in items
        if not item.slice
    } | {"accused": sorted({f.kind for of in found.findings.values() for f in of})}


def main() -> None:
    """Train, audit and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--photos", type=int, default=700, help="photos of each audit")
    options = parser.parse_args()
    if not PHOTOS.is_file():
        sys.exit(f"{PHOTOS} is not there: these are development data, which no user needs")
    torch.set_num_threads(1)
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        rows = unpack(folder)
        classes = sorted({label for _, label in rows})
        labels = np.array([classes.index(label) for _, label in rows])
        warm = np.array([name.startswith("warm") for name, _ in rows])
        every = pixels([Image.open(folder / name) for name, _ in rows])
        print("labels wrong  seed  accuracy  gap of accuracy | lower ends; findings")
        for flaw, wrong in FLAWS.items():
            for seed in range(options.seeds):
                place = folder / f"{flaw}-{seed}"
                place.mkdir()
                order = np.random.default_rng(seed).permutation(len(rows))
                taught, held = order[: len(rows) * 2 // 3], order[-options.photos :]
                train(place, every[taught], labels[taught], warm[taught], wrong, classes, seed)
                lines = [f"../{rows[at][0]},{rows[at][1]},{rows[at][0][:4]}" for at in held]
                (place / "rows.csv").write_text("\n".join(["image,label,tint", *lines]))
                seen = audit(place, seed)
                gap = seen["bias.zero_shot_parity.accuracy_gap"].value
                lows = "  ".join(
                    f"{metric} {seen[f'{probe}.{metric}'].interval.low:.3f}"
                    for probe, metric in JUDGED.items() if f"{probe}.{metric}" in seen
                )  # fmt: skip
                accuracy = seen["bias.zero_shot_parity.accuracy"].value
                print(f"{flaw:12s}  {seed:4d}  {accuracy:8.3f}  {gap:15.3f} | {lows}; "
                      f"{', '.join(seen['accused']) or 'none'}", flush=True)  # fmt: skip


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
