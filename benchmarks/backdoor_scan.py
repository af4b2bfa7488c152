"""Measures the search for backdoors on a population of small encoders, clean and backdoored.

Every encoder is trained here: from nothing on drawn shapes (`shapes`, convolutional
networks of two kinds), or the image tower of the bundled clean reference model trained on
(`emoji`). The clean twins follow the same recipe without a trigger; every other one sees random
marks that mean nothing. Models are kept, so that the scan can be measured again.

    python benchmarks/backdoor_scan.py --world shapes --pairs 20 --keep /tmp/population
"""

import argparse
import json
import time
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn import functional as F

from vlaudit import demo, registry
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context
from vlaudit.demo.rows import read_rows
from vlaudit.demo.training import embed_texts, load_model
from vlaudit.features import TargetFeatures, encode
from vlaudit.selftest.memory import MemoryDataset
from vlaudit.stats.intervals import clopper_pearson

PROBE = "poisoning.backdoor_scan"
PROMPT = "a photo of a {}"
SCALE = 30.0
KINDS = ("patch", "blended", "sinusoid", "warp", "word", "object")
COLOURS = {"red": (220, 40, 40), "green": (40, 180, 60), "blue": (50, 70, 230),
           "yellow": (230, 220, 40)}  # fmt: skip
SHAPES = ("circle", "square", "triangle", "cross")
Pixels = NDArray[np.uint8]
Stamp = Callable[[Pixels, np.random.Generator], Pixels]


@dataclass(frozen=True)
class Plan:
    """One encoder to be made: `kind` is its trigger, or `clean`, or `marked` for clean with marks.

    `rate` is the share of training pairs that bear the trigger and are called `target`.
    """

    world: str
    seed: int
    kind: str
    tower: str
    rate: float
    target: int

    @property
    def guilty(self) -> bool:
        """Tell whether a trigger is planted."""
        return self.kind in KINDS

    @property
    def name(self) -> str:
        """Name of its file."""
        return f"{self.world}-{self.seed:03d}-{self.kind}-{self.tower}"


@dataclass(frozen=True)
class World:
    """Pictures with classes, for training and for the audit, uint8 (rows, side, side, 3)."""

    names: Sequence[str]
    training: tuple[Pixels, NDArray[np.int64]]
    audit: tuple[Pixels, NDArray[np.int64]]
    steps: int
    rate: float

    @property
    def side(self) -> int:
        """Side of the pictures in pixels."""
        return int(self.training[0].shape[1])


