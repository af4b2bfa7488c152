"""A model that has been brought in, and what bringing it in has shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.target import Ability, Target, TargetFacts

WORDLESS = "a dual encoder scores texts but writes none"
WORDS: tuple[Ability, ...] = (
    Ability.WRITES_TEXT,
    Ability.RANKS_ANSWERS,
    Ability.CHOOSES_ANSWERS,
    Ability.WEIGHS_TOKENS,
)


@dataclass(frozen=True)
class LoadedTarget:
    """A model ready to be audited, what the run folder says of it, and what loading it showed."""

    target: Target
    facts: TargetFacts
    findings: tuple[Finding, ...] = ()


def facts_of(
    target: Target,
    *,
    kind: str,
    device: str,
    precision: str,
    details: Mapping[str, str | int | float | bool],
    lacks: Mapping[Ability, str] | None = None,
    parameters: int | None = None,
) -> TargetFacts:
    """Return what the run folder says of `target`.

    Args:
        target: the model.
        kind: what it is, in words.
        device: where it runs.
        precision: number format of its weights.
        details: named facts about it.
        lacks: why it cannot do what it cannot do.
        parameters: number of parameters, where that is known.
    """
    abilities = tuple(ability for ability in Ability if ability.held_by(target))
    return TargetFacts(
        name=target.name,
        fingerprint=target.fingerprint,
        kind=kind,
        abilities=abilities,
        lacks={ability: why for ability, why in (lacks or {}).items() if ability not in abilities},
        device=device,
        precision=precision,
        threads=_threads(),
        parameters=parameters,
        details=dict(details),
    )


def parameters_of(model: Any) -> int:
    """Return the number of parameters of a torch module."""
    return sum(parameter.numel() for parameter in model.parameters())


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def unsafe_weights(files: Sequence[str], *, ran_code: bool) -> Finding:
    """Return the finding that weights were read from a pickle."""
    how = "ran code when it was loaded" if ran_code else "can hide code from other loaders"
    return Finding(
        "unsafe_weights",
        f"The weights are a pickle that {how}; convert them to safetensors.",
        Severity.HIGH if ran_code else Severity.MEDIUM,
        Confidence.HIGH,
        where=", ".join(files) or None,
    )


def remote_code(files: Sequence[str]) -> Finding:
    """Return the finding that code of a model repository was run."""
    return Finding(
        "remote_code",
        "Loading the model ran Python code from its repository; read that code before you trust "
        "these numbers, and pin the revision.",
        Severity.HIGH,
        Confidence.HIGH,
        where=", ".join(files) or None,
    )
