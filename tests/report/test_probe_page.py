"""What a probe's page says about models of different kinds."""

import pytest

from vlaudit import registry
from vlaudit.report.probe_page import between_kinds


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        ("bias.zero_shot_parity", "none is on a model's own scale"),
        ("bias.association", "but logit_shift, on a model's own scale"),
        ("bias.counterfactual_flip", "but paired_probability_gap, on a model's own scale"),
        ("bias.spurious_slices", None),
        ("privacy.metadata", None),
    ],
)
def test_it_says_which_numbers_compare_between_kinds_of_models(
    probe: str, said: str | None
) -> None:
    found = between_kinds(registry.cards()[probe])
    assert (found is None) if said is None else (found is not None and said in found)
