from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from vlaudit import registry
from vlaudit.core.finding import Finding
from vlaudit.core.probe import Context
from vlaudit.detect.glance import glance, look
from vlaudit.features import TargetFeatures, encode
from vlaudit.selftest.fakes import copies
from vlaudit.selftest.memory import MemoryDataset

LOOKING = (
    "data.train_test_leak", "poisoning.near_duplicates", "poisoning.watermark_and_hidden_text",
)  # fmt: skip


@dataclass(frozen=True)
class Counted(MemoryDataset):
    """Counts how often each picture is decoded."""

    decoded: list[int] = field(default_factory=list[int])

    def images(self, positions: Sequence[int]) -> list[Image.Image]:
        self.decoded.extend(positions)
        return super().images(positions)


def counted() -> tuple[Context, Counted]:
    target, data = copies.build(rows=120, splits=True, planted={"jpeg": 4})
    seen = Counted(data.pictures, data.values, data.attributes)
    features = TargetFeatures(target, encode(target, data))
    return Context(
        target=target,
        data=seen,
        features=features,
        settings={},
        rng=np.random.default_rng(0),
        note=lambda text: None,
        progress=lambda fraction: None,
        keep_picture=lambda name, pixels: name,
    ), seen


def test_probes_that_look_at_every_picture_look_once() -> None:
    context, data = counted()
    found: list[str] = []
    for name in LOOKING:
        probe = registry.load(name)
        asked = replace(context, settings=probe.card.settings)
        found += [item.kind for item in probe.run(asked) if isinstance(item, Finding)]
    assert {"leaked_row", "near_duplicate"} <= set(found)
    seldom = np.bincount(data.decoded, minlength=len(data))
    assert np.median(seldom) == 1


def test_what_is_remembered_is_of_these_rows_and_no_others() -> None:
    context, data = counted()
    first = glance(data, context.features, lambda done: None)
    assert glance(data, context.features, lambda done: None) is first
    half = data.select(range(60))
    other = glance(half, context.features, lambda done: None)
    assert other is not first
    assert other.sketches.codes.tolist() == first.sketches.codes[:60].tolist()
    assert look(half, lambda done: None).sketches.codes.tolist() == other.sketches.codes.tolist()
