"""From what open_clip can name to a model on a device."""

import pickle
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from vlaudit.core.config import TargetConfig
from vlaudit.core.errors import InputError
from vlaudit.targets.compiled import compile_parts, parts_of
from vlaudit.targets.complaint import readable_errors
from vlaudit.targets.device import settle_device
from vlaudit.targets.files import keep_files, stored
from vlaudit.targets.loaded import (
    WORDLESS,
    WORDS,
    LoadedTarget,
    facts_of,
    parameters_of,
    unsafe_weights,
)
from vlaudit.targets.open_clip.captioner import OpenClipCaptioner
from vlaudit.targets.open_clip.encoder import OpenClipTarget

LOCAL = "local-dir:"
HUB = "hf-hub:"
ELSEWHERE = (
    "a model of the Hub is transformers:OWNER/NAME or hf-hub:OWNER/NAME, and a folder must hold "
    "open_clip_config.json or config.json"
)
UNASKED = "a captioner answers no questions"
CONFIG_FILE = "open_clip_config.json"


def load_open_clip(config: TargetConfig, *, base: Path) -> LoadedTarget:
    """Load an architecture with a checkpoint, a local folder or a model of the Hub.

    Weights come from safetensors, or from a checkpoint without code in it. A pickle that could
    run code is refused, or with `allow_pickle` loaded and reported as a finding.

    Raises:
        InputError: there is no such architecture, tag, folder or device.
        TargetError: the weights are unreachable, unsafe, missing or of another architecture.
        MissingExtraError: the model needs a library of an optional extra.
    """
    import open_clip

    source, pretrained = _resolve(config, base)
    device = settle_device(config)
    precision = "fp32" if config.precision == "auto" else config.precision
    with readable_errors(f"target {_name(config)}", pretrained or source):
        model, preprocess, unsafe = _create(config, source, pretrained, device, precision)
        length = getattr(model, "context_length", None)
        tokenize = open_clip.get_tokenizer(source, context_length=length)
    target = _wrap(model, preprocess, tokenize, config)
    compiled = compile_parts(target, parts_of(model), backend=config.compile)
    if (place := _place(source, pretrained)) is not None:
        keep_files(target, stored(place, model))
    facts = facts_of(
        target,
        kind="open_clip captioner" if _captions(model) else "open_clip dual encoder",
        lacks=dict.fromkeys(WORDS, UNASKED if _captions(model) else WORDLESS),
        device=device,
        precision=precision,
        parameters=parameters_of(model),
        details={
            "architecture": type(model).__name__,
            "image_size": str(_image_size(model)),
            **compiled,
        },
    )
    weights = [Path(pretrained or "").name] if pretrained else []
    return LoadedTarget(target, facts, (unsafe_weights(weights, ran_code=True),) if unsafe else ())


def _place(source: str, pretrained: str | None) -> Path | None:
    """Return the folder or checkpoint that was loaded; None where a library keeps it."""
    if source.startswith(LOCAL):
        return Path(source.removeprefix(LOCAL))
    if pretrained is not None and Path(pretrained).is_file():
        return Path(pretrained)
    if source.startswith(HUB):
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(source.removeprefix(HUB), local_files_only=True))
    return None


def _captions(model: Any) -> bool:
    return hasattr(model, "text_decoder")


def _wrap(model: Any, preprocess: Any, tokenize: Any, config: TargetConfig) -> OpenClipTarget:
    name, size = _name(config), config.batch_size
    if not _captions(model):
        return OpenClipTarget(model, preprocess, tokenize, name=name, batch_size=size)
    return OpenClipCaptioner(
        model, preprocess, tokenize, name=name, batch_size=size, generation=config.generation
    )


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
    if model.startswith(LOCAL) or (folder / CONFIG_FILE).is_file():
        if not (folder / CONFIG_FILE).is_file():
            raise InputError(
                f"target.model: {folder} is not an open_clip folder (no open_clip_config.json) "
                "nor one of transformers (no config.json); save one with "
                "open_clip.push_to_hf_hub.save_for_hf or model.save_pretrained"
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
        elsewhere = f"; {ELSEWHERE}" if set(model) & set("/:") else ""
        raise InputError(
            f"target.model: no architecture {model!r}{_closest(model, known)}{elsewhere}"
        )
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


def _closest(word: str, known: Sequence[str]) -> str:
    close = get_close_matches(word, known, n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(close)}?" if close else f"; known: {', '.join(known[:20])}"


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
