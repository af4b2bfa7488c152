"""From what the configuration names to a target."""

from pathlib import Path

from vlaudit.core.config import TargetConfig
from vlaudit.targets.loaded import LoadedTarget

LOCAL = "local-dir:"
TRANSFORMERS = "transformers:"


def load(config: TargetConfig, *, base: Path) -> LoadedTarget:
    """Load the model that `config` names; relative paths are taken from `base`.

    Raises:
        InputError: there is no such model, folder or device.
        TargetError: the model is unreachable, unsafe, damaged or of a kind nobody here can use.
        MissingExtraError: the model needs a library of an optional extra.
    """
    if config.model.startswith(TRANSFORMERS) or _is_transformers_folder(config.model, base):
        from vlaudit.targets.hf.load import load_transformers

        return load_transformers(config, base=base)
    from vlaudit.targets.open_clip.load import load_open_clip

    return load_open_clip(config, base=base)


def _is_transformers_folder(model: str, base: Path) -> bool:
    """Tell whether a path names a folder of transformers; one with both configs is open_clip's."""
    folder = base / model.removeprefix(LOCAL)
    is_open_clip = (folder / "open_clip_config.json").is_file()
    return (folder / "config.json").is_file() and not is_open_clip
