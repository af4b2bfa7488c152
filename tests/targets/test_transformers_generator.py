"""Writing and weighing answers equals a slow loop of plain transformers, one token at a time."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from PIL import Image

from tests.targets.writers import TEMPLATE, WRITERS, transformers
from vlaudit import targets
from vlaudit.core.config import GenerationConfig, TargetConfig
from vlaudit.core.errors import TargetError
from vlaudit.core.questions import FITS
from vlaudit.core.target import Ability, GivesGradients
from vlaudit.targets import LoadedTarget
from vlaudit.targets.conformance import broken_promises
from vlaudit.targets.hf.generator import TransformersGenerator
from vlaudit.targets.hf.prompts import DESCRIBE

QUESTIONS = ["What is it ?", "a photo of", "What is it ?"]
OPTIONS = ["a cat", "two dog . dog", "no"]
GREY = Image.new("RGB", (224, 224), (128, 128, 128))

Folders = dict[str, Path]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    made: Folders = {}
    for kind, make in WRITERS.items():
        made[kind] = tmp_path_factory.mktemp(kind)
        torch.manual_seed(0)
        model, processor = make()
        model.save_pretrained(made[kind])
        processor.save_pretrained(made[kind])
    return made


def load(folder: Path, *, batch_size: int = 4, **generation: Any) -> LoadedTarget:
    settings = GenerationConfig(max_tokens=5, **generation)
    config = TargetConfig(model=str(folder), batch_size=batch_size, generation=settings)
    return targets.load(config, base=Path())


def writer(folder: Path, **settings: Any) -> TransformersGenerator:
    target = load(folder, **settings).target
    assert isinstance(target, TransformersGenerator)
    return target


class Slow:
    """One picture and one token at a time, without batches, padding or caches."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.model = transformers.AutoModelForImageTextToText.from_pretrained(folder).eval()
        self.processor = transformers.AutoProcessor.from_pretrained(folder)

    def prompt(self, image: Image.Image, question: str) -> dict[str, Any]:
        if self.kind == "blip":
            made = dict(self.processor(images=image, text=question, return_tensors="pt"))
            made["input_ids"] = made["input_ids"][:, :-1]
            made["input_ids"][:, 0] = 1
        elif self.kind == "paligemma":
            made = dict(self.processor(images=image, text=question, return_tensors="pt"))
            made.pop("labels", None)
        else:
            content = [{"type": "image"}, {"type": "text", "text": question}]
            text = self.processor.apply_chat_template(
                [{"role": "user", "content": content}], add_generation_prompt=True
            )
            made = dict(self.processor(images=[image], text=[text], return_tensors="pt"))
        del made["attention_mask"]
        return made

    def chances(self, inputs: dict[str, Any], after: list[int]) -> torch.Tensor:
        if self.kind == "paligemma":
            return self.chances_one_way(inputs, after)
        ids = torch.cat([inputs["input_ids"], torch.tensor([after], dtype=torch.long)], dim=1)
        with torch.no_grad():
            logits = self.model(**{**inputs, "input_ids": ids}).logits
        return torch.log_softmax(logits[0, -1], dim=-1)

    def chances_one_way(self, inputs: dict[str, Any], after: list[int]) -> torch.Tensor:
        """Read the prompt in both directions, then what follows it token by token."""
        with torch.no_grad():
            out = self.model(**inputs, use_cache=True)
            for token in after:
                out = self.model(
                    input_ids=torch.tensor([[token]]), past_key_values=out.past_key_values,
                    use_cache=True,
                )  # fmt: skip
        return torch.log_softmax(out.logits[0, -1], dim=-1)

    def write(self, image: Image.Image, question: str) -> str:
        inputs, written = self.prompt(image, question), list[int]()
        for _ in range(5):
            best = int(self.chances(inputs, written).argmax())
            if best == self.model.generation_config.eos_token_id or best == self.stop:
                break
            written.append(best)
        return str(self.processor.tokenizer.decode(written, skip_special_tokens=True)).strip()

    @property
    def stop(self) -> int:
        return 6 if self.kind == "blip" else 2

    def log_likelihood(self, image: Image.Image, question: str, answer: str) -> list[float]:
        inputs = self.prompt(image, question)
        ids = self.processor.tokenizer(answer, add_special_tokens=False)["input_ids"]
        return [float(self.chances(inputs, ids[:at])[ids[at]]) for at in range(len(ids))]

    def rank(self, image: Image.Image, question: str) -> list[float]:
        return [float(np.mean(self.log_likelihood(image, question, answer))) for answer in OPTIONS]