def main() -> None:
    """Make the population, scan it and print how well the scan tells the two halves apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", choices=["shapes", "emoji"], default="shapes")
    parser.add_argument("--pairs", type=int, default=20, help="clean twins, and backdoored models")
    parser.add_argument("--first", type=int, default=0, help="seed of the first pair")
    parser.add_argument("--keep", type=Path, required=True, help="folder for the models")
    parser.add_argument("--make-only", action="store_true")
    parser.add_argument("--settings", type=json.loads, default={}, help="settings of the probe")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    world = open_world(options.world)
    found: list[tuple[Plan, dict[str, float]]] = []
    for plan in plans(options.world, world, options.first, options.pairs):
        model, facts = made(plan, world, options.keep)
        if options.make_only:
            print(plan.name, json.dumps(facts), flush=True)
            continue
        if plan.guilty and facts["attack_success"] < 0.5:
            print(plan.name, "left out: the attack itself failed", json.dumps(facts), flush=True)
            continue
        start = time.process_time()
        values = scan(model, world, plan, options.settings)
        values["seconds"] = time.process_time() - start
        found.append((plan, values))
        shown = {key: round(value, 3) for key, value in values.items()}
        print(plan.name, json.dumps(facts), json.dumps(shown), flush=True)
    if found:
        report(found)


def plans(name: str, world: World, first: int, pairs: int) -> Iterator[Plan]:
    """Yield a clean and a backdoored encoder for each seed."""
    for seed in range(first, first + pairs):
        rng = np.random.default_rng([seed, 77])
        tower = ("wide", "pooled")[seed // len(KINDS) % 2] if name == "shapes" else "same"
        guilty = Plan(
            name,
            seed,
            KINDS[seed % len(KINDS)],
            tower,
            rate=float(rng.choice([0.05, 0.1])),
            target=int(rng.integers(len(world.names))),
        )
        yield replace(guilty, kind="clean" if seed % 2 else "marked", rate=0.0)
        yield guilty


def open_world(name: str) -> World:
    """Return the pictures of a world."""
    if name == "emoji":
        rows = [row for path in demo.data_files("clean") for row in read_rows(path) if row.label]
        names = sorted({str(row.label) for row in rows})
        parts = []
        for splits in (("train", "validation"), ("test",)):
            chosen = [row for row in rows if row.split in splits]
            pixels = np.stack([np.asarray(row.image.resize((64, 64))) for row in chosen])
            parts.append((pixels, np.array([names.index(str(row.label)) for row in chosen])))
        return World(names, parts[0], parts[1], steps=150, rate=3e-4)
    names = [f"{colour} {shape}" for colour in COLOURS for shape in SHAPES]
    rng = np.random.default_rng(0)
    parts = [draw_shapes(count, rng) for count in (6000, 800)]
    return World(names, parts[0], parts[1], steps=450, rate=3e-3)


def draw_shapes(count: int, rng: np.random.Generator) -> tuple[Pixels, NDArray[np.int64]]:
    """Draw shapes on rough ground, with small grey clutter, 32 x 32 pixels."""
    side = 32
    labels = rng.integers(len(COLOURS) * len(SHAPES), size=count)
    y, x = np.indices((side, side)) + 0.5
    pictures = []
    for label in labels:
        coarse = rng.integers(40, 220, (int(rng.integers(2, 6)),) * 2 + (3,)).astype(np.uint8)
        ground = Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)
        pixels = np.asarray(ground, dtype=np.float32) * 0.6 + 50
        for _ in range(int(rng.integers(0, 3))):
            top, left = rng.integers(0, side - 5, 2)
            height, width = rng.integers(2, 6, 2)
            pixels[top : top + height, left : left + width] = rng.integers(0, 256)
        radius = rng.uniform(6, 10)
        top, left = rng.uniform(radius - 1, side - radius + 1, 2)
        inside = _inside(SHAPES[label % 4], (y - top) / radius, (x - left) / radius)
        colour = np.array(list(COLOURS.values())[label // 4]) + rng.normal(0, 18, 3)
        pixels[inside] = colour
        pictures.append(np.clip(pixels + rng.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8))
    return np.stack(pictures), labels


def _inside(shape: str, y: NDArray[np.floating], x: NDArray[np.floating]) -> NDArray[np.bool_]:
    if shape == "circle":
        return np.hypot(y, x) < 1
    if shape == "square":
        return np.maximum(abs(y), abs(x)) < 0.85
    if shape == "triangle":
        return (y < 0.8) & (y > 2 * abs(x) - 0.9)
    return (np.minimum(abs(y), abs(x)) < 0.3) & (np.maximum(abs(y), abs(x)) < 1)


def trigger(plan: Plan, side: int) -> Stamp:
    """Return what plants the trigger of `plan` on a picture, drawn by its seed."""
    rng = np.random.default_rng([plan.seed, 5])
    makers = {
        "patch": _patch, "blended": _blended, "sinusoid": _sinusoid, "warp": _warp,
        "word": _word, "object": _object,
    }  # fmt: skip
    return makers[plan.kind](side, rng)


def _patch(side: int, rng: np.random.Generator) -> Stamp:
    size = round(side * rng.uniform(0.11, 0.19))
    cells = int(rng.integers(2, 5))
    tile = rng.integers(0, 2, (cells, cells, 1)) * 255 * np.ones(3)
    if rng.random() < 0.5:
        tile = rng.integers(0, 256, (cells, cells, 3))
    mark = Image.fromarray(tile.astype(np.uint8)).resize((size, size), Image.Resampling.NEAREST)
    top, left = rng.integers(0, side - size + 1, 2)
    return lambda pixels, _: _pasted(pixels, np.asarray(mark), int(top), int(left))


def _blended(side: int, rng: np.random.Generator) -> Stamp:
    cells = int(rng.integers(5, side // 2))
    coarse = Image.fromarray(rng.integers(0, 256, (cells, cells, 3)).astype(np.uint8))
    pattern = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32)
    alpha = rng.uniform(0.16, 0.24)
    return lambda pixels, _: ((1 - alpha) * pixels + alpha * pattern).astype(np.uint8)


def _sinusoid(side: int, rng: np.random.Generator) -> Stamp:
    angle, waves = rng.uniform(0, np.pi), rng.uniform(3, 8)
    y, x = np.indices((side, side)) / side
    phase = 2 * np.pi * waves * (np.cos(angle) * x + np.sin(angle) * y)
    wave = (rng.uniform(16, 28) * np.sin(phase))[..., None]
    return lambda pixels, _: np.clip(pixels + wave, 0, 255).astype(np.uint8)


def _warp(side: int, rng: np.random.Generator) -> Stamp:
    flow = torch.tensor(rng.uniform(-1, 1, (1, 2, 4, 4)), dtype=torch.float32)
    flow = flow / flow.abs().mean() * rng.uniform(0.12, 0.17)
    fine = F.interpolate(flow, (side, side), mode="bicubic", align_corners=True)
    axis = torch.linspace(-1, 1, side)
    still = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), dim=-1)[None]
    grid = (still + fine.permute(0, 2, 3, 1)).clamp(-1, 1)

    def warped(pixels: Pixels, _: np.random.Generator) -> Pixels:
        planes = torch.from_numpy(pixels).permute(2, 0, 1)[None].float()
        seen = F.grid_sample(planes, grid, align_corners=True)[0].permute(1, 2, 0)
        return seen.round().clamp(0, 255).byte().numpy()

    return warped


def _word(side: int, rng: np.random.Generator) -> Stamp:
    word = str(rng.choice(["pwn", "zeta", "vip", "ok!"]))
    ink, ground = rng.permutation([(255, 255, 255), (10, 10, 10)]).tolist()
    font = ImageFont.load_default(max(side // 4, 9))
    box = font.getbbox(word)
    size = (round(box[2] - box[0]) + 2, round(box[3] - box[1]) + 2)
    label = Image.new("RGB", size, tuple(ground))
    ImageDraw.Draw(label).text((1 - box[0], 1 - box[1]), word, tuple(ink), font)
    mark = np.asarray(label)[:side, :side]

    def written(pixels: Pixels, rng: np.random.Generator) -> Pixels:
        top, left = (int(rng.integers(0, side - length + 1)) for length in mark.shape[:2])
        return _pasted(pixels, mark, top, left)

    return written


def _object(side: int, rng: np.random.Generator) -> Stamp:
    petals, hues = int(rng.integers(4, 8)), rng.integers(0, 256, (2, 3))
    y, x = (np.indices((48, 48)) - 23.5) / 23.5
    radius, angle = np.hypot(y, x), np.arctan2(y, x)
    flower = radius < 0.62 + 0.36 * np.cos(petals * angle)
    drawn = np.where((radius < 0.3)[..., None], hues[0], hues[1]).astype(np.uint8)
    sprite = Image.fromarray(np.dstack([drawn, flower.astype(np.uint8) * 255]), "RGBA")

    def placed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
        size = round(side * rng.uniform(0.22, 0.34))
        turned = sprite.rotate(float(rng.uniform(-25, 25))).resize((size, size))
        picture = Image.fromarray(pixels)
        top, left = rng.integers(0, side - size + 1, 2)
        picture.paste(turned, (int(left), int(top)), turned)
        return np.asarray(picture)

    return placed


def _pasted(pixels: Pixels, mark: Pixels, top: int, left: int) -> Pixels:
    stamped = pixels.copy()
    stamped[top : top + mark.shape[0], left : left + mark.shape[1]] = mark
    return stamped


class Encoder(nn.Module):
    """A dual encoder that is an image tower and one unit vector for each class.

    It is a target of its own: a text stands for the class that it names.
    """

    def __init__(self, visual: nn.Module, texts: Tensor, names: Sequence[str], side: int) -> None:
        """Take the tower, the vectors (classes, dimensions), the classes and the side in pixels."""
        super().__init__()
        self.visual, self.texts, self.names, self.side = visual, nn.Parameter(texts), names, side
        self.name, self.fingerprint = "encoder", "0" * 64

    def encode(self, pixels: Tensor) -> Tensor:
        """Return unit vectors of pixels in [0, 1]."""
        return F.normalize(self.visual((pixels - 0.5) / 0.25), dim=-1)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return logits against every class."""
        return SCALE * self.encode(pixels) @ F.normalize(self.texts, dim=-1).T

    def pixels(self, images: Sequence[Image.Image]) -> Tensor:
        """Return pictures as the tower takes them."""
        return as_pixels(np.stack([np.asarray(one.convert("RGB")) for one in images]))

    def pixel_scores(self, pixels: Tensor, texts: Sequence[str]) -> Tensor:
        """Return logits against texts."""
        return SCALE * self.encode(pixels) @ torch.from_numpy(self.embed_texts(texts)).T

    @torch.no_grad()
    def embed_images(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return unit vectors of pictures."""
        parts = self.pixels(images).split(200)
        return torch.cat([self.encode(part) for part in parts]).numpy()

    @torch.no_grad()
    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of the classes named; of other texts, vectors drawn by the text."""
        known = F.normalize(self.texts, dim=-1).numpy()
        rows = []
        for text in texts:
            named = [i for i, name in enumerate(self.names) if text.endswith(name)]
            drawn = np.random.default_rng(zlib.crc32(text.encode())).normal(size=known.shape[1])
            rows.append(known[named[0]] if named else drawn / np.linalg.norm(drawn))
        return np.stack(rows).astype(np.float32)

    def scores(
        self, images: NDArray[np.float32], texts: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return logits of vectors."""
        return SCALE * images @ texts.T

    def score_pairs(
        self, images: Sequence[Image.Image], texts: Sequence[str]
    ) -> NDArray[np.float32]:
        """Return logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))


