"""Every key of the configuration can be given on the command line."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from vlaudit.cli import build
from vlaudit.cli.configuration import configured, settings
from vlaudit.cli.plan import plan
from vlaudit.cli.run import run
from vlaudit.core.config import Config, DataConfig, EndpointConfig, TargetConfig
from vlaudit.core.errors import InputError

FLAGS = {"target.model": "ViT-B-32", "data.source": "pictures"}
WHOLE = Config(
    target=TargetConfig(model="a", endpoint=EndpointConfig(url="http://localhost/v1")),
    reference=TargetConfig(model="b"),
    data=DataConfig(source="p"),
)


def leaves(record: BaseModel, *around: str) -> Iterator[tuple[str, Any]]:
    """Yield every key that holds a plain value, with that value."""
    for name in type(record).model_fields:
        value = getattr(record, name)
        if isinstance(value, BaseModel):
            yield from leaves(value, *around, name)
        elif isinstance(value, str | int | float | bool):
            yield ".".join((*around, name)), value


def test_any_key_is_set_and_read_as_its_kind() -> None:
    sets = {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in leaves(WHOLE)
    }
    assert len(sets) > 40
    config, _ = configured(None, {}, [f"{key}={value}" for key, value in sets.items()])
    assert dict(leaves(config)) == dict(leaves(WHOLE))


def test_what_is_set_is_there() -> None:
    sets = ["target.compile=inductor", "data.limit=500", "target.endpoint.url=http://a/v1?no=yes"]
    with pytest.raises(InputError, match=r"command line \(target\.endpoint\.url\)"):
        configured(None, FLAGS, sets)
    more = ["probes.settings.bias.zero_shot_parity.min_class_rows=7", "claims=robustness"]
    config, _ = configured(None, FLAGS, [*sets[:2], *more])
    assert (config.target.compile, config.data.limit) == ("inductor", 500)
    assert config.probes.settings["bias.zero_shot_parity"] == {"min_class_rows": 7}
    assert config.claims == ("robustness",)


@pytest.mark.parametrize("item", ["data.limit", "=5", " = "])
def test_what_is_no_pair_is_refused(item: str) -> None:
    with pytest.raises(InputError, match="must read KEY=VALUE"):
        settings([item])


def test_an_unknown_key_is_said() -> None:
    with pytest.raises(InputError, match="did you mean 'limit'"):
        configured(None, FLAGS, ["data.limt=5"])


def test_a_plan_takes_the_flags_of_a_run() -> None:
    only_run = {"context", "output", "resume"}
    assert set(inspect.signature(run).parameters) - only_run == set(
        inspect.signature(plan).parameters
    ) - {"calibrate"}


def test_the_demonstration_takes_any_key_too(tmp_path: Path) -> None:
    done = CliRunner().invoke(build(), ["demo", "--set", "nothing=1", "--output", str(tmp_path)])
    assert done.exit_code == 2
    assert "nothing" in done.output
