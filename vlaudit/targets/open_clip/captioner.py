"""A captioner of open_clip, CoCa, as a target that also writes."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL.Image import Image

from vlaudit.core.config import GenerationConfig
from vlaudit.core.target import Matrix, Vector
from vlaudit.targets.likelihood import by_token, empty_picture, mean_log_likelihood
from vlaudit.targets.open_clip.encoder import OpenClipTarget

if TYPE_CHECKING:
    from torch import Generator, Tensor


class OpenClipCaptioner(OpenClipTarget):
    """CoCa: an encoder of pictures and texts with a decoder that writes captions.

    It was trained on captions, not on instructions: a prompt is the beginning of the caption, and
    what is returned is how the caption goes on.
    """

    def __init__(
        self,
        model: Any,
        preprocess: Any,
        tokenize: Any,
        *,
        name: str,
        batch_size: int = 64,
        generation: GenerationConfig,
    ) -> None:
        """Wrap a model, its validation transform and its tokenizer; freezes the weights."""
        super().__init__(model, preprocess, tokenize, name=name, batch_size=batch_size)
        self._generation = generation
        self._start, self._end, self._pad = tokenize([""])[0, :3].tolist()
        self._decode: Callable[[list[int]], str] = getattr(tokenize, "tokenizer", tokenize).decode

    def write_text(self, images: Sequence[Image], prompts: Sequence[str]) -> list[str]:
        """Return how the model goes on with each prompt, the beginning of a caption, in words."""
        import torch

        chance = torch.Generator(self.device).manual_seed(self._generation.seed)
        rows: dict[str, list[int]] = defaultdict(list)
        for row, prompt in enumerate(prompts):
            rows[prompt].append(row)
        written = [""] * len(prompts)
        for prompt, places in rows.items():
            start = self._ids(prompt)

            def write(batch: Sequence[int], start: list[int] = start) -> list[str]:
                return self._continue([images[row] for row in batch], start, chance)

            texts = [text for part in self._batches.map(write, places) for text in part]
            for row, text in zip(places, texts, strict=True):
                written[row] = text
        return written

    def rank_answers(
        self, images: Sequence[Image], questions: Sequence[str], options: Sequence[str]
    ) -> Matrix:
        """Return mean log-likelihoods per token, float32 of shape (images, options).

        Each question is the beginning of a caption, and each option its end.
        """
        rows = [
            self._rank(image, question, options)
            for image, question in zip(images, questions, strict=True)
        ]
        return np.concatenate(rows)

    def _rank(self, image: Image, question: str, options: Sequence[str]) -> Matrix:
        import torch

        def likely(part: Sequence[str]) -> "Tensor":
            found = self._likelihoods(image, question, part)
            if self._generation.calibrate:
                found = found - self._likelihoods(empty_picture(), question, part)
            return found

        ranked = torch.cat(list(self._batches.map(likely, options)))
        return np.asarray(ranked.cpu().numpy()[None], dtype=np.float32)

    def weigh_tokens(
        self, images: Sequence[Image], prompts: Sequence[str], texts: Sequence[str]
    ) -> list[Vector]:
        """Return the log-likelihood of each token of each text, the end of a caption.

        Each prompt is the beginning of its caption.
        """
        weighed: list[Vector] = []
        for image, prompt, text in zip(images, prompts, texts, strict=True):
            weighed += by_token(*self._expected(image, prompt, [text], end=False))
        return weighed

    def _likelihoods(self, image: Image, question: str, options: Sequence[str]) -> "Tensor":
        return mean_log_likelihood(*self._expected(image, question, options, end=True))

    def _expected(
        self, image: Image, question: str, options: Sequence[str], *, end: bool
    ) -> tuple["Tensor", "Tensor", "Tensor"]:
        """Return logits, the tokens that they predict, and which of those belong to an option."""
        import torch

        start = self._ids(question)
        room = self._model.context_length
        last = [self._end] if end else []
        texts = [[*start, *self._ids(option)[1:], *last][: room + 1] for option in options]
        longest = max(map(len, texts))
        tokens = torch.tensor(
            [text + [self._pad] * (longest - len(text)) for text in texts], device=self.device
        )
        counted = torch.tensor(
            [[len(start) <= at < len(text) for at in range(1, longest)] for text in texts],
            device=self.device,
        )
        with torch.inference_mode():
            seen = self._see([image])
            return self._next_tokens(seen, tokens[:, :-1]), tokens[:, 1:], counted

    def _continue(
        self, images: Sequence[Image], start: list[int], chance: "Generator"
    ) -> list[str]:
        import torch

        with torch.inference_mode():
            seen = self._see(images)
            tokens = torch.tensor([start] * len(images), device=self.device)
            done = torch.zeros(len(images), dtype=torch.bool, device=self.device)
            room = self._model.context_length - len(start)
            for _ in range(min(self._generation.max_tokens, room)):
                chosen = self._choose(self._next_tokens(seen, tokens)[:, -1], chance)
                chosen = chosen.masked_fill(done, self._pad)
                tokens = torch.cat([tokens, chosen[:, None]], dim=1)
                done |= (chosen == self._end) | (chosen == self._pad)
                if bool(done.all()):
                    break
        return [self._words(row[len(start) :]) for row in tokens.tolist()]

    def _choose(self, logits: "Tensor", chance: "Generator") -> "Tensor":
        """Return the likeliest token of each row, or one drawn by chance where that is wanted."""
        import torch

        settings = self._generation
        if settings.temperature == 0:
            return logits.argmax(dim=-1)
        likely = torch.softmax(logits.float() / settings.temperature, dim=-1)
        ordered, places = likely.sort(dim=-1, descending=True)
        kept = ordered.cumsum(dim=-1) - ordered < settings.top_p
        drawn = torch.multinomial(ordered * kept, 1, generator=chance)
        return places.gather(1, drawn)[:, 0]

    def _see(self, images: Sequence[Image]) -> dict[str, "Tensor"]:
        seen = self._model(self._normalised(self.pixels(images)))
        return {"image_latent": seen["image_features"], "image_embs": seen["image_embs"]}

    def _next_tokens(self, seen: dict[str, "Tensor"], tokens: "Tensor") -> "Tensor":
        """Return logits of shape (texts, positions, vocabulary); one picture may serve all."""
        spread = {name: value.expand(len(tokens), *value.shape[1:]) for name, value in seen.items()}
        logits: Tensor = self._model(None, tokens, **spread, output_labels=False)["logits"]
        return logits

    def _ids(self, text: str) -> list[int]:
        """Return start token and words, without end and padding."""
        ids: list[int] = self._tokenize([text])[0].tolist()
        return ids[: ids.index(self._end)]

    def _words(self, ids: list[int]) -> str:
        ends = [at for at, token in enumerate(ids) if token in (self._end, self._pad)]
        return self._decode(ids[: ends[0]] if ends else ids).strip()