@pytest.mark.parametrize("kind", list(WRITERS))
def test_it_writes_ranks_and_scores_as_a_slow_loop_does(
    folders: Folders, images: list[Image.Image], kind: str
) -> None:
    slow, target = Slow(kind, folders[kind]), writer(folders[kind])
    asked = list(zip(images, QUESTIONS, strict=True))
    written = target.write_text(images, QUESTIONS)
    assert written == [slow.write(*pair) for pair in asked]
    assert len(set(written)) > 1

    ranked = target.rank_answers(images, QUESTIONS, OPTIONS)
    expected = [slow.rank(*pair) for pair in asked]
    np.testing.assert_allclose(ranked, expected, atol=1e-4)
    first = [OPTIONS[0]] * len(images)
    weighed = target.weigh_tokens(images, QUESTIONS, first)
    tokens = [slow.log_likelihood(*pair, OPTIONS[0]) for pair in asked]
    assert [one.tolist() for one in weighed] == [pytest.approx(one, abs=1e-4) for one in tokens]

    texts = ["a cat", "the dog"]
    odds = [
        [
            sum(slow.log_likelihood(image, FITS.format(text), "Yes"))
            - sum(slow.log_likelihood(image, FITS.format(text), "No"))
            for text in texts
        ]
        for image in images
    ]
    np.testing.assert_allclose(target.score_pairs(images, texts), odds, atol=1e-4)


@pytest.mark.parametrize("kind", list(WRITERS))
def test_scores_by_caption_are_log_likelihoods_less_those_of_an_empty_picture(
    folders: Folders, images: list[Image.Image], kind: str
) -> None:
    slow, target = Slow(kind, folders[kind]), writer(folders[kind], score_by="caption")
    prompt, texts = DESCRIBE if kind in ("llava", "smolvlm") else "", ["a photo of a cat", "two"]

    def fits(image: Image.Image) -> list[float]:
        return [sum(slow.log_likelihood(image, prompt, text)) for text in texts]

    expected = [np.array(fits(image)) - fits(GREY) for image in images]
    np.testing.assert_allclose(target.score_pairs(images, texts), expected, atol=2e-4)
    if isinstance(target, GivesGradients):
        pixels = target.pixels(images).requires_grad_()
        scores = target.pixel_scores(pixels, texts)
        np.testing.assert_allclose(scores.detach().numpy(), expected, atol=2e-4)
        assert torch.autograd.grad(scores.sum(), pixels)[0].abs().max() > 0


def test_calibration_takes_away_what_an_empty_picture_says(
    folders: Folders, images: list[Image.Image]
) -> None:
    slow = Slow("llava", folders["llava"])
    ranked = writer(folders["llava"], calibrate=True).rank_answers(images, QUESTIONS, OPTIONS)
    expected = [
        np.array(slow.rank(image, question)) - slow.rank(GREY, question)
        for image, question in zip(images, QUESTIONS, strict=True)
    ]
    np.testing.assert_allclose(ranked, expected, atol=1e-4)


@pytest.mark.parametrize("kind", list(WRITERS))
def test_batches_change_nothing(folders: Folders, images: list[Image.Image], kind: str) -> None:
    one, many = (writer(folders[kind], batch_size=size) for size in (1, 9))
    assert one.write_text(images, QUESTIONS) == many.write_text(images, QUESTIONS)
    single, joint = (of.rank_answers(images, QUESTIONS, OPTIONS) for of in (one, many))
    np.testing.assert_allclose(single, joint, atol=1e-4)


def test_drawing_by_chance_follows_the_seed_and_leaves_other_chance_alone(
    folders: Folders, images: list[Image.Image]
) -> None:
    def written(**generation: Any) -> list[str]:
        target = writer(folders["llava"], temperature=2.0, **generation)
        return target.write_text(images[:1] * 4, ["What is it ?"] * 4)

    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = written()
    assert torch.equal(torch.rand(3), expected)
    assert first == written()
    assert first != written(seed=1)
    assert len(set(first)) > 1


