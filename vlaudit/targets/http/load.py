"""From the address of an endpoint to a target."""

import hashlib
import json
import os
from difflib import get_close_matches
from pathlib import Path

from vlaudit.core.config import EndpointConfig, TargetConfig
from vlaudit.core.errors import InputError
from vlaudit.core.target import Ability
from vlaudit.targets.http.cache import Answers
from vlaudit.targets.http.client import Client
from vlaudit.targets.http.ledger import Ledger
from vlaudit.targets.http.target import ChatEndpoint
from vlaudit.targets.loaded import LoadedTarget, facts_of

ENDPOINT = "endpoint:"
UNWRITTEN = "an endpoint gives no likelihoods of texts that it did not write"
REMOTE = "an endpoint gives neither embeddings nor gradients"
NO_LIKELIHOODS = (
    "the endpoint gives no likelihoods of tokens; where the server has `top_logprobs`, set "
    "target.endpoint.logprobs: true"
)


def load_endpoint(config: TargetConfig, *, cache: Path | None) -> LoadedTarget:
    """Reach the endpoint that `config` names and make sure that it has the model.

    The key is read from the environment, and is in no file, message or fact.

    Raises:
        InputError: no address, or a model that the server does not have.
        TargetError: the server cannot be reached, or refuses the key.
        MissingExtraError: httpx is not installed.
    """
    if config.endpoint is None:
        raise InputError(
            "target.endpoint is missing: give the address of the server, such as "
            "endpoint: {url: 'http://localhost:8000/v1'}"
        )
    if config.generation.score_by == "caption":
        raise InputError(f"target.generation.score_by: caption cannot be had: {UNWRITTEN}")
    endpoint, model = config.endpoint, config.model.removeprefix(ENDPOINT)
    ledger = Ledger(endpoint, most_written=config.generation.max_tokens)
    client = Client(endpoint, _key(endpoint), ledger, where=f"target {config.model}")
    known, server = client.models()
    # A server that was started on a folder does not list it.
    if known and model not in known and not Path(model).is_absolute():
        close = get_close_matches(model, known, n=3, cutoff=0.3) or known[:10]
        raise InputError(
            f"target.model: {endpoint.url} has no model {model!r}; it has {', '.join(close)}"
        )
    sent = _parameters(config, endpoint)
    fingerprint = _fingerprint(endpoint, model, server, sent)
    answers = Answers(cache / f"{fingerprint[:16]}.sqlite") if cache else None
    target = ChatEndpoint(config, endpoint, client, answers, model=model, fingerprint=fingerprint)
    facts = facts_of(
        target,
        kind="chat endpoint",
        device="remote",
        precision="as served",
        details={"url": endpoint.url, "server": server, **sent},
        lacks={
            Ability.EMBEDS_IMAGES: REMOTE,
            Ability.EMBEDS_TEXTS: REMOTE,
            Ability.GIVES_GRADIENTS: REMOTE,
            Ability.WEIGHS_TOKENS: UNWRITTEN,
            Ability.SCORES_PAIRS: NO_LIKELIHOODS,
            Ability.RANKS_ANSWERS: NO_LIKELIHOODS,
        },
    )
    return LoadedTarget(target, facts)


def _key(endpoint: EndpointConfig) -> str | None:
    key = os.environ.get(endpoint.key_variable, "").strip()
    if not key.isascii() or (key and not key.isprintable()):
        raise InputError(f"the environment variable {endpoint.key_variable} holds no usable key")
    return key or None


def _parameters(
    config: TargetConfig, endpoint: EndpointConfig
) -> dict[str, str | int | float | bool]:
    """Return what is sent with every question."""
    further = {name: str(value) for name, value in endpoint.parameters.items()}
    return {**config.generation.model_dump(exclude={"calibrate", "score_by"}), **further}


def _fingerprint(
    endpoint: EndpointConfig, model: str, server: str, sent: dict[str, str | int | float | bool]
) -> str:
    """Return SHA-256 over address, model, server and parameters: all that can be known."""
    whole = json.dumps([endpoint.url, model, server, endpoint.longest_side, sent], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()
