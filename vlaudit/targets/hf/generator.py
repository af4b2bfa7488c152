"""A model of transformers that writes about pictures, as a target."""

from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from vlaudit.core.config import GenerationConfig
from vlaudit.core.errors import TargetError
from vlaudit.core.questions import FITS, multiple_choice
from vlaudit.core.target import Choice, Matrix, Vector
from vlaudit.targets.batches import Batches
from vlaudit.targets.choices import read_choice
from vlaudit.targets.hf.marks import answer_tokens, newly_written, unended
from vlaudit.targets.hf.prompts import Prompter, continued
from vlaudit.targets.likelihood import by_token, empty_picture, mean_log_likelihood

if TYPE_CHECKING:
    from torch import Tensor

YES, NO = "Yes", "No"


@dataclass(frozen=True)
class Asked:
    """One picture, a worded prompt and an answer to it."""

    image: Image.Image
    worded: str
    answer: str


class TransformersGenerator:
    """LLaVA, Qwen-VL, SmolVLM, PaliGemma, BLIP and their like.

    An answer weighs its mean log-likelihood per token after the prompt, its end not counted. A
    text fits a picture as far as the log-odds of "Yes" against "No" say so, or, where scores are
    wanted by caption, as far as it is likelier to be written about the picture than about none.
    """

    def __init__(
        self,
        model: Any,
        prompter: Prompter,
        *,
        name: str,
        fingerprint: str,
        batches: Batches,
        generation: GenerationConfig,
    ) -> None:
        """Wrap a model in evaluation mode."""
        self.name = name
        self.fingerprint = fingerprint
        self._model = model
        self._prompter = prompter
        self._batches = batches
        self._generation = generation
        self._marks = prompter.adds_marks

    @property
    def device(self) -> Any:
        """The torch device of the weights."""
        return next(self._model.parameters()).device

    def write_text(self, images: Sequence[Image.Image], prompts: Sequence[str]) -> list[str]:
        """Return what the model writes about each picture when given its prompt."""
        asked = [
            Asked(image, self._prompter.wording(prompt), "")
            for image, prompt in zip(images, prompts, strict=True)
        ]
        written = [""] * len(asked)
        with self._seeded():
            for rows in self._alike(asked):
                parts = self._batches.map(self._write, [asked[row] for row in rows])
                for row, text in zip(rows, (text for part in parts for text in part), strict=True):
                    written[row] = text
        return written

    def _alike(self, asked: Sequence[Asked]) -> list[list[int]]:
        """Return the rows that may be written on together: for BLIP, those of one prompt.

        BLIP puts its first mark where the padding of a shorter prompt would be.
        """
        if self._model.config.model_type != "blip":
            return [list(range(len(asked)))]
        rows: dict[str, list[int]] = defaultdict(list)
        for row, one in enumerate(asked):
            rows[one.worded].append(row)
        return list(rows.values())

    def rank_answers(
        self, images: Sequence[Image.Image], questions: Sequence[str], options: Sequence[str]
    ) -> Matrix:
        """Return mean log-likelihoods per token, float32 of shape (images, options)."""
        ranked = self._rank(images, questions, options)
        if not self._generation.calibrate:
            return ranked
        empty = {
            question: self._rank([empty_picture()], [question], options)
            for question in dict.fromkeys(questions)
        }
        less = np.concatenate([empty[question] for question in questions])
        return np.asarray(ranked - less, dtype=np.float32)

    def weigh_tokens(
        self, images: Sequence[Image.Image], prompts: Sequence[str], texts: Sequence[str]
    ) -> list[Vector]:
        """Return the log-likelihood of each token of each text after its prompt."""
        import torch

        asked = [
            Asked(image, self._prompter.wording(prompt), text)
            for image, prompt, text in zip(images, prompts, texts, strict=True)
        ]

        def weigh(part: Sequence[Asked]) -> list[Vector]:
            return by_token(*self._expected(part, None))

        with torch.inference_mode():
            return [one for part in self._batches.map(weigh, asked) for one in part]

    def choose_answers(
        self, images: Sequence[Image.Image], questions: Sequence[str], options: Sequence[str]
    ) -> list[Choice]:
        """Return what the model chose; an answer that names no option, or several, is unparsed."""
        prompts = [multiple_choice(question, options) for question in questions]
        return [read_choice(said, options) for said in self.write_text(images, prompts)]

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return log-odds that a text fits a picture, float32 of shape (images, texts)."""
        import torch

        if self.scores_by_caption:
            given = self._weigh(self.described(images, texts), total=True)
            return given.reshape(len(images), len(texts)) - self.unseen(texts)
        asked = [
            Asked(image, self._prompter.wording(FITS.format(text)), YES)
            for image in images
            for text in texts
        ]
        with torch.inference_mode():
            odds = torch.cat(list(self._batches.map(self.log_odds, asked)))
        made = np.asarray(odds.cpu().numpy(), dtype=np.float32)
        return made.reshape(len(images), len(texts))

    @property
    def scores_by_caption(self) -> bool:
        """Tell whether a text is scored as a caption, not by an answer to a question about it."""
        return self._generation.score_by == "caption"

    def described(self, images: Sequence[Image.Image], texts: Sequence[str]) -> list[Asked]:
        """Return every text as a caption of every picture, those of one picture together."""
        worded = self._prompter.describing
        return [Asked(image, worded, text) for image in images for text in texts]

    def unseen(self, texts: Sequence[str]) -> Matrix:
        """Return the log-likelihood of each text as a caption of an empty picture, (texts,).

        Less these, log-likelihoods become the pointwise mutual information of pictures and texts,
        which is what the scores of a contrastive dual encoder estimate (van den Oord et al., 2018).
        """
        return self._weigh(self.described([empty_picture()], texts), total=True)

    def log_odds(self, asked: Sequence[Asked], *, pixel_values: "Tensor | None" = None) -> "Tensor":
        """Return the log-odds of "Yes" against "No", (asked,); differentiable in `pixel_values`.

        Where each is one token, both are read from what the model expects next, at the price of
        one pass instead of two.
        """
        logits, labels, counted = self._expected(asked, pixel_values)
        _, other, place = self._labelled([replace(asked[0], answer=NO)])
        if bool((counted.sum(dim=1) == 1).all()) and int(place.sum()) == 1:
            expected, yes = logits[counted].float(), labels[counted]
            return expected.gather(1, yes[:, None])[:, 0] - expected[:, int(other[place])]
        against = [replace(one, answer=NO) for one in asked]
        no = self.log_likelihoods(against, total=True, pixel_values=pixel_values)
        return mean_log_likelihood(logits, labels, counted) * counted.sum(dim=1) - no

    def _rank(
        self, images: Sequence[Image.Image], questions: Sequence[str], options: Sequence[str]
    ) -> Matrix:
        asked = [
            Asked(image, self._prompter.wording(question), option)
            for image, question in zip(images, questions, strict=True)
            for option in options
        ]
        return self._weigh(asked, total=False).reshape(len(images), len(options))

    def _weigh(self, asked: Sequence[Asked], *, total: bool) -> Matrix:
        """Return the log-likelihood of each answer, its mean per token or its total."""
        import torch

        def weigh(part: Sequence[Asked]) -> "Tensor":
            return self.log_likelihoods(part, total=total)

        with torch.inference_mode():
            parts = list(self._batches.map(weigh, asked))
            return np.asarray(torch.cat(parts).cpu().numpy(), dtype=np.float32)

    def log_likelihoods(
        self, asked: Sequence[Asked], *, total: bool, pixel_values: "Tensor | None" = None
    ) -> "Tensor":
        """Return the log-likelihood of each answer, (asked,); differentiable in `pixel_values`.

        Raises:
            TargetError: an answer has no words.
        """
        logits, labels, counted = self._expected(asked, pixel_values)
        means = mean_log_likelihood(logits, labels, counted)
        return means * counted.sum(dim=1) if total else means

    def _expected(
        self, asked: Sequence[Asked], pixel_values: "Tensor | None"
    ) -> tuple["Tensor", "Tensor", "Tensor"]:
        """Return logits, the labels that they predict, and which of those are words to weigh."""
        inputs, labels, counted = self._labelled(asked)
        if not bool(counted.any(dim=1).all()):
            raise TargetError(f"{self.name}: an answer without words cannot be weighed")
        if pixel_values is not None:
            inputs["pixel_values"] = pixel_values
        logits = self._model(**inputs).logits
        if not self._answers_apart:
            logits = logits[:, -labels.shape[1] - 1 : -1]
        return logits, labels, counted

    def _labelled(self, asked: Sequence[Asked]) -> tuple[dict[str, "Tensor"], "Tensor", "Tensor"]:
        """Return what the model takes, what it is to write, and which of that is weighed."""
        if not self._answers_apart:
            inputs, counted = self._whole(asked)
            return inputs, inputs["input_ids"][:, 1:], counted[:, 1:]
        images, given = [one.image for one in asked], [one.worded for one in asked]
        inputs = self._inputs(images, given, "right")
        labels, counted = self._labels([one.answer for one in asked])
        inputs["labels"] = labels.masked_fill(~counted, -100)
        return inputs, labels, counted

    def _whole(self, asked: Sequence[Asked]) -> tuple[dict[str, "Tensor"], "Tensor"]:
        """Return prompts with their answers, and which tokens are words of the answer."""
        import torch

        images, given = [one.image for one in asked], [one.worded for one in asked]
        if self._prompter.takes_suffixes:
            answers = [one.answer for one in asked]
            inputs = self._inputs(images, given, "right", answers)
            marks = torch.tensor(sorted(self._prompter.end_marks), device=self.device)
            written = inputs["token_type_ids"].bool() & inputs["attention_mask"].bool()
            return inputs, written & ~torch.isin(inputs["input_ids"], marks)
        whole = [continued(one.worded, one.answer) for one in asked]
        inputs = self._inputs(images, whole, "right")
        prompts, ends = self._inputs(images, given, "right"), self._prompter.end_marks
        return inputs, answer_tokens(prompts, inputs, ends)

    @property
    def _answers_apart(self) -> bool:
        """Tell whether the answer is written by a decoder of its own."""
        config = self._model.config
        has_encoder = bool(getattr(config, "is_encoder_decoder", False))
        return has_encoder or not getattr(config, "use_decoder_only_language_model", True)

    def _labels(self, answers: Sequence[str]) -> tuple["Tensor", "Tensor"]:
        tokenizer = self._prompter.tokenizer
        made = tokenizer(
            list(answers), padding=True, add_special_tokens=False, return_tensors="pt"
        ).to(self.device)
        return made["input_ids"], made["attention_mask"].bool()

    def _inputs(
        self,
        images: Sequence[Image.Image],
        texts: Sequence[str],
        side: str,
        suffixes: Sequence[str] | None = None,
    ) -> dict[str, "Tensor"]:
        made = self._prompter.inputs(
            images, texts, side=side, specials=self._marks, suffixes=suffixes
        )
        weights = next(self._model.parameters())
        placed = {
            name: value.to(self.device, weights.dtype if value.is_floating_point() else None)
            for name, value in made.items()
        }
        if self._model.config.model_type == "blip" and side == "right":
            # Its decoder was trained on texts that begin with a mark of its own, not [CLS].
            placed["input_ids"][:, 0] = self._model.config.text_config.bos_token_id
        return placed

    def _write(self, asked: Sequence[Asked]) -> list[str]:
        import torch

        side = "right" if self._answers_apart else "left"
        inputs = self._inputs([one.image for one in asked], [one.worded for one in asked], side)
        if side == "left" and self._model.config.model_type != "blip":
            inputs = unended(inputs, self._prompter.end_marks)
        with torch.inference_mode():
            made = self._model.generate(**inputs, generation_config=self._settings())
        given = inputs["input_ids"].tolist()
        new = [newly_written(row, prompt) for row, prompt in zip(made.tolist(), given, strict=True)]
        words = self._prompter.tokenizer.batch_decode(new, skip_special_tokens=True)
        return [text.strip() for text in words]

    def _settings(self) -> Any:
        """Return the parameters of generation, of which none is left to the model's own habits."""
        own, wanted = self._model.generation_config, self._generation
        tokenizer = self._prompter.tokenizer
        sampled = wanted.temperature > 0
        chance = {"temperature": wanted.temperature, "top_p": wanted.top_p, "top_k": 0}
        return import_module("transformers").GenerationConfig(
            max_new_tokens=wanted.max_tokens,
            do_sample=sampled,
            **(chance if sampled else {}),
            bos_token_id=own.bos_token_id,
            eos_token_id=own.eos_token_id,
            decoder_start_token_id=own.decoder_start_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )

    @contextmanager
    def _seeded(self) -> Generator[None]:
        """Fix what is drawn by chance, and leave the chance of others alone."""
        import torch

        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(self._generation.seed)
            yield
