"""From a folder of transformers to a target."""

from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from vlaudit.core.config import TargetConfig
from vlaudit.core.errors import MissingExtraError, TargetError
from vlaudit.core.finding import Finding
from vlaudit.core.target import Ability, Target
from vlaudit.targets.batches import Batches
from vlaudit.targets.compiled import compile_parts, parts_of
from vlaudit.targets.complaint import readable_errors
from vlaudit.targets.device import dtype_of, settle_device
from vlaudit.targets.files import keep_files, stored
from vlaudit.targets.fingerprint import fingerprint
from vlaudit.targets.hf.encoder import make_encoder
from vlaudit.targets.hf.folder import ModelFolder, find_folder
from vlaudit.targets.hf.writer import make_generator
from vlaudit.targets.loaded import (
    LoadedTarget,
    facts_of,
    parameters_of,
    remote_code,
    unsafe_weights,
)

PRECISIONS = {"torch.float32": "fp32", "torch.bfloat16": "bf16", "torch.float16": "fp16"}
WRITTEN_AT_ONCE = 8
Wrapped = tuple[Target, dict[Ability, str]]


def load_transformers(config: TargetConfig, *, base: Path) -> LoadedTarget:
    """Load a dual encoder or a generative model that transformers knows.

    Weights come from safetensors only, unless `allow_pickle`; code of the repository runs only
    with `trust_remote_code`. Either becomes a finding.

    Raises:
        InputError: there is no such folder, model or device.
        TargetError: the model cannot be loaded, or is of a kind that cannot be audited.
        MissingExtraError: transformers is not installed.
    """
    transformers = _library(f"target {config.model}")
    device = settle_device(config)
    with readable_errors(f"target {config.model}", config.model), _quiet():
        folder = find_folder(config, base=base)
        settings = transformers.AutoConfig.from_pretrained(
            folder.path, local_files_only=True, trust_remote_code=config.trust_remote_code
        )
        processor = transformers.AutoProcessor.from_pretrained(
            folder.path, local_files_only=True, trust_remote_code=config.trust_remote_code
        )
        writes = _writes(settings)
        auto = transformers.AutoModelForImageTextToText if writes else transformers.AutoModel
        model, left_out = _weights(auto, folder, config, device, as_saved=writes)
        wrap = _generator if writes else _encoder
        target, lacks = wrap(model, processor, config)
    compiled = compile_parts(target, parts_of(model), backend=config.compile)
    keep_files(target, stored(folder.path, model, left_out=left_out))
    facts = facts_of(
        target,
        kind=f"transformers {'generative model' if writes else 'dual encoder'}",
        device=device,
        precision=PRECISIONS.get(str(next(model.parameters()).dtype), "mixed"),
        parameters=parameters_of(model),
        details=_details(folder, model, settings, config if writes else None) | compiled,
        lacks=lacks,
    )
    return LoadedTarget(target, facts, _findings(folder, config, settings))


def _encoder(model: Any, processor: Any, config: TargetConfig) -> Wrapped:
    return make_encoder(
        model,
        processor,
        name=config.model,
        fingerprint=fingerprint(model, _shaping(processor)),
        batches=Batches(config.batch_size),
    )


def _generator(model: Any, processor: Any, config: TargetConfig) -> Wrapped:
    sized = "batch_size" in config.model_fields_set
    return make_generator(
        model,
        processor,
        name=config.model,
        fingerprint=fingerprint(model, _shaping(processor)),
        batches=Batches(config.batch_size if sized else min(config.batch_size, WRITTEN_AT_ONCE)),
        generation=config.generation,
    )


def _writes(settings: Any) -> bool:
    """Tell whether a configuration is that of a model which writes about pictures.

    BLIP and the like come in both kinds under one type; then the saved architecture decides.
    """
    names: Any = import_module("transformers.models.auto.modeling_auto")
    writer = names.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES.get(settings.model_type)
    scorer = names.MODEL_FOR_ZERO_SHOT_IMAGE_CLASSIFICATION_MAPPING_NAMES.get(settings.model_type)
    if writer is None:
        return "AutoModelForImageTextToText" in (getattr(settings, "auto_map", None) or {})
    saved = getattr(settings, "architectures", None) or []
    return scorer is None or writer in saved


def _details(
    folder: ModelFolder, model: Any, settings: Any, writing: TargetConfig | None
) -> dict[str, str | int | float | bool]:
    made: dict[str, str | int | float | bool] = {
        "architecture": type(model).__name__,
        "model_type": str(settings.model_type),
        "transformers": import_module("transformers").__version__,
    }
    if folder.revision:
        made["revision"] = folder.revision
    if writing is not None:
        made |= writing.generation.model_dump()
    return made


def _library(where: str) -> Any:
    """Return the library, without its types: it states too few of them."""
    try:
        return import_module("transformers")
    except ImportError as error:
        raise MissingExtraError(extra="hf", purpose=where) from error


def _weights(
    auto: Any, folder: ModelFolder, config: TargetConfig, device: str, *, as_saved: bool
) -> tuple[Any, list[str]]:
    """Return the model with every weight from the folder, none at random, and what was left out.

    On a GPU, a large model (`as_saved`) keeps the number format of its weights by default.
    """
    kept = as_saved and config.precision == "auto" and device.startswith("cuda")
    model, report = auto.from_pretrained(
        folder.path,
        dtype="auto" if kept else dtype_of(config.precision),
        use_safetensors=not folder.pickles,
        weights_only=True,
        trust_remote_code=config.trust_remote_code,
        local_files_only=True,
        ignore_mismatched_sizes=True,  # they are refused below, by name
        output_loading_info=True,
    )
    lacking = sorted(report["missing_keys"])
    wrong = sorted(str(entry[0]) for entry in report["mismatched_keys"])
    if lacking or wrong:
        raise TargetError(
            f"target {config.model}: the weights are of another architecture than config.json "
            f"says; missing: {', '.join(lacking[:3]) or 'none'}, of another shape: "
            f"{', '.join(wrong[:3]) or 'none'}"
        )
    return model.to(device).eval().requires_grad_(False), sorted(report["unexpected_keys"])


def _shaping(processor: Any) -> dict[str, Any]:
    """Return how pictures and texts are prepared, free of the place they were read from."""
    parts: dict[str, Any] = {"template": getattr(processor, "chat_template", None)}
    for name in ("image_processor", "tokenizer"):
        part: Any = getattr(processor, name, None)
        backend = getattr(part, "backend_tokenizer", None)
        if backend is not None:
            parts[name] = backend.to_str()
        elif hasattr(part, "to_dict"):
            parts[name] = part.to_dict()
        elif hasattr(part, "get_vocab"):
            parts[name] = part.get_vocab()
    return parts


def _findings(folder: ModelFolder, config: TargetConfig, settings: Any) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if folder.pickles:
        found.append(unsafe_weights(folder.pickles, ran_code=False))
    if config.trust_remote_code and getattr(settings, "auto_map", None):
        found.append(remote_code(folder.code))
    return tuple(found)


@contextmanager
def _quiet() -> Generator[None]:
    """Keep the notices and progress bars of transformers off the screen."""
    logging: Any = import_module("transformers.utils.logging")
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