@pytest.mark.parametrize("kind", ["llava", "blip"])
def test_scores_follow_from_pixels_with_true_slopes(
    folders: Folders, images: list[Image.Image], kind: str
) -> None:
    target = writer(folders[kind])
    differentiable = cast("GivesGradients", target)
    texts = ["a cat", "the dog"]
    pixels = differentiable.pixels(images)
    assert pixels.shape == (3, 3, 32, 32)
    assert 0 <= float(pixels.min()) <= float(pixels.max()) <= 1
    scores = differentiable.pixel_scores(pixels, texts)
    np.testing.assert_allclose(scores.numpy(), target.score_pairs(images, texts), atol=1e-4)
    pixels.requires_grad_()
    (slope,) = torch.autograd.grad(differentiable.pixel_scores(pixels, texts).sum(), pixels)
    step = torch.randn(pixels.shape, generator=torch.Generator().manual_seed(0)) * 1e-3
    with torch.no_grad():
        ahead = differentiable.pixel_scores(pixels + step, texts).sum()
        back = differentiable.pixel_scores(pixels - step, texts).sum()
    assert float((slope * step).sum()) == pytest.approx(float(ahead - back) / 2, rel=0.05)


def test_what_is_said_of_it(folders: Folders) -> None:
    facts = load(folders["smolvlm"]).facts
    assert facts.kind == "transformers generative model"
    assert set(facts.abilities) == {
        Ability.SCORES_PAIRS, Ability.WRITES_TEXT, Ability.RANKS_ANSWERS,
        Ability.CHOOSES_ANSWERS, Ability.WEIGHS_TOKENS,
    }  # fmt: skip
    assert "no common space" in facts.lacks[Ability.EMBEDS_IMAGES]
    assert "rectangle of pixels" in facts.lacks[Ability.GIVES_GRADIENTS]
    assert facts.details["temperature"] == 0.0
    assert facts.details["architecture"] == "Idefics3ForConditionalGeneration"
    assert Ability.GIVES_GRADIENTS in load(folders["llava"]).facts.abilities


@pytest.mark.parametrize("kind", list(WRITERS))
def test_it_keeps_every_promise(folders: Folders, kind: str) -> None:
    assert not list(broken_promises(writer(folders[kind])))


def test_the_template_is_part_of_the_fingerprint(folders: Folders, tmp_path: Path) -> None:
    copy = shutil.copytree(folders["llava"], tmp_path / "copy")
    assert load(copy).facts.fingerprint == load(folders["llava"]).facts.fingerprint
    template = copy / "chat_template.jinja"
    template.write_text(TEMPLATE.replace("ASSISTANT", "USER"))
    assert load(copy).facts.fingerprint != load(folders["llava"]).facts.fingerprint


def test_an_answer_without_words_cannot_be_weighed(
    folders: Folders, images: list[Image.Image]
) -> None:
    with pytest.raises(TargetError, match="an answer without words"):
        writer(folders["llava"]).rank_answers(images[:1], ["What is it ?"], ["a cat", ""])


def test_blip_that_scores_is_not_taken_for_one_that_writes(
    tmp_path: Path, folders: Folders, images: list[Image.Image]
) -> None:
    shutil.copytree(folders["blip"], tmp_path, dirs_exist_ok=True)
    torch.manual_seed(1)
    config = transformers.AutoConfig.from_pretrained(tmp_path)
    model = transformers.BlipModel(config)
    model.save_pretrained(tmp_path)
    loaded = load(tmp_path)
    assert loaded.facts.kind == "transformers dual encoder"
    given = transformers.AutoProcessor.from_pretrained(tmp_path)(
        images=images, text=["a cat", "dog"], padding=True, return_tensors="pt"
    )
    with torch.no_grad():
        expected = model.eval()(**given).logits_per_image.numpy()
    scores: Callable[..., Any] = cast("Any", loaded.target).score_pairs
    np.testing.assert_allclose(scores(images, ["a cat", "dog"]), expected, atol=1e-4)
