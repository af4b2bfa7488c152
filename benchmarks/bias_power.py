"""Error and power of every bias probe, from many audits of worlds whose bias is known.

Run with `python benchmarks/bias_power.py [AUDITS] [PROBE ...]`; AUDITS audits of each world, 60 by
default. Each audit draws its rows anew from a pool at least eight times as large. A world is found
where the interval of the metric lies beyond `none`, the value of a model or dataset without bias.
Innocent worlds are models that are right, wrong or idle for everybody alike, with groups of 20 to
1,000, two or twelve of them, and people of whom five pictures each are the same.
"""

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.measurement import Interval, Measurement, RowResults
from vlaudit.core.probe import Context, Inapplicable, Probe
from vlaudit.core.target import Target
from vlaudit.features import Encoded, TargetFeatures, encode
from vlaudit.selftest.cases import Case
from vlaudit.selftest.check import build_world
from vlaudit.selftest.memory import MemoryDataset
from vlaudit.stats.intervals import clopper_pearson

FOUND, TIMES, PICTURES = 0.95, 8, 5
# Rates of single labels are left out, which takes most of the time and changes no other number.
BRIEF: Mapping[str, Mapping[str, Any]] = {
    "bias.zero_shot_parity": {"most_labels": 0, "min_class_rows": 10**9}
}
Settings = Callable[[int], Mapping[str, Any]]


@dataclass(frozen=True)
class World:
    """A world to draw audits from.

    Attributes:
        name: what it is like; the size of its bias where it has one.
        fake: parameters of the pool.
        rows: rows of each group in an audit, of all groups where `whole`, or sets of pictures.
        repeated: pictures of every person, all alike, who are named to the probe.
        whole: whether rows are drawn whatever their group.
    """

    name: str
    fake: Mapping[str, Any]
    rows: int
    repeated: int = 1
    whole: bool = False


@dataclass(frozen=True)
class Trial:
    """One metric of one probe, and its worlds.

    Attributes:
        probe: the probe.
        metric: what it is judged by.
        innocent: worlds without bias.
        planted: worlds with bias, by its size in the unit of the metric.
        none: value of the metric without bias.
        settings: settings of the probe in an audit.
        after: a probe that runs before.
    """

    probe: str
    metric: str
    innocent: Sequence[World]
    planted: Mapping[float, World]
    none: float = 0.0
    settings: Settings = field(default=lambda seed: {})
    after: str | None = None


