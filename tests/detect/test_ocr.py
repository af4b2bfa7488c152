"""Writing in pictures: read at graded heights, mapped to its place, and never shown."""

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from vlaudit.core.errors import MissingExtraError
from vlaudit.detect.names.recognise import NameRecogniser
from vlaudit.detect.ocr import Line, Reader, inscribe, load, personal
from vlaudit.detect.pii.patterns import bank
from vlaudit.detect.pii.scan import Scanner


def ada(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Recognise "Ada Brook" and "AdaBrook"."""
    return [
        [(text.index(name), text.index(name) + len(name))]
        if (name := "Ada Brook") in text or (name := "AdaBrook") in text
        else []
        for text in texts
    ]


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(bank(), NameRecogniser("ada", lambda texts: iter(ada(texts))))


@pytest.fixture(scope="module")
def reader() -> Reader:
    try:
        return load()
    except MissingExtraError as missing:
        pytest.skip(str(missing))


def lines(*texts: str) -> list[Line]:
    return [
        Line(text, (10, 20 * i, 10 + 8 * len(text), 20 * i + 15)) for i, text in enumerate(texts)
    ]


def test_an_address_broken_at_its_sign_is_found_around_both_lines(scanner: Scanner) -> None:
    [found] = personal(lines("ada_brook14", "@example.org"), scanner)
    assert (found.entity.name, found.box) == ("EMAIL_ADDRESS", (10, 0, 106, 35))


def test_only_the_line_that_holds_it_is_framed(scanner: Scanner) -> None:
    [found] = personal(lines("EXIT", "4111 1111 1111 1111", "open 9-17"), scanner)
    assert (found.entity.name, found.box) == ("CREDIT_CARD", (10, 20, 162, 35))


def test_names_need_their_space(scanner: Scanner) -> None:
    assert [one.entity.name for one in personal(lines("Ada Brook"), scanner)] == ["PERSON"]
    assert [one.entity.name for one in personal(lines("by Ada", "Brook"), scanner)] == ["PERSON"]
    assert personal(lines("Ada", "Broo k"), scanner) == []


def test_no_lines_hold_nothing(scanner: Scanner) -> None:
    assert personal([], scanner) == []


def test_no_text_is_shown() -> None:
    assert "4111" not in repr(lines("4111 1111 1111 1111"))


@pytest.mark.parametrize("size", [(64, 64), (300, 80), (700, 900), (3000, 400)])
def test_pictures_of_any_size_are_handed_over_within_bounds(size: tuple[int, int]) -> None:
    seen: list[tuple[int, ...]] = []

    def all_of(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> list[Line]:
        seen.append(pixels.shape)
        return [Line("x", (0, 0, pixels.shape[1] + 9, pixels.shape[0] + 9))]

    [line] = Reader("whole", all_of).read(Image.new("RGB", size))
    assert line.box == (0, 0, *size)
    assert max(seen[0]) <= 1600


def test_plain_writing_is_read_and_what_is_too_small_is_not(reader: Reader) -> None:
    rng = np.random.default_rng(0)
    blank = Image.new("RGB", (160, 120), (120, 150, 130))
    texts = ["invoice 4711-03", "Blue Harbour", "415-555-0142", "zoe@example.com"]

    def right(height: int) -> int:
        read = [reader.read(inscribe(blank, text, height, rng)) for text in texts]
        plain = ["".join(line.text for line in one).replace(" ", "") for one in read]
        return sum(text.replace(" ", "") == seen for text, seen in zip(texts, plain, strict=True))

    assert right(16) == 4
    assert right(4) == 0


def test_a_picture_without_writing_says_nothing_personal(reader: Reader, scanner: Scanner) -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        coarse = Image.fromarray(rng.integers(0, 255, (6, 6, 3), dtype=np.uint8))
        picture = coarse.resize((128, 128), Image.Resampling.BICUBIC)
        assert personal(reader.read(picture), scanner) == []