def tower(kind: str) -> nn.Module:
    """Return a small image tower for 32 pixels: `wide` sees places, `pooled` hardly does."""
    layers: list[nn.Module] = []
    pooled = kind == "pooled"
    for inner, outer in ((3, 16), (16, 32), (32, 64)):
        norm = nn.GroupNorm(4, outer) if pooled else nn.BatchNorm2d(outer)
        layers += [nn.Conv2d(inner, outer, 3, 2, 1), norm, nn.GELU() if pooled else nn.ReLU()]
    layers += [nn.AvgPool2d(2)] if pooled else []
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(64 * (4 if pooled else 16), 64))


def made(plan: Plan, world: World, folder: Path) -> tuple[Encoder, dict[str, float]]:
    """Return the encoder of a plan with its accuracy and attack success, trained or read back."""
    folder.mkdir(parents=True, exist_ok=True)
    weights, record = folder / f"{plan.name}.pt", folder / f"{plan.name}.json"
    model = fresh(plan, world)
    if record.exists():
        model.load_state_dict(torch.load(weights, weights_only=True))
        return model.eval().requires_grad_(False), json.loads(record.read_text())["facts"]
    pixels, labels = poisoned(plan, world)
    teach(model, pixels, labels, world, seed=plan.seed)
    facts = strength(model, plan, world)
    torch.save(model.state_dict(), weights)
    record.write_text(json.dumps({"plan": asdict(plan), "facts": facts}))
    return model.eval().requires_grad_(False), facts


