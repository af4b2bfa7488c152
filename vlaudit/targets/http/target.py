"""A model behind a chat endpoint, as a target."""

import base64
import hashlib
import io
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import asdict
from typing import Any

import numpy as np
from PIL.Image import Image, Resampling

from vlaudit.core.config import EndpointConfig, TargetConfig
from vlaudit.core.questions import FITS, LETTERS, multiple_choice
from vlaudit.core.target import Choice, Matrix
from vlaudit.targets.choices import read_choice
from vlaudit.targets.http.cache import Answers
from vlaudit.targets.http.client import Answer, Client
from vlaudit.targets.http.ledger import Usage

SHOWN = 20


class ChatEndpoint:
    """Writes, and chooses among options; where the server gives likelihoods, also weighs them.

    Parameters and seed of every request are those of the configuration, so that equal questions
    have equal answers, read from the disk when they were asked before.
    """

    def __init__(
        self,
        config: TargetConfig,
        endpoint: EndpointConfig,
        client: Client,
        answers: Answers | None,
        *,
        model: str,
        fingerprint: str,
    ) -> None:
        """Ask `client` for what `answers` does not hold."""
        self.name = config.model
        self.fingerprint = fingerprint
        self._generation = config.generation
        self._endpoint = endpoint
        self._client = client
        self._answers = answers
        self._model = model
        if endpoint.logprobs:
            # A protocol is met by having its method: without likelihoods there must be none.
            self.score_pairs: Callable[[Sequence[Image], Sequence[str]], Matrix] = self._score
            self.rank_answers: Callable[[Sequence[Image], Sequence[str], Sequence[str]], Matrix] = (
                self._rank
            )

    @property
    def window(self) -> int:
        """Requests that go out at once now."""
        return self._client.limiter.window

    def write_text(self, images: Sequence[Image], prompts: Sequence[str]) -> list[str]:
        """Return what the model answers about each picture when given its prompt.

        Raises:
            Inapplicable: the budget of the endpoint is spent.
            TargetError: the endpoint fails for good.
        """
        return [answer.text.strip() for answer in self._ask(images, prompts)]

    def choose_answers(
        self, images: Sequence[Image], questions: Sequence[str], options: Sequence[str]
    ) -> list[Choice]:
        """Return what the model chose; an answer that names no option, or several, is unparsed."""
        prompts = [multiple_choice(question, options) for question in questions]
        return [read_choice(answer.text, options) for answer in self._ask(images, prompts)]

    def _score(self, images: Sequence[Image], texts: Sequence[str]) -> Matrix:
        """Return log-odds of yes against no, float32 of shape (images, texts)."""
        pairs = [(image, FITS.format(text)) for image in images for text in texts]
        pictures, prompts = [image for image, _ in pairs], [text for _, text in pairs]
        answers = self._ask(pictures, prompts, likely=True)
        odds = [_weights(answer.likely, ("yes", "no")) for answer in answers]
        made = np.asarray([yes - no for yes, no in odds], dtype=np.float32)
        return made.reshape(len(images), len(texts))

    def _rank(
        self, images: Sequence[Image], questions: Sequence[str], options: Sequence[str]
    ) -> Matrix:
        """Return log-likelihoods of the letters of the options, (images, options)."""
        prompts = [multiple_choice(question, options) for question in questions]
        letters = [letter.lower() for letter in LETTERS[: len(options)]]
        answers = self._ask(images, prompts, likely=True)
        return np.asarray([_weights(one.likely, letters) for one in answers], dtype=np.float32)

    def _ask(
        self, images: Sequence[Image], prompts: Sequence[str], *, likely: bool = False
    ) -> list[Answer]:
        """Ask about all pictures side by side; the n-th of equal questions is the n-th draw."""
        asked: Counter[str] = Counter()
        jobs: list[tuple[dict[str, Any], str, int]] = []
        for image, prompt in zip(images, prompts, strict=True):
            body = self._body(image, prompt, likely=likely)
            key = self._key(body)
            if self._generation.temperature > 0:
                body["seed"] = self._generation.seed + asked[key]
                asked[key] += 1
                key = self._key(body)
            jobs.append((body, key, len(prompt)))
        self._client.begin()
        with ThreadPoolExecutor(self._endpoint.concurrency) as pool:
            pending = [pool.submit(self._one, *job) for job in jobs]
            try:
                ended, _ = wait(pending, return_when=FIRST_EXCEPTION)
                for one in ended:
                    one.result()
                return [one.result() for one in pending]
            except BaseException:
                self._client.abandon()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _one(self, body: dict[str, Any], key: str, letters: int) -> Answer:
        kept = self._answers.read(key) if self._answers else None
        if kept is not None:
            return _thawed(kept)
        answer = self._client.chat(body, letters=letters)
        if self._answers:
            self._answers.write(key, json.dumps(asdict(answer)))
        return answer

    def _body(self, image: Image, prompt: str, *, likely: bool) -> dict[str, Any]:
        generation = self._generation
        picture = {"type": "image_url", "image_url": {"url": self._encoded(image)}}
        content = [picture, {"type": "text", "text": prompt}]
        return {
            "model": self._model,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": 1 if likely else generation.max_tokens,
            "temperature": generation.temperature,
            "top_p": generation.top_p,
            "seed": generation.seed,
            **({"logprobs": True, "top_logprobs": SHOWN} if likely else {}),
            **self._endpoint.parameters,
        }

    def _encoded(self, image: Image) -> str:
        """Return a picture as a data address; PNG, so that nothing is lost but size."""
        side = self._endpoint.longest_side
        small = image.convert("RGB")
        if side is not None and max(small.size) > side:
            small.thumbnail((side, side), Resampling.LANCZOS)
        buffer = io.BytesIO()
        small.save(buffer, "PNG")
        return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"

    def _key(self, body: Mapping[str, Any]) -> str:
        whole = json.dumps({"url": self._endpoint.url, **body}, sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


def _weights(likely: Mapping[str, float], words: Sequence[str]) -> list[float]:
    """Return the log-likelihood of each word, however it is spelled.

    A word that the server does not show is at most as likely as the least likely that it shows;
    where it shows none of the words, they all weigh the same.
    """
    least = min(likely.values(), default=0.0)
    return [
        _total([value for token, value in likely.items() if _bare(token) == word], least)
        for word in words
    ]


def _bare(token: str) -> str:
    return token.strip(" \t\n▁Ġ.*(\"'").casefold()


def _total(values: Sequence[float], least: float) -> float:
    """Return the logarithm of the sum of likelihoods, given as logarithms."""
    if not values:
        return least
    most = max(values)
    return most + math.log(sum(math.exp(value - most) for value in values))


def _thawed(kept: str) -> Answer:
    raw = json.loads(kept)
    usage = Usage(**raw["usage"]) if raw["usage"] else None
    return Answer(raw["text"], raw["likely"], usage)
