"""Targets that other people's Python code makes."""

import importlib
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from vlaudit.core.config import TargetConfig
from vlaudit.core.errors import InputError, TargetError, VlauditError
from vlaudit.core.target import Ability, Target
from vlaudit.targets.conformance import check_target
from vlaudit.targets.device import settle_device
from vlaudit.targets.loaded import LoadedTarget, facts_of

PYTHON = "python:"
PLUGIN = "plugin:"
GROUP = "vlaudit.targets"
UNWRITTEN = "the Python target has no such method"


def load_python(config: TargetConfig, *, base: Path) -> LoadedTarget:
    """Call what `python:MODULE:CALLABLE` or `plugin:NAME` names, with `target.options`.

    Modules are looked for in `base` too. What is returned is held to what its abilities promise.

    Raises:
        InputError: there is no such module, callable or installed plug-in.
        TargetError: calling it fails, or it returns no sound target.
    """
    where = f"target {config.model}"
    with _importable(base):
        made = _call(_find(config.model), config.options, where=where)
        target = check_target(made, where=where)
    kind = "Python target" if config.model.startswith(PYTHON) else "plug-in target"
    return LoadedTarget(target, _facts(target, config, kind))


def _facts(target: Target, config: TargetConfig, kind: str) -> Any:
    return facts_of(
        target,
        kind=kind,
        device=settle_device(config),
        precision="as the target has it",
        details={"class": f"{type(target).__module__}.{type(target).__qualname__}"},
        lacks=dict.fromkeys(Ability, UNWRITTEN),
    )


def _find(model: str) -> Callable[..., object]:
    if model.startswith(PLUGIN):
        return _plugin(model.removeprefix(PLUGIN))
    module_name, _, path = model.removeprefix(PYTHON).partition(":")
    if not module_name or not path:
        raise InputError(f"target.model: {model!r} must read python:MODULE:CALLABLE")
    try:
        found: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise InputError(
            f"target.model: no module {error.name!r} beside the configuration or installed "
            f"(for {model})"
        ) from error
    except Exception as error:  # a module runs foreign code when imported
        raise TargetError(f"target.model: importing {module_name} raised {_said(error)}") from error
    for part in path.split("."):
        if not hasattr(found, part):
            raise InputError(f"target.model: {module_name} has no {path!r}")
        found = getattr(found, part)
    if not callable(found):
        raise InputError(f"target.model: {path} of {module_name} cannot be called")
    return found  # type: ignore[no-any-return]


def _plugin(name: str) -> Callable[..., object]:
    installed = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in installed:
        known = ", ".join(sorted(installed)) or "none"
        raise InputError(
            f"target.model: no plug-in {name!r} is installed (entry points {GROUP}: {known})"
        )
    try:
        found: Callable[..., object] = installed[name].load()
    except Exception as error:  # a plug-in runs foreign code when imported
        raise TargetError(f"target.model: loading plug-in {name} raised {_said(error)}") from error
    return found


def _call(make: Callable[..., object], options: dict[str, Any], *, where: str) -> object:
    try:
        return make(**options)
    except VlauditError:
        raise
    except Exception as error:  # the callable is foreign code
        raise TargetError(
            f"{where}: calling it with target.options ({', '.join(options) or 'none'}) raised "
            f"{_said(error)}"
        ) from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:300]}"


@contextmanager
def _importable(folder: Path) -> Generator[None]:
    """Let modules be imported from a folder."""
    place = str(folder.absolute())
    sys.path.insert(0, place)
    try:
        yield
    finally:
        sys.path.remove(place)
