"""A probe to write policies and configurations about."""

import pytest

from vlaudit.core.probe import Card
from vlaudit.reading.card import read_card

PARITY = """\
id: bias.parity
title: Every group is named equally well
asks: Does the model name every group equally well?
risk: bias
metrics:
  accuracy_gap: {means: Highest minus lowest., unit: fraction, range: [0, 1], better: lower}
  accuracy: {means: Share named right., unit: fraction, range: [0, 1], better: higher}
  count: {means: Rows seen., unit: rows, range: [0, null], better: neither}
settings:
  prompt: a photo of a {}
  resamples: 1000
  level: 0.95
  exact: false
  sizes: [0.1, 0.2]
blind_to: Groups nobody annotated.
tags: [fairness]
"""


@pytest.fixture
def cards() -> dict[str, Card]:
    card = read_card(PARITY, where="probe.yaml")
    return {card.id: card}
