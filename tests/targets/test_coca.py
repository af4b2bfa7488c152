"""The captioner writes and weighs what a plain, slow open_clip loop writes and weighs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from vlaudit import targets
from vlaudit.core.config import GenerationConfig, TargetConfig
from vlaudit.core.target import Ability
from vlaudit.targets.open_clip.captioner import OpenClipCaptioner

Plain = tuple[Any, Any, Any]
OPTIONS = ["a cat", "two big dogs in the snow", ""]


@pytest.fixture(scope="module")
def plain(coca: Path) -> Plain:
    made: Any = open_clip.create_model_and_transforms(f"local-dir:{coca}")
    tokenize: Any = open_clip.get_tokenizer(f"local-dir:{coca}", context_length=16)
    return made[0].eval(), made[2], tokenize


def captioner(plain: Plain, **generation: Any) -> OpenClipCaptioner:
    settings = GenerationConfig(max_tokens=6, **generation)
    return OpenClipCaptioner(*plain, name="coca", batch_size=2, generation=settings)


def slowly_written(plain: Plain, image: Image.Image, prompt: str) -> str:
    model, preprocess, tokenize = plain
    tokens = tokenize([prompt])[0].tolist()
    tokens = tokens[: tokens.index(tokenize.eot_token_id)]
    begun = len(tokens)
    while len(tokens) < begun + 6:
        with torch.no_grad():
            out = model(preprocess(image)[None], torch.tensor([tokens]), output_labels=False)
        best = int(out["logits"][0, -1].argmax())
        if best in (tokenize.eot_token_id, 0):
            break
        tokens.append(best)
    return str(tokenize.decode(tokens[begun:])).strip()


def slowly_ranked(plain: Plain, image: Image.Image, question: str) -> list[float]:
    model, preprocess, tokenize = plain
    found: list[float] = []
    for option in OPTIONS:
        whole = tokenize([f"{question} {option}"])[0].tolist()
        asked = tokenize([question])[0].tolist().index(tokenize.eot_token_id)
        end = whole.index(tokenize.eot_token_id)
        total = 0.0
        for at in range(asked, end + 1):
            with torch.no_grad():
                shown = torch.tensor([whole[:at]])
                out = model(preprocess(image)[None], shown, output_labels=False)
            total += float(torch.log_softmax(out["logits"][0, -1], dim=-1)[whole[at]])
        found.append(total / (end + 1 - asked))
    return found


def test_it_writes_what_a_plain_loop_writes(plain: Plain, images: list[Image.Image]) -> None:
    prompts = ["", "a photo of", ""]
    written = captioner(plain).write_text(images, prompts)
    slow = [slowly_written(plain, *pair) for pair in zip(images, prompts, strict=True)]
    assert written == slow
    assert len(set(written)) > 1


def test_it_ranks_as_a_plain_loop_ranks(plain: Plain, images: list[Image.Image]) -> None:
    questions = ["a photo of", "a", "a photo of"]
    ranked = captioner(plain).rank_answers(images, questions, OPTIONS)
    slow = [slowly_ranked(plain, *pair) for pair in zip(images, questions, strict=True)]
    np.testing.assert_allclose(ranked, slow, atol=1e-4)
    assert ranked.dtype == np.float32


def test_calibration_takes_away_what_an_empty_picture_says(
    plain: Plain, images: list[Image.Image]
) -> None:
    questions: Sequence[str] = ["a photo of"] * 3
    ranked = captioner(plain).rank_answers(images, questions, OPTIONS)
    empty = slowly_ranked(plain, Image.new("RGB", (224, 224), (128, 128, 128)), "a photo of")
    calibrated = captioner(plain, calibrate=True).rank_answers(images, questions, OPTIONS)
    np.testing.assert_allclose(calibrated, ranked - np.array(empty), atol=1e-4)


def test_drawing_by_chance_follows_the_seed(plain: Plain, images: list[Image.Image]) -> None:
    def written(**generation: Any) -> list[str]:
        return captioner(plain, temperature=5.0, **generation).write_text(images[:1] * 4, [""] * 4)

    assert written() == written()
    assert written() != written(seed=1)
    assert len(set(written())) > 1
    greedy = captioner(plain).write_text(images[:1], [""])
    assert set(written(top_p=1e-6)) == set(greedy)


def test_it_has_every_ability(coca: Path) -> None:
    loaded = targets.load(TargetConfig(model=str(coca)), base=Path())
    assert set(loaded.facts.abilities) == set(Ability) - {Ability.CHOOSES_ANSWERS}
    assert loaded.facts.kind == "open_clip captioner"
    assert list(loaded.facts.lacks) == [Ability.CHOOSES_ANSWERS]


def test_tokens_add_up_to_the_likelihood_of_the_text(
    plain: Plain, images: Sequence[Image.Image]
) -> None:
    target, text = captioner(plain), "two big dogs"
    model, preprocess, tokenize = plain
    [weighed] = target.weigh_tokens(images[:1], ["a photo of"], [text])
    whole = tokenize([f"a photo of {text}"])[0].tolist()
    first = tokenize(["a photo of"])[0].tolist().index(tokenize.eot_token_id)
    expected: list[float] = []
    for at in range(first, whole.index(tokenize.eot_token_id)):
        with torch.no_grad():
            out = model(
                preprocess(images[0])[None], torch.tensor([whole[:at]]), output_labels=False
            )
        expected.append(float(torch.log_softmax(out["logits"][0, -1], dim=-1)[whole[at]]))
    assert weighed == pytest.approx(expected, abs=1e-4)
