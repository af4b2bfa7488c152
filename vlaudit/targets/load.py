"""From what the configuration names to a target."""

from pathlib import Path

from vlaudit.core.config import TargetConfig
from vlaudit.core.dataset import Pictures
from vlaudit.targets.loaded import LoadedTarget

LOCAL = "local-dir:"


def load(
    config: TargetConfig,
    *,
    base: Path,
    rows: Pictures | None = None,
    cache: Path | None = None,
) -> LoadedTarget:
    """Load the model that `config` names; relative paths are taken from `base`.

    Args:
        config: the part `target` of the configuration.
        base: folder that relative paths are taken from.
        rows: the data under audit, which stored predictions are about.
        cache: folder for the answers of an endpoint; they are not kept without one.

    Raises:
        InputError: there is no such model, folder or device.
        TargetError: the model is unreachable, unsafe, damaged or of a kind nobody here can use.
        MissingExtraError: the model needs a library of an optional extra.
    """
    match config.model.partition(":")[0]:
        case "python" | "plugin":
            from vlaudit.targets.python import load_python

            return load_python(config, base=base)
        case "predictions":
            from vlaudit.targets.stored.load import load_predictions

            return load_predictions(config, base=base, rows=rows)
        case "endpoint":
            from vlaudit.targets.http.load import load_endpoint

            return load_endpoint(config, cache=cache)
        case "transformers":
            from vlaudit.targets.hf.load import load_transformers

            return load_transformers(config, base=base)
        case _:
            return _load_path_or_name(config, base)


def _load_path_or_name(config: TargetConfig, base: Path) -> LoadedTarget:
    """Load a folder by what it holds; whatever else there is belongs to open_clip."""
    folder = base / config.model.removeprefix(LOCAL)
    is_open_clip = (folder / "open_clip_config.json").is_file()
    if (folder / "config.json").is_file() and not is_open_clip:
        from vlaudit.targets.hf.load import load_transformers

        return load_transformers(config, base=base)
    from vlaudit.targets.open_clip.load import load_open_clip

    return load_open_clip(config, base=base)
