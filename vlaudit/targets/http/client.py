"""One endpoint: requests with retries, within the budget, at the pace that the server bears."""

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import Any

from vlaudit.core.config import EndpointConfig
from vlaudit.core.errors import MissingExtraError, TargetError
from vlaudit.targets.http.ledger import Ledger, Usage
from vlaudit.targets.http.limiter import Limiter

BUSY = (408, 409, 425, 429, 500, 502, 503, 504)
FIRST_WAIT = 0.5
TOKENS_OF_A_PICTURE = 3000
LETTERS_A_TOKEN = 2


@dataclass(frozen=True)
class Answer:
    """What the server answered.

    Attributes:
        text: the words of the answer; empty where it gave none.
        likely: token -> log-likelihood, of the tokens that could have come first.
        usage: what it cost; None where the server does not say.
    """

    text: str
    likely: Mapping[str, float]
    usage: Usage | None


class Nonsense(Exception):
    """An answer that is none."""


class Client:
    """Speaks to an OpenAI-compatible endpoint; the key is in no message and no file."""

    def __init__(
        self,
        config: EndpointConfig,
        key: str | None,
        ledger: Ledger,
        *,
        where: str,
    ) -> None:
        """Prepare a connection; nothing is sent yet.

        Args:
            config: address, time limits and retries.
            key: the secret; None to send none.
            ledger: holds the calls against the budget.
            where: the target, as messages begin.

        Raises:
            MissingExtraError: httpx is not installed.
        """
        try:
            self._httpx: Any = import_module("httpx")
        except ImportError as error:
            raise MissingExtraError(extra="http", purpose=where) from error
        self._config = config
        self._key = key
        self._ledger = ledger
        self._where = where
        self._abandoned = threading.Event()
        self._jitter = random.Random()
        self.limiter = Limiter(config.concurrency)
        query = {"api-version": config.api_version} if config.api_version else {}
        self._http = self._httpx.Client(
            base_url=config.url.rstrip("/") + "/",
            headers=self._headers(),
            params=query,
            timeout=config.timeout,
            follow_redirects=False,
            limits=self._httpx.Limits(max_connections=config.concurrency),
        )

    def models(self) -> tuple[list[str], str]:
        """Return the models that the server lists, none where it does not, and its name.

        Raises:
            TargetError: it cannot be reached, or refuses the key.
        """
        try:
            got = self._http.get("models")
        except self._httpx.HTTPError as error:
            raise TargetError(
                f"{self._where}: {self._config.url} cannot be reached ({self._said(error)}); "
                "check target.endpoint.url and that the server runs"
            ) from error
        if got.status_code in (401, 403):
            raise self._refused(got)
        server = str(got.headers.get("server", "unnamed"))
        try:
            return [str(model["id"]) for model in got.json()["data"]], server
        except (ValueError, KeyError, TypeError):
            return [], server

    def begin(self) -> None:
        """Let questions be asked."""
        self._abandoned.clear()

    def abandon(self) -> None:
        """Let no question that failed be asked again: another has failed for good."""
        self._abandoned.set()

    def chat(self, body: Mapping[str, Any], *, letters: int) -> Answer:
        """Return the answer to a chat request with one picture.

        Args:
            body: the request.
            letters: length of its text, for a bound of what it costs.

        Raises:
            Inapplicable: the budget is spent.
            TargetError: the server refuses, or fails as often as it may.
        """
        wait, last = 0.0, ""
        for attempt in range(self._config.retries + 1):
            if self._abandoned.wait(wait):
                raise TargetError(f"{self._where}: another question failed for good")
            answer, last, wait = self._attempt(body, letters, attempt)
            if answer is not None:
                return answer
        raise TargetError(
            f"{self._where}: gave up after {self._config.retries + 1} attempts; the last: {last}"
        )

    def _attempt(
        self, body: Mapping[str, Any], letters: int, attempt: int
    ) -> tuple[Answer | None, str, float]:
        """Return the answer, or why there is none and how long to wait."""
        usage: Usage | None = None
        with self.limiter.slot():
            most_read = self._ledger.reserve(TOKENS_OF_A_PICTURE + letters // LETTERS_A_TOKEN)
            began = time.monotonic()
            try:
                got = self._http.post("chat/completions", json=body)
                if got.status_code == 200:
                    usage = self._ledger.most(most_read)
                    answer = _read(got)
                    usage = answer.usage or usage
                    self.limiter.answered(time.monotonic() - began)
                    return answer, "", 0.0
            except (self._httpx.HTTPError, Nonsense) as error:
                self.limiter.refused()
                return None, self._said(error), self._backoff(attempt)
            finally:
                self._ledger.settle(most_read, usage)
            self.limiter.refused()
        if got.status_code not in BUSY:
            raise self._refused(got)
        said = f"HTTP {got.status_code} {self._masked(got.text)[:200]}"
        return None, said, self._wait(got.headers.get("retry-after"), attempt)

    def _wait(self, asked: str | None, attempt: int) -> float:
        """Return how long to wait: as long as the server asks, if that is not too long."""
        seconds = _seconds(asked)
        if seconds is None:
            return self._backoff(attempt)
        if seconds > self._config.max_wait:
            raise TargetError(
                f"{self._where}: the server asks to wait {seconds:g} s, longer than "
                f"target.endpoint.max_wait ({self._config.max_wait:g} s); resume the run later"
            )
        return seconds + self._jitter.uniform(0, 0.1 * seconds)

    def _backoff(self, attempt: int) -> float:
        """Return a wait drawn from a range that doubles with each attempt, so that none march."""
        return self._jitter.uniform(0, min(self._config.max_wait, FIRST_WAIT * 2**attempt))

    def _headers(self) -> dict[str, str]:
        if self._key is None:
            return {}
        if self._config.key_header.lower() == "authorization":
            return {"Authorization": f"Bearer {self._key}"}
        return {self._config.key_header: self._key}

    def _refused(self, got: Any) -> TargetError:
        said = f"{self._where}: the server refuses: HTTP {got.status_code}"
        if got.status_code in (401, 403):
            variable = self._config.key_variable
            state = "is refused" if self._key else "is not set"
            return TargetError(f"{said}; the key in the environment variable {variable} {state}")
        return TargetError(f"{said} {self._masked(got.text)[:300]}")

    def _said(self, error: Exception) -> str:
        return self._masked(f"{type(error).__name__} {error}".strip())[:300]

    def _masked(self, text: str) -> str:
        """Return a text on one line without the key, which servers like to quote."""
        line = " ".join(text.split())
        return line.replace(self._key, "***") if self._key else line


def _read(got: Any) -> Answer:
    """Return the answer in a response.

    Raises:
        Nonsense: the response is not that of a chat completion.
    """
    try:
        whole = got.json()
        choice = whole["choices"][0]
        content = choice["message"].get("content")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise Nonsense(f"what came is no chat completion: {got.text[:100]!r}") from error
    if not isinstance(content, str | None):
        raise Nonsense(f"the content of the answer is no text: {str(content)[:100]!r}")
    return Answer(content or "", _likely(choice), _usage(whole))


def _likely(choice: Any) -> dict[str, float]:
    try:
        first = choice["logprobs"]["content"][0]["top_logprobs"]
        return {str(one["token"]): float(one["logprob"]) for one in first}
    except (KeyError, IndexError, TypeError, ValueError):
        return {}


def _usage(whole: Any) -> Usage | None:
    try:
        usage = whole["usage"]
        return Usage(int(usage["prompt_tokens"]), int(usage["completion_tokens"]))
    except (KeyError, TypeError, ValueError):
        return None


def _seconds(asked: str | None) -> float | None:
    """Return what a Retry-After header means: seconds, or a moment."""
    if asked is None:
        return None
    try:
        return max(0.0, float(asked))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(asked)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
