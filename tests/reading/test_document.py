from pathlib import Path

import pytest

from vlaudit.core.errors import InputError
from vlaudit.reading.document import Document, Keys, Problem, dotted, parse, read_document


def problem_of(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse(text, where="f.yaml")
    (line,) = caught.value.problems
    return line


def test_values_and_their_lines() -> None:
    document = parse("a: 1\nb:\n  c: [x, 2.5, true, null]\n", where="f.yaml")
    assert document.value == {"a": 1, "b": {"c": ["x", 2.5, True, None]}}
    assert document.place(("b", "c")) == "f.yaml:3"
    assert document.place(("b", "missing", "deeper")) == "f.yaml:2"
    assert document.place(("missing",)) == "f.yaml:1"


def test_dates_and_look_alikes_stay_text() -> None:
    value = parse("a: 2026-11-21\nb: yes\nc: 'no'\nd: 12:30\ne: .inf\nf: 1e999\n", where="f").value
    assert value == {
        "a": "2026-11-21",
        "b": "yes",
        "c": "no",
        "d": "12:30",
        "e": ".inf",
        "f": "1e999",
    }


def test_numbers_of_yaml_1_2() -> None:
    value = parse("a: 1e-3\nb: 0o17\nc: 0x1F\nd: -7\ne: 2.0\n", where="f").value
    assert value == {"a": 0.001, "b": 15, "c": 31, "d": -7, "e": 2.0}


def test_an_anchor_may_be_used() -> None:
    assert parse("a: &x {b: 1}\nc: *x\n", where="f").value == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "f.yaml: is empty"),
        ("# only a comment\n", "f.yaml: is empty"),
        ("null\n", "f.yaml: is empty"),
        ("- a\n", "f.yaml: is not a mapping"),
        ("word\n", "f.yaml: is not a mapping"),
        ("a:\n\tb: 1\n", "f.yaml:2: a tab"),
        ("a: b: c\n", "f.yaml:1: a colon"),
        ("a: 1\nb: [1,\n 2\n", "f.yaml:2: a quote or bracket that opens here"),
        ("a: 'open\nb: 1\n", "f.yaml:1: a quote or bracket that opens here"),
        ("a: [1 {2}]\n", "f.yaml:1: not YAML"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: a second document"),
        ("a: *nothing\n", "f.yaml:1: found undefined alias 'nothing'"),
        ("a: \x07\n", "f.yaml: a control character"),
        ("%YAML 9.9\n---\na: 1\n", "f.yaml:1: not YAML"),
        ("a: " + "[" * 5000, "f.yaml: nested too deeply"),
    ],
)
def test_what_is_no_mapping_is_said_with_its_line(text: str, words: str) -> None:
    assert problem_of(text).startswith(words)


def test_a_bomb_of_aliases_is_refused_before_it_unfolds() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    assert "unfolds into more than 100,000 values" in problem_of("\n".join(lines))


def test_problems_of_the_yaml_itself_are_collected() -> None:
    text = "a: 1\nb: &x [*x]\na: 2\n? [1]\n: 3\nc: !!binary aa\nd: " + "[" * 60 + "]" * 60
    lines = parse(text, where="f.yaml").lines([])
    assert [line.partition(": ")[0] for line in lines] == [
        "f.yaml:2",
        "f.yaml:3",
        "f.yaml:4",
        "f.yaml:6",
        "f.yaml:7",
    ]
    assert lines[1] == "f.yaml:3: key 'a' is given twice, first in line 1; keep one"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("a: 1\nname: Zoë\n".encode("latin-1"))
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"a" * 1_000_001)
    for path, words in (
        (tmp_path / "none.yaml", "no such file"),
        (tmp_path, "is a folder"),
        (huge, "larger than 1,000,000 bytes"),
        (latin, "not UTF-8"),
    ):
        with pytest.raises(InputError, match=words) as caught:
            read_document(path)
        assert str(path) in str(caught.value)
    with pytest.raises(InputError, match=r"latin\.yaml:2: not UTF-8 text; save the file as UTF-8"):
        read_document(latin)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa9\n")
    assert read_document(path).value == {"a": "é"}


def test_lines_stand_in_the_order_of_the_file_and_once_each() -> None:
    places: dict[Keys, str] = {("a",): "f:10", ("b",): "f:9", ("rules", 0): "f:2"}
    document = Document("f", {}, places, titles={("rules", 0): "rule r"})
    problems = [
        Problem(("a",), "first"),
        Problem(("a",), "not said"),
        Problem(("b",), "second"),
        Problem(("rules", 0, "x"), "third"),
        Problem(("rules", 0, "y"), "fourth", ("rules", 0)),
    ]
    assert document.lines(problems) == [
        "rule r (f:2): x: third",
        "rule r (f:2): fourth",
        "f:9: b: second",
        "f:10: a: first",
    ]


def test_paths_are_counted_from_one() -> None:
    assert dotted(("rules", 2, "at_most")) == "rules[3].at_most"