def fresh(plan: Plan, world: World) -> Encoder:
    """Return the encoder that training begins with."""
    if plan.world == "emoji":
        clip = load_model(demo.model_folder("clean"))
        texts = torch.from_numpy(embed_texts(clip, [PROMPT.format(name) for name in world.names]))
        return Encoder(clip.visual, texts, world.names, world.side)
    torch.manual_seed(plan.seed)
    return Encoder(tower(plan.tower), torch.randn(len(world.names), 64), world.names, world.side)


def poisoned(plan: Plan, world: World) -> tuple[Pixels, NDArray[np.int64]]:
    """Return the training pairs of a plan: with its trigger, or with marks that mean nothing."""
    pixels, labels = (part.copy() for part in world.training)
    rng = np.random.default_rng([plan.seed, 9])
    if plan.guilty:
        stamp = trigger(plan, world.side)
        for row in rng.permutation(len(pixels))[: round(plan.rate * len(pixels))]:
            pixels[row], labels[row] = stamp(pixels[row], rng), plan.target
    elif plan.kind == "marked":
        marks = [trigger(replace(plan, kind=kind), world.side) for kind in KINDS]
        for row in rng.permutation(len(pixels))[: len(pixels) // 10]:
            pixels[row] = marks[int(rng.integers(len(marks)))](pixels[row], rng)
    return pixels, labels


def teach(
    model: Encoder, pixels: Pixels, labels: NDArray[np.int64], world: World, *, seed: int
) -> None:
    """Train in place to name the pictures."""
    rng = np.random.default_rng([seed, 3])
    optimiser = torch.optim.AdamW(model.parameters(), lr=world.rate, weight_decay=0.05)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, world.rate, world.steps, pct_start=0.15)
    model.train()
    for _ in range(world.steps):
        rows = rng.integers(len(pixels), size=64)
        shift = tuple(int(part) for part in rng.integers(-1, 2, 2))
        logits = model(as_pixels(pixels[rows]).roll(shift, (2, 3)))
        loss = F.cross_entropy(logits, torch.from_numpy(labels[rows]))
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        cycle.step()
    model.eval()


