"""Which column plays which role."""

from typing import Any

import pyarrow as pa
import pytest

from vlaudit.core.dataset import Columns, Role
from vlaudit.core.errors import InputError
from vlaudit.data.columns import as_text, map_columns, misfit, suggest


def column(values: list[Any], kind: Any = None) -> "pa.ChunkedArray[Any]":
    return pa.chunked_array([pa.array(values, kind)])


def present(**columns: list[Any]) -> dict[str, "pa.ChunkedArray[Any]"]:
    return {name: column(values) for name, values in columns.items()}


def proposed(**columns: list[Any]) -> dict[str, Any]:
    found, _ = map_columns(Columns(), present(**columns))
    return {role: name for role, name in found.model_dump().items() if name}


def test_well_known_names_are_proposed() -> None:
    assert proposed(
        file_name=["a.png"], alt_text=["x"], Category=["c"], uid=["1"], split=["train"],
        license=["CC0"], url=["https://example.com"], sha256=["ab"], gender=["f"], Skin_Tone=["1"],
        height=[3],
    ) == {
        "image": "file_name", "caption": "alt_text", "label": "Category", "id": "uid",
        "split": "split", "licence": "license", "source": "url", "checksum": "sha256",
        "groups": ("gender", "Skin_Tone"),
    }  # fmt: skip


def test_the_most_telling_name_is_proposed() -> None:
    assert proposed(path=["a"], image=["b"])["image"] == "image"
    assert proposed(label=[3], label_name=["cat"])["label"] == "label_name"


def test_declared_columns_stand_and_play_no_second_role() -> None:
    declared = Columns(caption="label", groups=("race",))
    found, _ = map_columns(declared, present(label=["a"], caption=["b"], race=["c"], sex=["d"]))
    assert found == Columns(caption="label", groups=("race",))


def test_every_unknown_name_is_reported_with_a_suggestion() -> None:
    declared = Columns(caption="captoin", label="qqq", groups=("Gneder",))
    with pytest.raises(InputError) as caught:
        map_columns(declared, present(caption=["x"], gender=["f"]))
    assert caught.value.problems == (
        "column 'captoin' is not in the data (data.columns.caption); did you mean 'caption'?; "
        "present: caption, gender",
        "column 'qqq' is not in the data (data.columns.label); present: caption, gender",
        "column 'Gneder' is not in the data (data.columns.groups); did you mean 'gender'?; "
        "present: caption, gender",
    )


def test_declared_columns_of_a_wrong_type_are_refused() -> None:
    data = present(a=[1], b=[["x"]], c=["https://example.com/1.jpg", None], d=[["x"]])
    declared = Columns(image="a", label="b", caption="d", groups=("b",))
    with pytest.raises(InputError) as caught:
        map_columns(declared, data)
    assert [problem.split(" holds ")[0] for problem in caught.value.problems] == [
        "column 'a' (data.columns.image)",
        "column 'b' (data.columns.label)",
        "column 'b' (data.columns.groups)",
    ]
    with pytest.raises(InputError, match="nothing is downloaded here; allow it with"):
        map_columns(Columns(image="c"), data)


def test_well_known_names_of_a_wrong_type_are_passed_over_and_said() -> None:
    data = present(image=[391895], path=["a.png"], label=[["a", "b"]], age=[["x"]])
    found, notes = map_columns(Columns(), data)
    assert (found.image, found.label, found.groups) == ("path", None, ())
    assert [note.split(":")[0] for note in notes] == [
        "column 'label' is not taken as label",
        "column 'age' is not taken as groups",
    ]


def test_web_addresses_are_not_proposed_as_pictures() -> None:
    found, notes = map_columns(Columns(), present(image=["http://example.com/a.png"]))
    assert found.image is None
    assert "nothing is downloaded" in notes[0]


def test_a_column_of_many_values_is_no_group_unless_declared() -> None:
    ages = present(age=list(range(51)))
    found, notes = map_columns(Columns(), ages)
    assert found.groups == ()
    assert "more than 50 values; declare it" in notes[0]
    assert map_columns(Columns(groups=("age",)), ages)[0].groups == ("age",)


def test_what_was_decided_is_said() -> None:
    _, notes = map_columns(Columns(), present(captions=[["a", "b"]], label=[1]))
    assert "lists several captions: the first one is used" in notes[0]
    assert "holds numbers" in notes[1]


@pytest.mark.parametrize(
    ("kind", "fits"),
    [
        (pa.string(), True),
        (pa.large_string(), True),
        (pa.binary(), True),
        (pa.struct([("bytes", pa.binary()), ("path", pa.string())]), True),
        (pa.struct([("bytes", pa.binary()), ("sampling_rate", pa.int64())]), False),
        (pa.list_(pa.uint8()), False),
        (pa.int64(), False),
    ],
)
def test_what_can_hold_pictures(kind: Any, fits: bool) -> None:
    assert (misfit(Role.IMAGE, column([None], kind)) is None) is fits


@pytest.mark.parametrize(
    ("values", "kind", "texts"),
    [
        (["a", None], pa.string(), ["a", None]),
        ([1, None], pa.int8(), ["1", None]),
        ([1.5, float("nan"), 2.0, None], pa.float64(), ["1.5", None, "2", None]),
        ([True, None], pa.bool_(), ["true", None]),
        ([["a", "b"], [], None], pa.list_(pa.string()), ["a", None, None]),
        ([None], pa.null(), [None]),
    ],
)
def test_values_become_texts(values: list[Any], kind: Any, texts: list[str | None]) -> None:
    assert as_text(column(values, kind)).to_pylist() == texts


def test_suggestions_ignore_case() -> None:
    assert suggest("CAPTON", ["Caption"]) == "; did you mean 'Caption'?"
    assert suggest("x", ["Caption"]) == ""
