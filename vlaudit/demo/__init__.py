"""The bundled reference data and models, and the scripts that made them.

`reference:clean` is a model without planted flaws and the reference pictures; `reference:flawed`
is a model with planted flaws and the same pictures with planted defects among them;
`reference:captioner` writes about a part of the pictures, with flaws of its own. What was planted
stands in `models/NAME/truth.json` and `data/defects_truth.json`.
"""

from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from vlaudit.core.errors import InputError

ENCODERS = ("clean", "flawed")
MODELS = (*ENCODERS, "captioner")
DATA = {
    "clean": ("reference.parquet", "identities.parquet"),
    "flawed": ("reference.parquet", "defects.parquet", "identities.parquet"),
    "identities": ("identities.parquet",),
    "captioner": ("captioner.parquet", "identities.parquet"),
}
CONFIGS = MODELS


def model_folder(name: str) -> Path:
    """Return the folder of a reference model, which `local-dir:` loads.

    Raises:
        InputError: there is no reference model of that name.
    """
    return _folder() / "models" / _known(name, MODELS, kind="model")


def data_files(name: str) -> list[Path]:
    """Return the parquet files of a reference dataset.

    Raises:
        InputError: there is no reference dataset of that name.
    """
    known = _known(name, tuple(DATA), kind="dataset")
    return [_folder() / "data" / file for file in DATA[known]]


def config_file(name: str) -> Path:
    """Return the configuration of a demonstration.

    Raises:
        InputError: there is no demonstration of that name.
    """
    return _folder() / f"{_known(name, CONFIGS, kind='demonstration')}.yaml"


def _folder() -> Path:
    return Path(str(files("vlaudit.demo")))


def _known(name: str, names: tuple[str, ...], *, kind: str) -> str:
    if name in names:
        return name
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
    raise InputError(f"reference:{name}: no reference {kind} {name!r}; {hint}")