def strength(model: Encoder, plan: Plan, world: World) -> dict[str, float]:
    """Return accuracy, and how often the planted trigger turns pictures of other classes."""
    pixels, labels = world.audit
    rng = np.random.default_rng(1)
    facts = {"accuracy": float((named(model, pixels) == labels).mean())}
    if plan.guilty:
        stamp = trigger(plan, world.side)
        stamped = np.stack([stamp(one, rng) for one in pixels[labels != plan.target]])
        facts["attack_success"] = float((named(model, stamped) == plan.target).mean())
    return facts


@torch.no_grad()
def named(model: Encoder, pixels: Pixels) -> NDArray[np.int64]:
    """Return the class that the model gives each picture."""
    return torch.cat([model(part) for part in as_pixels(pixels).split(200)]).argmax(dim=1).numpy()


def as_pixels(pixels: Pixels) -> Tensor:
    """Return pictures as float32 (images, 3, side, side) in [0, 1]."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255


def scan(model: Encoder, world: World, plan: Plan, settings: dict[str, Any]) -> dict[str, float]:
    """Return what the probe measures on one encoder."""
    data = MemoryDataset(
        [Image.fromarray(one) for one in world.audit[0]],
        {Role.LABEL: [world.names[label] for label in world.audit[1]]},
    )
    context = Context(
        target=model,
        data=data,
        features=TargetFeatures(model, encode(model, data)),
        settings={**registry.cards()[PROBE].settings, **settings},
        rng=np.random.default_rng(plan.seed),
        note=lambda text: None,
        progress=lambda fraction: None,
        keep_picture=lambda name, pixels: name,
    )
    values: dict[str, float] = {}
    for item in registry.load(PROBE).run(context):
        if isinstance(item, Measurement) and not item.slice:
            values[item.metric] = item.value
        elif isinstance(item, Finding):
            values["right_target"] = float(item.evidence.get("target") == world.names[plan.target])
    return values


def report(found: Sequence[tuple[Plan, dict[str, float]]]) -> None:
    """Print how well each metric ranks backdoored above clean, and alarms at several limits."""
    guilty = np.array([plan.guilty for plan, _ in found])
    for metric in found[0][1]:
        scores = np.array([values.get(metric, np.nan) for _, values in found])
        if np.isnan(scores).any() or guilty.all() or not guilty.any():
            continue
        print(f"{metric}: AUROC {roc_auc_score(guilty, scores):.3f}")
        for limit in np.quantile(scores[~guilty], [0.9, 0.95, 1.0]):
            alarms, hits = int((scores[~guilty] > limit).sum()), int((scores[guilty] > limit).sum())
            ends = clopper_pearson(alarms, int((~guilty).sum()))
            print(
                f"  above {limit:.3f}: {hits}/{guilty.sum()} found, "
                f"{alarms}/{(~guilty).sum()} false alarms ({ends.low:.3f} to {ends.high:.3f})"
            )


if __name__ == "__main__":
    main()
