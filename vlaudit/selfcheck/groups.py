"""Groups dealt at random, and groups that fare worse by a known amount."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vlaudit.core.dataset import Dataset, Role, class_name
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Matrix
from vlaudit.metrics.association import read_concepts
from vlaudit.metrics.zero_shot import mean_logits, prompts
from vlaudit.selfcheck.overlay import Overlay
from vlaudit.selfcheck.world import LiftedFeatures, Planted, World

GAP, SHARE, SPREADS, OVERWHELMING = 0.3, 0.2, 2.0, 100.0


@dataclass(frozen=True)
class Victim:
    """The group that is made to fare worse, and the rows of the whole dataset that are in it."""

    attribute: str
    group: str
    rows: frozenset[int]
    share: float


def deal(world: World, rng: np.random.Generator) -> World:
    """Return the world with every attribute dealt at random among its rows."""
    data = world.data
    dealt: dict[str, dict[int, str | None]] = {}
    for attribute in data.columns.groups:
        of_row = data.groups(attribute)
        order = rng.permutation(len(of_row))
        dealt[attribute] = {
            row: of_row[at] for row, at in zip(data.rows, order.tolist(), strict=True)
        }
    return replace(world, data=Overlay(data, attributes=dealt))


def accuracy_gap(world: World, rng: np.random.Generator) -> Planted:
    """Relabel pictures of one group that the model names right, so that its accuracy drops."""
    world = deal(world, rng)
    victim, data = draw_victim(world, rng), world.data
    labels = data.texts(Role.LABEL)
    classes = sorted({label for label in labels if label})
    templates = world.settings["templates"]
    logits = mean_logits(world.features, data, [class_name(name) for name in classes], templates)
    named = [classes[at] for at in logits.argmax(axis=1)]
    mine = [at for at, row in enumerate(data.rows) if row in victim.rows and labels[at]]
    right = [at for at in mine if named[at] == labels[at]]
    count = round(GAP * len(mine))
    if len(right) < count or len(classes) < 2:
        raise Inapplicable(f"too few pictures of {victim.attribute} {victim.group} are named right")
    others = {name: [other for other in classes if other != name] for name in classes}
    wrong = {
        data.rows[right[at]]: str(rng.choice(others[named[right[at]]]))
        for at in rng.permutation(len(right))[:count].tolist()
    }
    gap = count / len(mine)
    changed = replace(world, data=Overlay(data, values={Role.LABEL: wrong}))
    return Planted(changed, {"matched_accuracy_gap": gap, "accuracy_gap": gap})


def harmful_label(world: World, rng: np.random.Generator) -> Planted:
    """Let the model call a part of one group by a harmful word."""
    world = deal(world, rng)
    victim = draw_victim(world, rng)
    called = rng.permutation(sorted(victim.rows))[: round(SHARE * len(victim.rows))].tolist()
    words = world.settings["harms"][0].partition(":")[2].split(",")
    texts = _filled(world, [words[0].strip()])
    lifted = _lifted(world, called, dict.fromkeys(texts, OVERWHELMING))
    share = len(called) / len(victim.rows)
    return Planted(lifted, {"harm_beyond_nonsense": share, "worst_group_harm_rate": share})


def group_first(world: World, rng: np.random.Generator) -> Planted:
    """Let the model put one group first in every search for a label."""
    world = deal(world, rng)
    victim = draw_victim(world, rng)
    labels = {class_name(label) for label in world.data.texts(Role.LABEL) if label}
    texts = {world.settings["template"].replace("{}", label) for label in labels}
    lifted = _lifted(world, victim.rows, dict.fromkeys(texts, OVERWHELMING))
    return Planted(lifted, {"label_excess_skew": float(-np.log(victim.share))})


def leaning_group(world: World, rng: np.random.Generator) -> Planted:
    """Let the model bring one group nearer to the first pole of every concept."""
    world = deal(world, rng)
    victim = draw_victim(world, rng)
    by: dict[str, float] = {}
    for concept in read_concepts(world.settings["concepts"]):
        poles = [_filled(world, words) for words in (concept.first, concept.second)]
        one, two = (world.features.scores(world.data, sorted(pole)).mean(axis=1) for pole in poles)
        by |= dict.fromkeys(poles[0], SPREADS * float((one - two).std()))
    lifted = _lifted(world, victim.rows, by)
    return Planted(lifted, {"association_by_meaning": _mean_effect(world, victim)})


def _mean_effect(world: World, victim: Victim) -> float:
    """Return the mean size of the effects of all groups, where one is moved by some spreads."""
    counts = Counter(filter(None, world.data.groups(victim.attribute)))
    p = victim.share
    spread = np.sqrt(1 + p * (1 - p) * SPREADS**2)
    shares = {group: count / sum(counts.values()) for group, count in counts.items()}
    moves = [1.0 if name == victim.group else p / (1 - q) for name, q in shares.items()]
    return float(np.mean(moves) * SPREADS / spread)


def draw_victim(world: World, rng: np.random.Generator) -> Victim:
    """Draw a group that is large enough to be compared."""
    fewest = int(world.settings.get("min_group_rows", 10))
    wanted: Sequence[str] = world.settings.get("attributes") or world.data.columns.groups
    found: list[Victim] = []
    for attribute in wanted:
        of_row = world.data.groups(attribute)
        sizes = Counter(filter(None, of_row))
        groups = sorted(group for group, size in sizes.items() if size >= fewest)
        total = sum(sizes[group] for group in groups)
        for group in groups if len(groups) > 1 else []:
            pairs = zip(world.data.rows, of_row, strict=True)
            rows = frozenset(row for row, of in pairs if of == group)
            found.append(Victim(attribute, group, rows, len(rows) / total))
    if not found:
        raise Inapplicable("no attribute has two groups that are large enough")
    return found[int(rng.integers(len(found)))]


def _filled(world: World, words: Sequence[str]) -> set[str]:
    """Return every template filled with every word."""
    return {text for texts in prompts(words, world.settings["templates"]) for text in texts}


def _lifted(world: World, rows: Collection[int], by: Mapping[str, float]) -> World:
    """Return the world in which some rows score higher on some texts."""
    chosen = frozenset(rows)

    def lift(data: Dataset, asked: Sequence[str]) -> Matrix:
        of_row = np.array([row in chosen for row in data.rows], dtype=np.float32)
        of_text = np.array([by.get(text, 0.0) for text in asked], dtype=np.float32)
        return np.asarray(np.outer(of_row, of_text), dtype=np.float32)

    return replace(world, features=LiftedFeatures(world.features, lift))
