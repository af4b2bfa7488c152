"""From what the configuration names to a model on a device."""

import logging
import os
import pickle
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from vlaudit.core.config import TargetConfig
from vlaudit.core.errors import InputError, MissingExtraError, TargetError
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.target import Ability, TargetFacts
from vlaudit.targets.open_clip import OpenClipTarget

LOCAL = "local-dir:"
HUB = "hf-hub:"


@dataclass(frozen=True)
class LoadedTarget:
    """A model ready to be audited, what the run folder says of it, and what loading it showed."""

    target: OpenClipTarget
    facts: TargetFacts
    findings: tuple[Finding, ...] = ()


def load(config: TargetConfig, *, base: Path) -> LoadedTarget:
    """Load the model that `config` names; relative paths are taken from `base`.

    Weights come from safetensors, or from a checkpoint without code in it. A pickle that could
    run code is refused, or with `allow_pickle` loaded and reported as a finding.

    Raises:
        InputError: there is no such architecture, tag, folder or device.
        TargetError: the weights are unreachable, unsafe, missing or of another architecture.
        MissingExtraError: the model needs a library of an optional extra.
    """
    import open_clip
    import torch

    if config.threads is not None:
        torch.set_num_threads(config.threads)
    source, pretrained = _resolve(config, base)
    device = _device(config.device)
    precision = "fp32" if config.precision == "auto" else config.precision
    with _readable_errors(config, source, pretrained):
        model, preprocess, unsafe = _create(config, source, pretrained, device, precision)
        tokenize = open_clip.get_tokenizer(source, context_length=model.context_length)
    target = OpenClipTarget(
        model, preprocess, tokenize, name=_name(config), batch_size=config.batch_size
    )
    facts = TargetFacts(
        name=target.name,
        fingerprint=target.fingerprint,
        kind="open_clip dual encoder",
        abilities=tuple(ability for ability in Ability if ability.held_by(target)),
        device=device,
        precision=precision,
        threads=torch.get_num_threads(),
        parameters=target.parameters,
        details={"architecture": type(model).__name__, "image_size": str(_image_size(model))},
    )
    return LoadedTarget(target, facts, (_pickle_finding(pretrained),) if unsafe else ())


def _image_size(model: Any) -> Any:
    from open_clip import get_model_preprocess_cfg

    return get_model_preprocess_cfg(model).get("size", "unknown")


def _name(config: TargetConfig) -> str:
    return config.model if config.pretrained is None else f"{config.model} ({config.pretrained})"


def _resolve(config: TargetConfig, base: Path) -> tuple[str, str | None]:
    """Return the model and checkpoint as open_clip takes them, with absolute local paths."""
    import open_clip

    model = config.model
    folder = base / model.removeprefix(LOCAL)
    if model.startswith(LOCAL) or (folder / "open_clip_config.json").is_file():
        if not (folder / "open_clip_config.json").is_file():
            raise InputError(
                f"target.model: {folder} is not an open_clip folder (no open_clip_config.json); "
                "save one with open_clip.push_to_hf_hub.save_for_hf, or name an architecture"
            )
        return f"{LOCAL}{folder}", None
    if model.startswith(HUB):
        return model, None
    if folder.is_file():
        raise InputError(
            f"target.model: {model} is a checkpoint; name its architecture in target.model "
            "(such as ViT-B-32) and the checkpoint in target.pretrained"
        )
    known = open_clip.list_models()
    if model.replace("/", "-") not in known:
        raise InputError(f"target.model: no architecture {model!r}{_closest(model, known)}")
    if config.pretrained is None:
        raise InputError(
            f"target.pretrained is missing: {model} alone has random weights; "
            "give a tag or the path of a checkpoint"
        )
    return model, _resolve_checkpoint(model, config.pretrained, base)


def _resolve_checkpoint(model: str, pretrained: str, base: Path) -> str:
    import open_clip

    if (base / pretrained).is_file():
        return str(base / pretrained)
    tags = open_clip.list_pretrained_tags_by_model(model)
    if pretrained in tags:
        return pretrained
    raise InputError(
        f"target.pretrained: {pretrained!r} is neither a file below {base} "
        f"nor a tag of {model}{_closest(pretrained, tags)}"
    )


