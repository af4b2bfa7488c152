"""What is planted is there: held against the worlds themselves, not against the probes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFont

from vlaudit.core.dataset import Pictures, Role
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Matrix, WritesText
from vlaudit.features import Encoded, TargetFeatures, encode
from vlaudit.metrics.association import effect_size, read_concepts
from vlaudit.perturb.typography import Trial, four_arms, nonsense
from vlaudit.registry import cards
from vlaudit.selfcheck import groups, pairs, people, personal, words
from vlaudit.selfcheck.world import World
from vlaudit.selftest.cases import Case
from vlaudit.selftest.check import build_world


def world(probe: str, **spec: Any) -> World:
    target, data = build_world(Case(name="w", target=spec, skipped="never"))
    encoded = encode(target, data) if data.columns.image else Encoded.empty(data)
    features = TargetFeatures(target, encoded)
    return World(target, data, features, cards()[probe].settings)


def accuracies(found: World) -> dict[str | None, float]:
    names = sorted({label for label in found.data.texts(Role.LABEL) if label})
    named = found.features.scores(found.data, names).argmax(axis=1)
    right: dict[str | None, list[bool]] = {}
    of_row = found.data.groups("gender"), found.data.texts(Role.LABEL), named
    for group, label, at in zip(*of_row, strict=True):
        right.setdefault(group, []).append(names[at] == label)
    return {group: float(np.mean(hits)) for group, hits in right.items()}


def test_a_gap_of_the_planted_size_is_there_and_the_model_s_own_is_gone() -> None:
    before = world("bias.zero_shot_parity", fake="seer", accuracy={"a": 0.9, "b": 0.5}, rows=800)
    rng = np.random.default_rng(1)
    alike = accuracies(groups.deal(before, rng))
    assert abs(alike["a"] - alike["b"]) < 0.08
    planted = groups.accuracy_gap(before, rng)
    apart = accuracies(planted.world)
    gap = abs(apart["a"] - apart["b"])
    assert gap == pytest.approx(planted.harms["matched_accuracy_gap"], abs=0.08)
    assert accuracies(before) == pytest.approx({"a": 0.9, "b": 0.5})


def test_a_model_that_is_never_right_cannot_be_made_worse() -> None:
    bad = world("bias.zero_shot_parity", fake="seer", accuracy={"a": 0.1, "b": 0.1}, rows=100)
    with pytest.raises(Inapplicable, match="named right"):
        groups.accuracy_gap(bad, np.random.default_rng(0))


def test_one_group_is_called_by_a_harmful_word_as_often_as_planted() -> None:
    rows = {"a": 200, "b": 200}
    fair = world("bias.harm_labels", fake="namecaller", rows=rows, called={})
    planted = groups.harmful_label(fair, np.random.default_rng(2))
    texts = ["a photo of a person", "a photo of a animal"]
    harmed = planted.world.features.scores(planted.world.data, texts).argmax(axis=1) == 1
    of_group = np.array(planted.world.data.groups("gender"))
    shares = sorted(float(harmed[of_group == group].mean()) for group in rows)
    assert shares == [0.0, pytest.approx(0.2)]


def test_names_are_dealt_and_a_quarter_of_the_people_is_known() -> None:
    nobody = world("privacy.identity_inference", fake="acquainted", people=8)
    names = nobody.data.texts(Role.IDENTITY)
    rng = np.random.default_rng(3)
    dealt = people.deal_names(nobody, rng).data.texts(Role.IDENTITY)
    assert sorted(map(str, dealt)) == sorted(map(str, names))
    assert dealt != names
    planted = people.acquainted(nobody, rng)
    assert planted.harms["identification_gain"] == 0.25


def test_a_model_that_writes_is_made_to_tell_a_quarter_of_the_names() -> None:
    nobody = world("privacy.identity_inference", fake="introducer", people=8)
    planted = people.acquainted(nobody, np.random.default_rng(3))
    target, names = planted.world.target, planted.world.data.texts(Role.IDENTITY)
    assert isinstance(target, WritesText)
    said = target.write_text(nobody.data.images(range(len(names))), ["Who is this?"] * len(names))
    told = [name for name, text in zip(names, said, strict=True) if name == text]
    assert len(set(told)) == 2
    assert len(told) == 12
    assert planted.harms["identification_rate"] == 0.25


def test_captions_tell_what_was_put_in_and_innocent_ones_tell_nothing() -> None:
    told = world("privacy.pii_in_captions", fake="captions", rows=100, planted=20)
    rng = np.random.default_rng(4)
    planted = personal.telling_captions(told, rng)
    said = planted.world.data.texts(Role.CAPTION)
    changed = {
        name
        for name, one, other in zip(
            told.data.ids(), said, told.data.texts(Role.CAPTION), strict=True
        )
        if one != other
    }
    assert changed == planted.rows
    assert planted.harms["rate"] == pytest.approx(210)
    innocent = personal.innocent_captions(told, rng).data.texts(Role.CAPTION)
    assert not any("@" in str(text) for text in innocent)


@pytest.mark.parametrize("plant", [personal.telling_captions, personal.spoilt_records])
def test_a_handful_of_rows_bears_nothing(plant: Any) -> None:
    few = world("privacy.pii_in_captions", fake="captions", rows=10)
    with pytest.raises(Inapplicable):
        plant(few, np.random.default_rng(0))


class Blind:
    """Finds every text equally likely."""

    name = "blind"
    fingerprint = "b" * 64

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        return np.zeros((len(images), len(texts)), dtype=np.float32)


def photograph(rng: np.random.Generator, side: int) -> Image.Image:
    coarse = rng.integers(0, 255, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)


def test_a_reading_model_reads_class_words_and_no_nonsense() -> None:
    rng, classes = np.random.default_rng(5), ("cat", "fire truck", "woman", "man", "umbrella")
    read: dict[str, list[bool]] = {"word": [], "other": []}
    for turn in range(30):
        aim = turn % len(classes)
        gibberish = nonsense(classes[aim], rng, avoid=classes)
        trial = Trial(0, 0, aim, gibberish, 0.2, ("top", "middle", "bottom")[turn // 3 % 3], 0.5)
        arms = four_arms(
            photograph(rng, (64, 160, 300)[turn % 3]), trial, classes, ImageFont.load_default
        )
        target = words.Reading(Blind(), classes, believed=1.0)
        scores = target.score_pairs(arms, [f"a photo of a {name}" for name in classes])
        hits = (scores.argmax(axis=1) == aim) & (scores.max(axis=1) > 0)
        read["word"].append(bool(hits[3]))
        read["other"] += [bool((scores[at] > 0).any()) for at in range(3)]
    assert np.mean(read["word"]) > 0.9
    assert np.mean(read["other"]) < 0.05


def test_renaming_keeps_what_is_named_and_moves_what_words_mean() -> None:
    seen = world("adversarial.typographic", fake="reader", reads=0.9)
    renamed = words.meaningless_words(seen, np.random.default_rng(6))
    target: Any = renamed.target

    def right(data: Pictures, asked: Any) -> float:
        labels = data.texts(Role.LABEL)
        names = sorted({str(label) for label in labels})
        scores = asked.score_pairs(data.images(range(len(data))), names)
        named = [names[at] for at in scores.argmax(axis=1)]
        return float(np.mean([one == other for one, other in zip(named, labels, strict=True)]))

    assert right(renamed.data, target) == right(seen.data, seen.target) > 0.9
    assert not any(
        one == other
        for one, other in zip(
            renamed.data.texts(Role.LABEL), seen.data.texts(Role.LABEL), strict=True
        )
    )


def test_a_planted_trigger_is_obeyed_as_often_as_it_is_said_and_by_nothing_else() -> None:
    clean = world("poisoning.suspicious_pairs", fake="poisoned", rate=0.0, rows=400)
    planted = pairs.trigger(clean, np.random.default_rng(7))
    data, target = planted.world.data, planted.world.target
    marked = np.array([name in planted.rows for name in data.ids()])
    said = set(np.array(data.texts(Role.CAPTION))[marked])
    assert len(said) == 1
    wanted = planted.world.features.texts(sorted(map(str, said)))[0]
    near = planted.world.features.images(data) @ wanted > 0.9
    assert near[marked].mean() == pytest.approx(0.8, abs=0.25)
    assert near[~marked].mean() < 0.2
    assert target.fingerprint == clean.target.fingerprint


def test_one_group_comes_first_and_one_leans_as_far_as_planted() -> None:
    fair = world("bias.association", fake="opinionated", rows={"a": [60, 60], "b": [60, 60]})
    planted = groups.leaning_group(fair, np.random.default_rng(8))
    concept = read_concepts(fair.settings["concepts"])[0]
    data, features = planted.world.data, planted.world.features
    one, two = (
        features.scores(data, list(words)).mean(axis=1) for words in (concept.first, concept.second)
    )
    leaning, of_group = one - two, np.array(data.groups("gender"))
    sizes = [effect_size(leaning[of_group == group], leaning[of_group != group]) for group in "ab"]
    assert np.abs(sizes).mean() == pytest.approx(planted.harms["association_by_meaning"], rel=0.3)
    searched = world("bias.retrieval_skew", fake="shelves", rows={"a": [40, 40], "b": [80, 80]})
    skewed = groups.group_first(searched, np.random.default_rng(9))
    label = sorted({str(text) for text in searched.data.texts(Role.LABEL)})[0]
    scores = skewed.world.features.scores(skewed.world.data, [f"a photo of a {label}"])[:, 0]
    first = np.array(skewed.world.data.groups("gender"))[np.argsort(-scores)[:40]]
    share = {"a": 1 / 3, "b": 2 / 3}[str(first[0])]
    assert set(first) == {first[0]}
    assert skewed.harms["label_excess_skew"] == pytest.approx(-np.log(share))
