from pathlib import Path

import pytest

from vlaudit import demo, registry
from vlaudit.core.config import TargetConfig
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes import checkpoint
from vlaudit.selftest.memory import MemoryDataset
from vlaudit.targets.load import load

PROBE = registry.load("poisoning.weights_check")


@pytest.mark.parametrize("name", ["clean", "flawed"])
def test_the_bundled_models_are_weights_with_digests_and_nothing_else(name: str) -> None:
    config = TargetConfig(model=f"local-dir:{demo.model_folder(name)}")
    target = load(config, base=Path()).target
    items = run_in_memory(PROBE, target, MemoryDataset())
    assert [item for item in items if isinstance(item, Finding)] == []
    counts = {item.metric: item.value for item in items if isinstance(item, Measurement)}
    assert counts == dict.fromkeys(PROBE.card.metrics, 0)


def test_a_finding_names_file_and_tensor() -> None:
    target, data = checkpoint.build(faults=["nan", "stranger", "shell"])
    items = run_in_memory(PROBE, target, data)
    where = {item.kind: item.where for item in items if isinstance(item, Finding)}
    assert where["not_a_number"] == "model.safetensors: layer.1"
    assert where["unexpected_tensor"] == "model.safetensors: extra.weight"
    assert where["code_in_pickle"] == "pytorch_model.bin"


def test_no_more_is_listed_of_a_kind_than_asked_for() -> None:
    target, data = checkpoint.build(hashed=False, shards=3)
    items = run_in_memory(PROBE, target, data, settings={"listed": 2})
    assert sum(isinstance(item, Finding) for item in items) == 2
