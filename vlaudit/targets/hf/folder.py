"""The folder of a transformers model on this disk, and what may be taken from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vlaudit.core.config import TargetConfig
from vlaudit.core.errors import InputError, TargetError

PREFIXES = ("transformers:", "local-dir:")
TEXT_FILES = ("*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken")
SAFE = ("*.safetensors",)
PICKLES = ("*.bin",)


@dataclass(frozen=True)
class ModelFolder:
    """A local folder with config.json.

    Attributes:
        path: where it is.
        revision: commit of the Hub it was taken from; None for a folder of the user.
        pickles: names of the weights that are pickles, when there is nothing safer.
        code: names of the Python files that it brings along.
    """

    path: Path
    revision: str | None
    pickles: tuple[str, ...]
    code: tuple[str, ...]


def find_folder(config: TargetConfig, *, base: Path) -> ModelFolder:
    """Return the local folder that `config` names, fetched from the Hub if it is no path.

    Raises:
        InputError: neither a folder below `base` nor a name of the Hub.
        TargetError: the model has no weights that may be loaded, or the Hub cannot be reached.
    """
    name = config.model
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    path = (base / Path(name).expanduser()).absolute()
    revision = None
    if not path.is_dir():
        path = _fetch(config, name)
        revision = path.name
    if not (path / "config.json").is_file():
        raise InputError(
            f"target.model: {path} is not a folder of transformers (no config.json); "
            "save one with model.save_pretrained and processor.save_pretrained"
        )
    safe = _names(path, SAFE)
    pickles = () if safe else _names(path, PICKLES)
    if not safe and not pickles:
        raise TargetError(f"target {config.model}: {path} holds no weights (*.safetensors)")
    if pickles and not config.allow_pickle:
        raise TargetError(
            f"target {config.model}: the weights are a pickle ({', '.join(pickles[:3])}), which "
            "can run code when loaded; convert them to safetensors "
            "(model.save_pretrained), or accept the risk with --allow-pickle (a finding)"
        )
    return ModelFolder(path, revision, pickles, _names(path, ("*.py",)))


def _names(path: Path, patterns: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(file.name for pattern in patterns for file in path.glob(pattern)))


def _fetch(config: TargetConfig, name: str) -> Path:
    """Fetch a model of the Hub; Python files and pickles only where they are asked for."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    patterns = [*TEXT_FILES, *SAFE]
    patterns += ["*.py"] if config.trust_remote_code else []
    if name.count("/") != 1 or name.startswith((".", "/")):
        raise InputError(
            f"target.model: {name!r} is neither a folder nor a model of the Hub (OWNER/NAME)"
        )
    try:
        if config.allow_pickle and not _has_safetensors(name, config.revision):
            patterns += PICKLES
        return Path(snapshot_download(name, revision=config.revision, allow_patterns=patterns))
    except HFValidationError as error:
        raise InputError(f"target.model: {name!r} is no name of the Hub: {error}") from error


def _has_safetensors(name: str, revision: str | None) -> bool:
    from huggingface_hub import HfApi

    files = HfApi().list_repo_files(name, revision=revision)
    return any(file.endswith(".safetensors") for file in files)
