"""Compares the native attack with AutoPGD of the Adversarial Robustness Toolbox, in one run.

Both attack the same pictures that the bundled reference model names right, at the same budgets
and steps; the toolbox asks the target itself, without the oracle's choice of memory layout.
Seconds are CPU seconds of this process.

    python benchmarks/gradient_attack.py --images 64 --steps 50 --epsilon 2 4 8 --seeds 0 1 2
"""

import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch

from vlaudit import demo
from vlaudit.core.config import DataConfig, TargetConfig
from vlaudit.core.dataset import Columns, Role
from vlaudit.core.target import GivesGradients
from vlaudit.data.load import load as load_data
from vlaudit.perturb.gradient.ball import LinfBall
from vlaudit.perturb.gradient.ensemble import ApgdEnsemble, Attack
from vlaudit.perturb.gradient.oracle import Oracle, right, zero_shot
from vlaudit.perturb.gradient.toolbox import ToolboxAutoPgd
from vlaudit.perturb.subjects import choose_subjects, prompts
from vlaudit.targets.load import load as load_target

COLUMNS = Columns(image="image", label="label", split="split")


def main() -> None:
    """Print robust accuracy, seconds and the ratio of seconds for each seed and budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=None, help="the clean reference model otherwise")
    parser.add_argument("--images", type=int, default=128)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--restarts", type=int, default=1, help="of the toolbox; its default is 5")
    parser.add_argument("--epsilon", type=float, nargs="+", default=[2.0, 4.0, 8.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--quick", action="store_true", help="only what the promise is about")
    options = parser.parse_args()
    here = Path.cwd()
    folder = demo.model_folder("clean")
    model = options.model or f"local-dir:{folder}"
    target = load_target(TargetConfig(model=model), base=here).target
    data = load_data(
        DataConfig(source="reference:clean", columns=COLUMNS, split="test"),
        base=here,
        reference=demo.data_files,
    )
    assert isinstance(target, GivesGradients)
    attacks: dict[str, Attack] = {
        "native": ApgdEnsemble(options.steps),
        "ART AutoPGD, cross-entropy": ToolboxAutoPgd(
            options.steps, options.restarts, ("cross_entropy",)
        ),
    }
    if not options.quick:
        attacks["native, all steps on all"] = ApgdEnsemble(options.steps, give_up=False)
        attacks["ART AutoPGD, both losses"] = ToolboxAutoPgd(options.steps, options.restarts)
    print(f"{target.name}, {options.images} pictures, {options.steps} steps")
    print("| seed | budget | attack | robust | CPU s | s / native s |\n|---|---|---|---|---|---|")
    for seed in options.seeds:
        subjects = choose_subjects(
            data.texts(Role.LABEL), np.random.default_rng(seed), at_most=options.images
        )
        oracle = zero_shot(target, subjects.classes, ["a photo of a {}"], batch_size=64)
        texts = prompts(subjects.classes, ["a photo of a {}"])
        plain = Oracle(partial(target.pixel_scores, texts=texts), batch_size=64)
        clean = target.pixels(data.images(subjects.positions.tolist()))
        labels = torch.from_numpy(subjects.labels).to(clean.device)
        named = right(oracle.logits(clean), labels)
        print(f"| {seed} | 0 | none | {float(named.float().mean()):.3f} | | |")
        for epsilon in options.epsilon:
            native = 0.0
            for name, attack in attacks.items():
                began = time.process_time()
                attempt = attack(
                    plain if isinstance(attack, ToolboxAutoPgd) else oracle,
                    clean[named],
                    labels[named],
                    LinfBall(epsilon / 255),
                    generator=torch.Generator().manual_seed(seed),
                    progress=lambda fraction: None,
                )
                seconds = time.process_time() - began
                native = native or seconds
                robust = float((~attempt.won).sum()) / len(clean)
                print(
                    f"| {seed} | {epsilon:g}/255 | {name} | {robust:.3f} | {seconds:.1f} | "
                    f"{seconds / native:.1f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
