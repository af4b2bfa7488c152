"""From a verb's arguments to a configuration and the folder its paths are taken from."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vlaudit.core.config import Config

DEFAULT = Path("vlaudit.yaml")
Flag = str | int | float | bool | list[str] | None


def configured(file: Path | None, flags: Mapping[str, Flag]) -> "tuple[Config, Path]":
    """Return the configuration: flags before environment before file.

    Raises:
        InputError: the configuration cannot be used; lists every problem found.
    """
    from vlaudit import registry
    from vlaudit.core.errors import InputError
    from vlaudit.reading.config import read_config

    path = file or (DEFAULT if DEFAULT.exists() else None)
    overrides = {key: value for key, value in flags.items() if value not in (None, False)}
    if path is None and "target.model" not in overrides:
        raise InputError(
            "no configuration: write one with `vlaudit init`, name one, "
            "or give --target and --data; `vlaudit demo` needs none"
        )
    config = read_config(path, overrides=overrides, environ=os.environ, cards=registry.cards())
    return config, path.parent if path is not None else Path()