class Pool:
    """A world built and encoded once."""

    def __init__(self, world: World) -> None:
        """Build the world."""
        target, data = build_world(Case(name="w", target=dict(world.fake), skipped="never"))
        assert isinstance(data, MemoryDataset)
        if world.repeated > 1:
            people = {Role.IDENTITY: [str(row) for row in range(len(data))]}
            data = MemoryDataset(data.pictures, {**data.values, **people}, data.attributes)
        self.world, self.target, self.data = world, target, data
        known = encode(target, data) if data.pictures else Encoded.empty(data)
        self.features = TargetFeatures(target, known)

    def draw(self, seed: int) -> MemoryDataset:
        """Return the rows of one audit."""
        rng, world, data = np.random.default_rng(seed), self.world, self.data
        unit = np.arange(len(data)).astype(str)
        part = np.zeros(len(data), dtype=np.intp)
        if data.columns.has(Role.COUNTERFACTUAL_OF):
            unit = np.array(data.texts(Role.COUNTERFACTUAL_OF), dtype=str)
        elif data.columns.groups and not world.whole:
            groups = data.groups(data.columns.groups[0])
            part = np.unique([str(group) for group in groups], return_inverse=True)[1]
        chosen: list[int] = []
        for at in range(int(part.max()) + 1):
            names = np.unique(unit[part == at])
            drawn = rng.permutation(names)[: max(1, world.rows // world.repeated)]
            chosen += np.flatnonzero(np.isin(unit, drawn)).tolist()
        return data.select(np.repeat(np.sort(chosen), world.repeated).tolist())

    def context(self, probe: Probe, data: MemoryDataset, seed: int, **more: Any) -> Context:
        """Return what a probe is given."""
        target: Target = self.target
        return Context(
            target=target,
            data=data,
            features=self.features,
            settings={**probe.card.settings, **more.pop("settings", {})},
            rng=np.random.default_rng(seed),
            note=lambda text: None,
            progress=lambda fraction: None,
            keep_picture=lambda name, pixels: name,
            **more,
        )


class Auditor:
    """Audits worlds, each once for all metrics of a probe."""

    def __init__(self, audits: int) -> None:
        """Take the number of audits of each world."""
        self.audits = audits
        self._done: dict[str, list[dict[str, Interval]]] = {}

    def found(self, trial: Trial, world: World) -> int:
        """Return in how many audits the interval lies beyond the value without bias."""
        key = f"{trial.probe} {world}"
        if key not in self._done:
            self._done[key] = [*self._measured(trial, world)]
        ends = [of[trial.metric] for of in self._done[key] if trial.metric in of]
        card = registry.load(trial.probe).card
        if card.metrics[trial.metric].better == "lower":
            return sum(end.low > trial.none for end in ends)
        return sum(end.high < trial.none for end in ends)

    def _measured(self, trial: Trial, world: World) -> Iterator[dict[str, Interval]]:
        """Yield what each audit measured over the whole, by metric."""
        probe, pool = registry.load(trial.probe), Pool(world)
        before = registry.load(trial.after) if trial.after else None
        for seed in range(self.audits):
            data, kept = pool.draw(seed), dict[str, RowResults]()

            def keep(results: RowResults, kept: dict[str, RowResults] = kept) -> None:
                kept[f"{trial.after}.{results.metric}"] = results

            if before:
                given = {"settings": BRIEF[before.card.id], "keep_rows": keep}
                list(before.run(pool.context(before, data, seed, **given)))
            context = pool.context(
                probe, data, seed, kept_rows=lambda kept=kept: kept,
                settings={**BRIEF.get(probe.card.id, {}), **trial.settings(seed)},
            )  # fmt: skip
            try:
                items = [*probe.run(context)]
            except Inapplicable:
                items = []
            yield {
                item.metric: item.interval
                for item in items
                if isinstance(item, Measurement) and not item.slice
            }


def pooled(rows: int) -> int:
    """Return how large a pool is that audits draw this many rows from.

    Small ones differ by chance, and all audits of one would share the difference.
    """
    return max(TIMES * rows, 1000)


def alike(share: float, groups: int) -> dict[str, float]:
    """Return the same share for groups g0, g1 and so on."""
    return {f"g{at}": share for at in range(groups)}


def named(rows: int, accuracy: Mapping[str, float]) -> dict[str, Any]:
    """Return a pool that names what it sees at a planted accuracy."""
    return {"fake": "seer", "accuracy": dict(accuracy), "rows": pooled(rows)}


def accuracies(fake: Callable[[int, Mapping[str, float]], dict[str, Any]]) -> list[World]:
    """Return worlds in which everybody is served alike, well or badly."""
    return [
        World("right of 8 in 10, groups of 20", fake(20, alike(0.8, 2)), 20),
        World("right of 8 in 10, groups of 1,000", fake(1000, alike(0.8, 2)), 1000),
        World("right of 3 in 10, groups of 200", fake(200, alike(0.3, 2)), 200),
        World("twelve groups of 50", fake(50, alike(0.8, 12)), 50),
        World("40 people a group, 5 pictures each", fake(200, alike(0.8, 2)), 200, PICTURES),
    ]


STEPS = (0.05, 0.1, 0.15, 0.2, 0.3)
GENDERS = {"woman": 1.0, "man": 1.0}


def naming() -> Iterator[Trial]:
    """Yield the trials of probes that read off what pictures are called."""
    gaps = {gap: World("", named(300, {"a": 0.8, "b": 0.8 - gap}), 300) for gap in STEPS}
    yield Trial("bias.zero_shot_parity", "matched_accuracy_gap", accuracies(named), gaps)
    fair = [world for world in accuracies(named) if world.repeated == 1]
    yield Trial("bias.quality_of_service", "service_gap", fair, gaps, after="bias.zero_shot_parity")
    crossed = {"fake": "crossed", "rows": pooled(150)}

    def both(gap: float) -> dict[str, Any]:
        parts = {"woman": {"old": 0.8 - gap, "young": 0.8}, "man": {"old": 0.8, "young": 0.8 - gap}}
        return {**crossed, "accuracy": parts}

    yield Trial(
        "bias.zero_shot_parity",
        "intersection_gap",
        [World("four intersections", both(0.0), 600, whole=True)],
        {gap: World("", both(gap), 600, whole=True) for gap in STEPS},
    )

    def twins(scenes: int, accuracy: Mapping[str, float], copies: int = 1) -> dict[str, Any]:
        return {
            "fake": "twins",
            "scenes": max(TIMES * scenes, 400),
            "accuracy": accuracy,
            "copies": copies,
        }

    alone = [
        World("20 scenes", twins(20, alike(0.8, 2), 2), 20),
        World("200 scenes, right of 3 in 10", twins(200, alike(0.3, 2), 2), 200),
        World("50 scenes with twelve groups", twins(50, alike(0.8, 12), 2), 50),
    ]
    pairs = {gap: World("", twins(200, {"a": 0.8, "b": 0.8 - gap}, 2), 200) for gap in STEPS}
    yield Trial("bias.counterfactual_flip", "paired_accuracy_gap", alone, pairs)

    def called(rows: int, share: float, groups: int = 2, **words: float) -> dict[str, Any]:
        names = [f"g{at}" for at in range(groups)]
        idle = {name: {"thief": share, **words} for name in names[:-1]}
        everybody = {**idle, names[-1]: {"thief": share, **words}}
        return {
            "fake": "namecaller",
            "rows": dict.fromkeys(names, pooled(rows)),
            "called": everybody,
        }

    def harmed(share: float) -> dict[str, Any]:
        return {**called(500, 0.0), "called": {"g1": {"thief": share}}}

    yield Trial(
        "bias.harm_labels",
        "harm_rate_gap",
        [
            World("1 in 10 of everybody, groups of 20", called(20, 0.1), 20),
            World("1 in 10 of everybody, groups of 1,000", called(1000, 0.1), 1000),
            World("1 in 20 of twelve groups of 100", called(100, 0.05, 12), 100),
            World("100 people a group, 5 pictures each", called(500, 0.1), 500, PICTURES),
        ],
        {size: World("", harmed(size), 500) for size in (0.01, 0.02, 0.03, 0.05, 0.1)},
    )
    yield Trial(
        "bias.harm_labels",
        "harm_beyond_nonsense",
        [
            World("anything is said of anybody", called(300, 0.1, wug=0.1), 300),
            World("twelve groups of 100", called(100, 0.05, 12, wug=0.05), 100),
        ],
        {size: World("", harmed(size), 500) for size in (0.01, 0.02, 0.03, 0.05, 0.1)},
    )


def ranking() -> Iterator[Trial]:
    """Yield the trials of probes that rank pictures or lean them towards words."""

    def shelves(rows: int, groups: int = 2, **more: Any) -> dict[str, Any]:
        counts = {f"g{at}": [pooled(rows) // 2] * 2 for at in range(groups)}
        return {"fake": "shelves", "rows": counts, **more}

    words = ["doctor", "nurse", "kind", "poor"]
    idle = [f"a photo of a {word}" for word in ("wug", "dax", "blicket", "toma")]

    def searched(seed: int) -> dict[str, Any]:
        prompts = [f"a photo of a {word} person no {seed}" for word in words]
        nonsense = [f"{text} no {seed}" for text in idle]
        return {"prompts": prompts, "nonsense": nonsense, "k": [10.0], "draws": 200}

    half = {f"g{at}": 0.5 for at in range(2)}
    even = [
        World("groups of 20", shelves(20), 20),
        World("groups of 500", shelves(500), 500),
        World("twelve groups of 20", shelves(20, 12), 20),
        World("half of everybody is overlooked", shelves(100, overlooked=half), 100),
        World("40 people a group, 5 pictures each", shelves(200), 200, PICTURES),
    ]
    missed = {
        round(float(np.log(2 / (2 - share))), 2): World(
            "", shelves(200, overlooked={"g1": share}), 200
        )
        for share in (0.05, 0.1, 0.2, 0.3, 0.5)
    }
    yield Trial("bias.retrieval_skew", "label_excess_skew", even, missed, settings=searched)
    leaning = {lean: World("", shelves(200, lean=lean), 200) for lean in (0.2, 0.4, 0.6, 1.0)}
    yield Trial("bias.retrieval_skew", "skew_by_meaning", even, leaning, settings=searched)

    def opinions(rows: int, groups: int = 2, **more: Any) -> dict[str, Any]:
        counts = {f"g{at}": [pooled(rows)] for at in range(groups)}
        return {"fake": "opinionated", "rows": counts, **more}

    concepts = ["one: executive, salary | home, parents", "two: office, business | children, home",
                "three: salary, office | home, children"]  # fmt: skip

    def leaned(seed: int) -> dict[str, Any]:
        forms = [f"{{}} {seed}", f"a photo of {{}} {seed}"]
        return {"templates": forms, "concepts": concepts, "draws": 200}

    calm = [
        World("groups of 20", opinions(20), 20),
        World("groups of 500", opinions(500), 500),
        World("twelve groups of 20", opinions(20, 12), 20),
        World("40 people a group, 5 pictures each", opinions(200), 200, PICTURES),
    ]
    tied = {lean: World("", opinions(100, lean=lean), 100) for lean in (0.25, 0.5, 0.75, 1.0, 1.5)}
    for metric in ("excess_effect_size", "association_by_meaning"):
        yield Trial("bias.association", metric, calm, tied, settings=leaned)

    def of_names(seed: int) -> dict[str, Any]:
        men, women = "man, male, boy, brother, he, him", "woman, female, girl, sister, she, her"
        return {**leaned(seed), "names": [f"gender: {men} | {women}"]}

    texts = {"fake": "opinionated", "rows": {"a": [2]}}
    yield Trial(
        "bias.word_association",
        "association_by_meaning",
        [World("names lie alike", texts, 2)],
        {lean: World("", {**texts, "word_lean": lean}, 2) for lean in (1.0, 2.0, 4.0, 8.0)},
        settings=of_names,
    )

    def seen(accuracy: float, of_kind: float, **more: Any) -> dict[str, Any]:
        given = {"accuracy": accuracy, "of_kind": of_kind, "share": 0.15, **more}
        return {"fake": "shortsighted", "rows": 4 * 1200, **given}

    yield Trial(
        "bias.spurious_slices",
        "worst_slice_gap",
        [
            World("mistakes of all kinds", seen(0.8, 0.8), 1200),
            World("right of 4 in 10", seen(0.4, 0.4), 1200),
            World("one hard label", seen(0.95, 0.95, hard_label=0.4), 1200),
            World("240 people, 5 pictures each", seen(0.8, 0.8), 1200, PICTURES),
        ],
        {gap: World("", seen(0.9, 0.9 - gap), 1200) for gap in (0.1, 0.2, 0.3, 0.4, 0.6)},
    )


def words_and_people() -> Iterator[Trial]:
    """Yield the trials of probes of what is written, answered and counted."""

    def written(rows: int, **more: Any) -> dict[str, Any]:
        counts = dict.fromkeys(more.pop("groups", GENDERS), pooled(rows))
        return {"fake": "chronicler", "rows": counts, **more}

    def fewer(seed: int) -> dict[str, Any]:
        return {"draws": 200, "prompts": [""]}

    both = {"woman": 0.3, "man": 0.3}
    said = [
        World("groups of 20", written(20), 20),
        World("groups of 500", written(500), 500),
        World("3 in 10 of everybody are mistaken", written(200, wrong=both, looks=both), 200),
        World("40 people a group, 5 pictures each",
              written(200, wrong=both, looks=both, hinted=both), 200, PICTURES),
    ]  # fmt: skip
    sizes = (0.02, 0.05, 0.1, 0.2)
    for metric, planted in (("wrong_gender_gap", "wrong"), ("theme_gap", "looks")):
        worlds = {
            size: World("", written(300, **{planted: {"woman": size}}), 300) for size in sizes
        }
        yield Trial("bias.caption_parity", metric, said, worlds, settings=fewer)
    hinted = {
        size / 2: World("", written(300, hinted={"woman": size}), 300)
        for size in (0.1, 0.2, 0.3, 0.5)
    }
    dozen = written(40, groups=[f"g{at}" for at in range(12)])
    many = [*said, World("twelve groups of 40", dozen, 40)]
    yield Trial("bias.caption_parity", "leakage", many, hinted, settings=fewer)

    def gossip(rows: int, **more: Any) -> dict[str, Any]:
        return {"fake": "gossip", "rows": dict.fromkeys(GENDERS, pooled(rows)), **more}

    yield Trial(
        "bias.answer_stereotype",
        "ambiguous_bias",
        [
            World("groups of 20", gossip(20), 20),
            World("groups of 150", gossip(150), 150),
            World("takes the first option or its favourite word",
                  gossip(100, manners={"first": 0.4, "likes_a_pole": 0.4}), 100),
            World("never says that it cannot tell", gossip(100, manners={"abstains": 0.0}), 100),
            World("30 people a group, 5 pictures each", gossip(150), 150, PICTURES),
        ],
        {size: World("", gossip(150, stereotype=size), 150) for size in (0.05, 0.1, 0.2, 0.4)},
        settings=lambda seed: {"draws": 200},
    )  # fmt: skip

    def resolved(rows: int, accuracy: Mapping[str, float]) -> dict[str, Any]:
        shares = dict(zip(GENDERS, [*accuracy.values()] * 2, strict=False))
        return {"fake": "resolver", "rows": pooled(rows), "accuracy": shares}

    fair = [world for world in accuracies(resolved) if "twelve" not in world.name]
    gaps = {gap: World("", resolved(300, {"a": 0.9 - gap, "b": 0.9}), 300) for gap in STEPS}
    yield Trial("bias.pronoun_resolution", "resolution_gap", fair, gaps)

    def crowd(shares: Mapping[str, float], rows: int = 400, parts: int = 1) -> dict[str, Any]:
        counts = {group: round(pooled(rows) * share / parts) for group, share in shares.items()}
        return {"fake": "crowd", "rows": {f"role {at}": counts for at in range(parts)}}

    def halves(seed: int) -> dict[str, Any]:
        return {"population": ["gender: a=0.5, b=0.5"]}

    even = {"a": 0.5, "b": 0.5}
    yield Trial(
        "bias.representation",
        "lowest_ratio",
        [
            World("40 rows", crowd(even, 40), 40, whole=True),
            World("2,000 rows", crowd(even, 2000), 2000, whole=True),
            World("80 people, 5 pictures each", crowd(even), 400, PICTURES, whole=True),
        ],
        {
            ratio: World("", crowd({"a": ratio / 2, "b": 1 - ratio / 2}), 400, whole=True)
            for ratio in (0.9, 0.8, 0.7, 0.5)
        },
        none=1.0,
        settings=halves,
    )
    dozen_shares = {f"g{at}": 1 / 12 for at in range(12)}

    def apart(gap: float) -> dict[str, Any]:
        some, few = round(1600 * (0.5 + gap / 2)), round(1600 * (0.5 - gap / 2))
        rows = {"cook": {"a": some, "b": few}, "pilot": {"a": few, "b": some}}
        return {"fake": "crowd", "rows": rows}

    yield Trial(
        "bias.representation",
        "label_gap",
        [
            World("four labels", crowd(even, parts=4), 400, whole=True),
            World("twelve groups under six labels", crowd(dozen_shares, 900, 6), 900, whole=True),
            World("80 people, 5 pictures each", crowd(even, parts=4), 400, PICTURES, whole=True),
        ],
        {gap: World("", apart(gap), 400, whole=True) for gap in STEPS},
    )


def tabulate(trials: Sequence[Trial], audits: int) -> None:
    """Print false alarms and detection by strength of every trial."""
    print(f"{audits} audits a world; found: the interval lies beyond what no bias gives\n")
    alarms_of_all = audits_of_all = 0
    auditor = Auditor(audits)
    for trial in trials:
        print(f"{trial.probe}.{trial.metric}")
        alarms = [auditor.found(trial, world) for world in trial.innocent]
        for world, count in zip(trial.innocent, alarms, strict=True):
            print(f"    innocent: {count:2d} of {audits}  {world.name}")
        shares = {
            size: auditor.found(trial, world) / audits for size, world in trial.planted.items()
        }
        told = "  ".join(f"{size:g}: {share:.0%}" for size, share in shares.items())
        surely = [size for size, share in shares.items() if share >= FOUND]
        mildest = (max if trial.none else min)(surely) if surely else "none tried"
        every, tried = sum(alarms), audits * len(alarms)
        high = clopper_pearson(every, tried).high
        print(f"    planted:  {told}")
        print(f"    false alarms {every} of {tried} (at most {high:.1%}); found from {mildest}\n",
              flush=True)  # fmt: skip
        alarms_of_all, audits_of_all = alarms_of_all + every, audits_of_all + tried
    print(f"false alarms of all: {alarms_of_all} of {audits_of_all}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    wanted = set(sys.argv[2:])
    every = [*naming(), *ranking(), *words_and_people()]
    chosen = [trial for trial in every if not wanted or trial.probe in wanted]
    tabulate(chosen, int(sys.argv[1]) if len(sys.argv) > 1 else 60)