def _closest(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(close)}?" if close else f"; known: {', '.join(known[:20])}"


def _device(wanted: str) -> str:
    import torch

    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise InputError(f"target.device: {wanted} was asked for, but torch sees no CUDA device")
    if wanted == "mps" and not torch.backends.mps.is_available():
        raise InputError("target.device: mps was asked for, but torch sees no Apple GPU")
    return wanted


def _create(
    config: TargetConfig, source: str, pretrained: str | None, device: str, precision: str
) -> tuple[Any, Any, bool]:
    """Return model, validation transform, and whether unsafe unpickling was needed."""
    import open_clip

    def create(*, weights_only: bool) -> tuple[Any, Any]:
        model, _, preprocess = open_clip.create_model_and_transforms(
            source,
            pretrained,
            precision=precision,
            device=device,
            require_pretrained=True,
            weights_only=weights_only,
        )
        return model, preprocess

    try:
        return *create(weights_only=True), False
    except pickle.UnpicklingError:
        if not config.allow_pickle:
            raise
    if pretrained is None:
        return *create(weights_only=False), True
    model, _, preprocess = open_clip.create_model_and_transforms(
        source, precision=precision, device=device
    )
    model.load_state_dict(_unpickle(pretrained))
    return model, preprocess, True


def _unpickle(checkpoint: str) -> dict[str, Any]:
    """Return the weights of a pickle that may hold a whole module; runs whatever is in it."""
    import torch

    loaded = torch.load(checkpoint, map_location="cpu", weights_only=False)
    if isinstance(loaded, torch.nn.Module):
        loaded = loaded.state_dict()
    weights = loaded.get("state_dict", loaded)
    return {str(name).removeprefix("module."): tensor for name, tensor in weights.items()}


@contextmanager
def _readable_errors(config: TargetConfig, source: str, pretrained: str | None) -> Generator[None]:
    """Turn what open_clip raises into one sentence with a remedy, and hush its root logger."""
    from safetensors import SafetensorError

    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.CRITICAL)
    where = f"target {_name(config)}"
    try:
        yield
    except pickle.UnpicklingError as error:
        raise TargetError(
            f"{where}: {pretrained or source} is not plain weights but a pickle that can run code "
            "when loaded, or damaged; convert it to safetensors, or accept the risk with "
            "--allow-pickle (which becomes a finding)"
        ) from error
    except (
        RuntimeError,
        ValueError,
        KeyError,
        AttributeError,
        TypeError,
        SafetensorError,
    ) as error:
        raise TargetError(f"{where}: {_first_lines(error)}") from error
    except ModuleNotFoundError as error:
        raise MissingExtraError(extra="hf", purpose=where) from error
    except OSError as error:
        offline = " (HF_HUB_OFFLINE is set)" if os.environ.get("HF_HUB_OFFLINE") else ""
        raise TargetError(
            f"{where} cannot be read{offline}: {_first_lines(error)}; "
            "for a hub model check the name and the network, or download it and use local-dir:PATH"
        ) from error
    finally:
        root.setLevel(level)


def _first_lines(error: Exception, *, lines: int = 4) -> str:
    text = str(error).strip()
    if isinstance(error, KeyError | EOFError) or not text:
        return f"the weights cannot be read and may be damaged ({type(error).__name__} {text})"
    kept = [line.strip() for line in text.splitlines()[:lines]]
    if any("size mismatch" in line or "Missing key" in line for line in text.splitlines()):
        kept.insert(0, "the checkpoint is of another architecture than the one named;")
    return " ".join(kept)[:600]


def _pickle_finding(pretrained: str | None) -> Finding:
    return Finding(
        "unsafe_weights",
        "The weights are a pickle that ran code when it was loaded; convert them to safetensors.",
        Severity.HIGH,
        Confidence.HIGH,
        where=Path(pretrained or "").name or None,
    )
