"""From a verb's arguments to a configuration and the folder its paths are taken from."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vlaudit.core.config import Config

DEFAULT = Path("vlaudit.yaml")
Flag = str | int | float | bool | list[str] | None


def configured(
    file: Path | None, flags: Mapping[str, Flag], sets: Sequence[str] | None = None
) -> "tuple[Config, Path]":
    """Return the configuration: flags before environment before file.

    Args:
        file: the file; `vlaudit.yaml` where there is one and none is named.
        flags: values by dotted key, of flags that stand for one key each.
        sets: `KEY=VALUE` of flags that may set any key.

    Raises:
        InputError: the configuration cannot be used; lists every problem found.
    """
    from vlaudit import registry
    from vlaudit.core.errors import InputError
    from vlaudit.reading.config import read_config

    path = file or (DEFAULT if DEFAULT.exists() else None)
    given = {key: value for key, value in flags.items() if value not in (None, False)}
    overrides = {**settings(sets or ()), **given}
    if path is None and "target.model" not in overrides:
        raise InputError(
            "no configuration: write one with `vlaudit init`, name one, "
            "or give --target and --data; `vlaudit demo` needs none"
        )
    config = read_config(path, overrides=overrides, environ=os.environ, cards=registry.cards())
    return config, path.parent if path is not None else Path()


def settings(sets: Sequence[str]) -> dict[str, Flag]:
    """Return the values of `KEY=VALUE`, by key.

    Raises:
        InputError: one is no such pair.
    """
    from vlaudit.core.errors import InputError

    pairs = [item.partition("=") for item in sets]
    if wrong := [
        item
        for item, (key, equals, _) in zip(sets, pairs, strict=True)
        if not (key.strip() and equals)
    ]:
        raise InputError(
            [f"--set {item}: must read KEY=VALUE, such as data.limit=500" for item in wrong]
        )
    return {key.strip(): value.strip() for key, _, value in pairs}
