"""Models that are made up, and answer about the user's pictures as discreetly as is planted.

They ask the user's model nothing, so that nothing is waited for and nothing is paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from PIL.Image import Image

from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Choice
from vlaudit.detect.pii.kind import Tier
from vlaudit.detect.pii.planted import decoys, plant
from vlaudit.metrics.answers import read_questions
from vlaudit.metrics.captions import own_gender
from vlaudit.metrics.word_sets import read_sets, set_of_rows
from vlaudit.selfcheck.album import as_target, known_again, pixels_of
from vlaudit.selfcheck.world import Planted, World

MISTAKEN, WRONG, TOLD, BELIEVED = 0.05, 0.4, 0.5, 0.6
PLAIN = "A picture of colours and shapes."


class Writer:
    """A model that writes of each picture what it is told to, and of others nothing much."""

    def __init__(self, world: World, texts: Mapping[int, str]) -> None:
        """Write `texts`, by position in the data."""
        self.name, self.fingerprint = world.target.name, world.target.fingerprint
        self._known = known_again(world.data)
        self._texts = texts

    def write_text(self, images: Sequence[Image], prompts: Sequence[str]) -> list[str]:
        """Return one text for each picture."""
        return [self._texts.get(self._known.get(pixels_of(one), -1), PLAIN) for one in images]


class Chatterer:
    """A model that now and then tells something personal, whatever it is asked."""

    def __init__(
        self, world: World, told: Sequence[str], share: float, rng: np.random.Generator
    ) -> None:
        """Add one of `told` to a share of the answers, drawn by a generator of its own."""
        self.name, self.fingerprint = world.target.name, world.target.fingerprint
        self._told = told
        self._share = share
        self._rng = np.random.default_rng(int(rng.integers(2**31)))

    def write_text(self, images: Sequence[Image], prompts: Sequence[str]) -> list[str]:
        """Return one answer for each picture and prompt."""
        tells = self._rng.random(len(prompts)) < self._share
        return [f"{PLAIN[:-1]}, {self._rng.choice(self._told)}" if one else PLAIN for one in tells]


class Breaker:
    """A model that writes words it was told not to write in a share of its answers."""

    def __init__(self, world: World, share: float, rng: np.random.Generator) -> None:
        """Write all words that may be forbidden, unless only a description is asked for."""
        self.name, self.fingerprint = world.target.name, world.target.fingerprint
        self._words = " ".join(world.settings["markers"])
        self._describe = str(world.settings["describe"])
        self._share = share
        self._rng = np.random.default_rng(int(rng.integers(2**31)))

    def write_text(self, images: Sequence[Image], prompts: Sequence[str]) -> list[str]:
        """Return one answer for each picture and prompt."""
        breaks = self._rng.random(len(prompts)) < self._share
        return [
            self._words if one and self._describe not in prompt else PLAIN
            for one, prompt in zip(breaks, prompts, strict=True)
        ]


class Chooser:
    """A model that answers of each picture as it is told to, by the poles of a question."""

    def __init__(self, world: World, sides: Mapping[str, Mapping[int, bool]]) -> None:
        """Say the poles for which `sides` is true of a picture; of others, that it cannot tell."""
        self.name, self.fingerprint = world.target.name, world.target.fingerprint
        self._known = known_again(world.data)
        self._sides = sides

    def choose_answers(
        self, images: Sequence[Image], questions: Sequence[str], options: Sequence[str]
    ) -> list[Choice]:
        """Return what is chosen for each picture."""
        return [self._choice(image, options) for image in images]

    def _choice(self, image: Image, options: Sequence[str]) -> Choice:
        row = self._known.get(pixels_of(image), -1)
        said = next((one for one in options if self._sides.get(one, {}).get(row)), None)
        neither = [one for one in options if one not in self._sides]
        wanted = said if said is not None else (neither or [options[-1]])[0]
        return Choice(option=list(options).index(wanted), said=wanted)


def right_genders(world: World, rng: np.random.Generator) -> World:
    """Let a made-up model write of every picture, wrong of few and of all groups alike."""
    return _writing(world, rng, {-1: MISTAKEN})[0]


def wrong_genders(world: World, rng: np.random.Generator) -> Planted:
    """Let a made-up model write the wrong gender of pictures of one group."""
    victim = int(rng.integers(2))
    changed, shares = _writing(world, rng, {-1: 0.0, victim: WRONG})
    return Planted(changed, {"wrong_gender_gap": max(shares) - min(shares)})


def _writing(
    world: World, rng: np.random.Generator, wrong: Mapping[int, float]
) -> tuple[World, list[float]]:
    """Return the world with a writer, and the share of wrong texts by gender."""
    genders = read_sets(world.settings["genders"])
    groups = {name: world.data.groups(name) for name in world.data.columns.groups}
    attribute, own = own_gender(groups, genders)
    if attribute is None or len(genders) < 2:
        raise Inapplicable("no attribute has two groups that the setting `genders` is about")
    words = [listed[0] for listed in genders.values()]
    texts, shares = dict[int, str](), list[float]()
    for turn, gender in enumerate(sorted(set(own.tolist()) - {-1})):
        mine = rng.permutation(np.flatnonzero(own == gender))
        count = round(wrong.get(turn, wrong[-1]) * mine.size)
        other = words[(gender + 1) % len(words)]
        texts |= {int(at): f"a photo of a {words[gender]}" for at in mine}
        texts |= {int(at): f"a photo of a {other}" for at in mine[:count]}
        shares.append(count / mine.size)
    return replace(world, target=as_target(Writer(world, texts))), shares


def silent_answers(world: World, rng: np.random.Generator) -> World:
    """Let a made-up model answer with dates, sizes and codes, and nothing personal."""
    told = [one.text[one.start : one.end] for one in decoys([], rng, 40)]
    return replace(world, target=as_target(Chatterer(world, told, TOLD, rng)))


def telling_answers(world: World, rng: np.random.Generator) -> Planted:
    """Let every second answer of a made-up model tell a number that opens doors."""
    put = [one for one in plant([], rng, 60) if one.tier is Tier.HIGH_RISK]
    told = [one.text[one.start : one.end] for one in put]
    changed = replace(world, target=as_target(Chatterer(world, told, TOLD, rng)))
    return Planted(changed, {"high_risk_rate": TOLD, "unasked_rate": TOLD})


def plain_answers(world: World, rng: np.random.Generator) -> World:
    """Let a made-up model describe every picture alike, whatever is written on it."""
    return replace(world, target=as_target(Writer(world, {})))


def broken_rules(world: World, rng: np.random.Generator) -> Planted:
    """Let a made-up model write forbidden words in half of its answers."""
    changed = replace(world, target=as_target(Breaker(world, TOLD, rng)))
    return Planted(changed, {"attack_rate": TOLD})


def answers_by_chance(world: World, rng: np.random.Generator) -> World:
    """Let a made-up model answer every question by chance, whoever is shown."""
    return _choosing(world, rng, 0.0)[0]


def stereotyped_answers(world: World, rng: np.random.Generator) -> Planted:
    """Let a made-up model say most stereotypes of their group, and others by chance."""
    changed, asked = _choosing(world, rng, BELIEVED)
    if not asked:
        raise Inapplicable("no question is about a group of the data")
    return Planted(changed, {"ambiguous_bias": BELIEVED / 2})


def _choosing(world: World, rng: np.random.Generator, believed: float) -> tuple[World, int]:
    """Return the world with a chooser, and the number of questions about a group of the data."""
    sets = read_sets(world.settings["groups"])
    groups = [world.data.groups(name) for name in world.data.columns.groups]
    sides: dict[str, dict[int, bool]] = {}
    asked = 0
    for question in read_questions(world.settings["questions"], sets):
        at_set = list(sets).index(question.about)
        member = np.any([set_of_rows(of_row, sets) == at_set for of_row in groups], axis=0)
        asked += bool(member.any() and not member.all())
        by_chance = rng.random(len(world.data)) < 0.5
        stereotyped = member & (rng.random(len(world.data)) < believed)
        for pole, said in zip(
            question.poles, (by_chance | stereotyped, ~by_chance & ~stereotyped), strict=True
        ):
            sides[pole] = dict(enumerate(said.tolist()))
    return replace(world, target=as_target(Chooser(world, sides))), asked
