from datetime import date
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from vlaudit.core.errors import InputError
from vlaudit.core.probe import Setting
from vlaudit.core.record import Record
from vlaudit.reading.document import parse
from vlaudit.reading.record import annotation_at, fits, read_record


class Inner(Record):
    name: str
    size: Annotated[int, Field(ge=1)] = 1


class Outer(Record):
    inner: Inner
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    kind: Literal["small", "large"] = "small"
    flag: bool = False
    day: date | None = None
    many: tuple[Inner, ...] = ()
    code: Annotated[str, Field(pattern=r"^[a-z]+\d$")] = "a1"
    """Letters and one digit."""
    settings: dict[str, dict[str, Setting]] = Field(default_factory=dict)


def lines(text: str, model: type[BaseModel] = Outer) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_record(parse(text, where="f.yaml"), model)
    return list(caught.value.problems)


def test_a_record_is_read_with_its_types() -> None:
    text = "inner: {name: x}\nday: 2026-11-21\nshare: 0.25\nmany: [{name: y, size: 2}]\n"
    read = read_record(parse(text, where="f"), Outer)
    assert read == Outer(
        inner=Inner(name="x"), day=date(2026, 11, 21), share=0.25, many=(Inner(name="y", size=2),)
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("share: much", 'f.yaml:2: share: expected a number, not "much"'),
        ("share: true", "f.yaml:2: share: expected a number, not true"),
        ("share: 1", "f.yaml:2: share: must be less than 1, not 1"),
        ("share: .nan", 'f.yaml:2: share: expected a number, not ".nan"'),
        ("flag: 1", "f.yaml:2: flag: expected true or false, not 1"),
        ("kind: larg", "f.yaml:2: kind: \"larg\" is not one of the choices; did you mean 'large'?"),
        ("kind: 3", "f.yaml:2: kind: 3 is not one of the choices; choose from small, large"),
        ("day: soon", 'f.yaml:2: day: expected a date such as 2027-06-30, not "soon"'),
        ("day: 2026-02-30", 'f.yaml:2: day: expected a date such as 2027-06-30, not "2026-02-30"'),
        ("many: {a: 1}", "f.yaml:2: many: expected a list, such as [a, b], not a mapping"),
        ("many: [5]", "f.yaml:2: many[1]: expected a mapping of `key: value` lines, not 5"),
        ("many: [{size: 0, name: a}]", "f.yaml:2: many[1].size: must be at least 1, not 0"),
        (
            "many: [{name: a, size: 1.5}]",
            "f.yaml:2: many[1].size: expected a whole number, not 1.5",
        ),
        ("many: [{}]", "f.yaml:2: many[1]: missing key 'name'; add `name: ...`"),
        ("coed: a1", "f.yaml:2: unknown key 'coed'; did you mean 'code'?"),
        ("code: B", 'f.yaml:2: code: "B" has the wrong form; it is: Letters and one digit'),
        (
            "settings: {p: {s: [1, a]}}",
            "f.yaml:2: settings.p.s: the list mixes kinds; write texts only or numbers only",
        ),
        (
            "settings: {p: {s: null}}",
            "f.yaml:2: settings.p.s: expected text, true or false, a whole number, a number or "
            "a list, such as [a, b], not nothing",
        ),
    ],
)
def test_what_is_wrong_is_said_in_words_for_people(line: str, said: str) -> None:
    assert lines(f"inner: {{name: x}}\n{line}\n") == [said]


def test_a_misspelt_key_is_not_also_said_to_be_missing() -> None:
    assert lines("iner: {name: x}\n") == ["f.yaml:1: unknown key 'iner'; did you mean 'inner'?"]


def test_an_unknown_key_unlike_any_other_lists_what_there_is() -> None:
    (line,) = lines("inner: {name: x, zzz: 1}\n")
    assert line == "f.yaml:1: inner: unknown key 'zzz'; there are: name, size"


def test_every_problem_is_said_at_once() -> None:
    said = lines("inner: {nam: 3, size: big}\nshare: 7\nkind: medium\nkind: small\n")
    assert [line.partition(": ")[0] for line in said] == [
        "f.yaml:4",
        *["f.yaml:1"] * 2,
        "f.yaml:2",
        "f.yaml:3",
    ]


def test_a_long_text_is_shown_shortened() -> None:
    (line,) = lines(f"inner: {{name: x}}\nshare: {'x' * 500}\n")
    assert len(line) < 100


def test_types_are_found_by_path() -> None:
    assert annotation_at(Outer, ("many", 3, "size")) is int
    assert annotation_at(Outer, ("inner", "name")) is str
    assert annotation_at(Outer, ("inner", "nam")) is None
    assert annotation_at(Outer, ("settings", "p", "s")) == Setting


def test_plain_values_fit_types_strictly() -> None:
    assert fits(3, int)
    assert fits(3, float)
    assert fits(["a"], tuple[str, ...])
    assert not fits("3", int)
    assert not fits(True, float)
