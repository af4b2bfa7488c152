"""Makes the picture encoder of an open_clip model robust (FARE), and attacks it before and after.

Unsupervised adversarial fine-tuning (Schlarmann et al. 2024): the encoder learns to embed attacked
pictures where the original encoder embeds the clean ones. Labels are used for the comparison only,
which is on pictures that nothing was learnt from.

    python examples/adversarial_finetuning/finetune.py --output robust_model
"""

import argparse
import shutil
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import open_clip
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from vlaudit import demo
from vlaudit.core.config import DataConfig, TargetConfig
from vlaudit.core.dataset import Columns, Dataset, Role
from vlaudit.core.target import GivesGradients
from vlaudit.data.load import load as load_data
from vlaudit.perturb.gradient.curve import robustness_curve
from vlaudit.perturb.gradient.ensemble import ApgdEnsemble
from vlaudit.perturb.gradient.oracle import zero_shot
from vlaudit.perturb.subjects import choose_subjects
from vlaudit.stats.intervals import clopper_pearson
from vlaudit.targets.load import load as load_target

COLUMNS = Columns(image="image", label="label", split="split")
WEIGHTS = "open_clip_model.safetensors"


def rows(split: str) -> Dataset:
    """Return the rows of one split of the bundled data."""
    config = DataConfig(source="reference:clean", columns=COLUMNS, split=split)
    return load_data(config, base=Path.cwd(), reference=demo.data_files)


def right_under_attack(model: Path, data: Dataset, images: int, epsilons: Sequence[float]) -> None:
    """Print accuracy at every budget, with its exact interval."""
    target = load_target(TargetConfig(model=f"local-dir:{model}"), base=Path.cwd()).target
    assert isinstance(target, GivesGradients)
    chosen = choose_subjects(data.texts(Role.LABEL), np.random.default_rng(0), at_most=images)
    oracle = zero_shot(target, chosen.classes, ["a photo of a {}"], batch_size=64)
    clean = torch.cat([target.pixels(data.images(part)) for part in chosen.batches(64)])
    curve = robustness_curve(
        oracle, clean, torch.from_numpy(chosen.labels), [0.0, *epsilons],
        attack=ApgdEnsemble(50), generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    for found in curve:
        hits = int(found.robust.sum())
        ends = clopper_pearson(hits, len(clean))
        print(
            f"  {found.epsilon * 255:g}/255: {hits / len(clean):.3f} "
            f"({ends.low:.3f} to {ends.high:.3f}), {len(clean)} pictures"
        )


def attack(
    model: open_clip.CLIP,
    pixels: Tensor,
    goal: Tensor,
    normalise: object,
    *,
    epsilon: float,
    inner: int,
) -> Tensor:
    """Return pictures within a budget whose embeddings lie far from their goals, by PGD."""
    change = epsilon * (2 * torch.rand_like(pixels) - 1)
    for _ in range(inner):
        leaf = (pixels + change).clamp(0, 1).requires_grad_()
        apart = (model.encode_image(normalise(leaf)) - goal).square().sum()  # type: ignore[operator]
        (gradient,) = torch.autograd.grad(apart, leaf)
        change = (change + 2.5 * epsilon / inner * gradient.sign()).clamp(-epsilon, epsilon)
    return (pixels + change).clamp(0, 1).detach()


def finetune(
    source: Path, data: Dataset, *, steps: int, batch: int, epsilon: float, inner: int
) -> open_clip.CLIP:
    """Return the model whose picture encoder was tuned on attacked pictures."""
    torch.manual_seed(0)
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{source}")
    *shape, normalise = preprocess.transforms
    taught = deepcopy(model).eval()
    model.eval()  # the statistics of batch normalisation stay those of clean pictures
    parameters = list(model.visual.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=1e-4)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-3, total_steps=steps, pct_start=0.1)
    rng = np.random.default_rng(0)

    def pixels(picture: Image.Image) -> Tensor:
        for step in shape:
            picture = step(picture)
        return picture  # type: ignore[return-value]

    for step in range(steps):
        drawn = np.sort(rng.choice(len(data), size=min(batch, len(data)), replace=False))
        clean = torch.stack([pixels(picture) for picture in data.images(drawn.tolist())])
        with torch.no_grad():
            goal = taught.encode_image(normalise(clean))
        worst = attack(model, clean, goal, normalise, epsilon=epsilon, inner=inner)
        loss = (model.encode_image(normalise(worst)) - goal).square().sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        plan.step()
        if step % 20 == 0:
            print(f"step {step}: squared distance of embeddings {loss.item():.1f}", flush=True)
    return model


def main(arguments: Sequence[str] | None = None) -> None:
    """Tune, write and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=demo.model_folder("clean"))
    parser.add_argument("--output", type=Path, default=Path("robust_model"))
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--epsilon", type=float, default=4.0, help="budget of training, in 1/255")
    parser.add_argument("--inner", type=int, default=10, help="steps of the attack in training")
    parser.add_argument("--images", type=int, default=128, help="pictures of the comparison")
    options = parser.parse_args(arguments)
    tuned = finetune(
        options.model, rows("train"), steps=options.steps, batch=options.batch,
        epsilon=options.epsilon / 255, inner=options.inner,
    )  # fmt: skip
    options.output.mkdir(parents=True, exist_ok=True)
    shutil.copy(options.model / "open_clip_config.json", options.output)
    weights = {name: tensor.contiguous() for name, tensor in tuned.state_dict().items()}
    save_file(weights, options.output / WEIGHTS)
    test = rows("test")
    for name, model in (("before", options.model), ("after", options.output)):
        print(f"right {name}, under the same attack")
        right_under_attack(model, test, options.images, [1 / 255, 2 / 255])


if __name__ == "__main__":
    main()
