import re
from collections import Counter
from itertools import pairwise

import pytest

from vlaudit.core.errors import PolicyError
from vlaudit.reading.framework import framework_ids, read_framework


def test_the_framework_has_all_72_subcategories() -> None:
    controls = read_framework("nist_ai_rmf_1_0").controls
    functions = Counter(control.id.split()[0] for control in controls)
    assert functions == {"GOVERN": 19, "MAP": 18, "MEASURE": 22, "MANAGE": 13}
    assert len({control.id for control in controls}) == 72
    assert len({control.token for control in controls}) == 72
    sections = Counter(control.section for control in controls)
    assert sections["MEASURE 2"] == 13
    assert len(sections) == 19


def test_controls_stand_in_their_sections_in_order() -> None:
    framework = read_framework("nist_ai_rmf_1_0")
    for control in framework.controls:
        assert control.id.startswith(f"{control.section}.")
        assert control.section in framework.sections
        assert control.token == control.id.lower().replace(" ", "-")
        assert re.fullmatch(r"[a-z]+-\d\.\d+", control.token)
    numbers = [
        (control.section, int(control.id.rpartition(".")[2])) for control in framework.controls
    ]
    for before, after in pairwise(numbers):
        assert after[1] == (before[1] + 1 if before[0] == after[0] else 1)


def test_actions_belong_to_their_subcategory() -> None:
    short = {"GOVERN": "GV", "MAP": "MP", "MEASURE": "MS", "MANAGE": "MG"}
    actions: list[str] = []
    for control in read_framework("nist_ai_rmf_1_0").controls:
        function, number = control.id.split()
        for action in control.actions:
            assert re.fullmatch(rf"{short[function]}-{re.escape(number)}-\d{{3}}", action)
        actions += control.actions
    assert len(actions) == len(set(actions)) == 78


def test_titles_are_short_and_promise_nothing() -> None:
    for control in read_framework("nist_ai_rmf_1_0").controls:
        assert len(control.title.split()) <= 18
        assert not re.search("complian|certified", control.title)


def test_an_unknown_framework_is_said() -> None:
    assert framework_ids() == ["nist_ai_rmf_1_0"]
    with pytest.raises(PolicyError, match="no framework 'nist_rmf'"):
        read_framework("nist_rmf")
