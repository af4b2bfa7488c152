"""COCO and Croissant descriptions, of real small files."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vlaudit.core.dataset import Role
from vlaudit.core.errors import InputError
from vlaudit.data import ArrowDataset

Load = Callable[..., ArrowDataset]
Encode = Callable[..., bytes]


@pytest.fixture
def coco(tmp_path: Path, encode: Encode) -> Path:
    """Three pictures in the layout of COCO; one without caption, one of two classes."""
    (tmp_path / "coco" / "annotations").mkdir(parents=True)
    (tmp_path / "coco" / "val2017").mkdir()
    for at, colour in enumerate(("red", "green", "blue")):
        (tmp_path / "coco" / "val2017" / f"{at}.png").write_bytes(encode(colour))
    document = {
        "info": {},
        "licenses": [{"id": 4, "name": "CC BY 2.0"}],
        "images": [
            {"id": at, "file_name": f"{at}.png", "license": 4, "coco_url": f"http://x.org/{at}"}
            for at in range(3)
        ],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        "annotations": [
            {"image_id": 0, "caption": "eine Katze "},
            {"image_id": 0, "caption": "a cat"},
            {"image_id": 1, "caption": "two pets"},
            {"image_id": 0, "category_id": 1},
            {"image_id": 1, "category_id": 1},
            {"image_id": 1, "category_id": 2},
        ],
    }
    file = tmp_path / "coco" / "annotations" / "captions_val2017.json"
    file.write_text(json.dumps(document))
    return file


@pytest.mark.parametrize("source", ["coco", "coco/annotations/captions_val2017.json"])
def test_coco_captions(source: str, coco: Path, load_from: Load) -> None:
    data = load_from(source)
    assert data.texts(Role.CAPTION) == ["eine Katze", "two pets", None]
    assert data.texts(Role.LABEL) == ["cat", None, None]
    assert data.texts(Role.LICENCE) == ["CC BY 2.0"] * 3
    assert data.ids() == ["0", "1", "2"]
    assert [picture.getpixel((0, 0)) for picture in data.images([0, 2])] == [
        (255, 0, 0),
        (0, 0, 255),
    ]


def test_damaged_coco_says_what_lacks(coco: Path, load_from: Load) -> None:
    document = json.loads(coco.read_text())
    del document["annotations"][1]["image_id"]
    coco.write_text(json.dumps(document))
    with pytest.raises(InputError, match=r"annotations\[\] lack 'image_id'; correct it"):
        load_from("coco")


def test_a_table_that_mentions_images_is_no_coco(tmp_path: Path, load_from: Load) -> None:
    rows = ['{"caption": "a", "images": 1}', '{"caption": "b", "images": 2}']
    (tmp_path / "rows.json").write_text("\n".join(rows))
    assert load_from("rows.json").texts(Role.CAPTION) == ["a", "b"]


def field(name: str, kind: str, source: dict[str, Any]) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": name, "name": name, "dataType": kind, "source": source}


@pytest.fixture
def croissant(tmp_path: Path, encode: Encode) -> dict[str, Any]:
    """Return a description of a table and a folder of two pictures, one of them damaged."""
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "a.png").write_bytes(encode("red"))
    (tmp_path / "img" / "b.png").write_bytes(b"\x89PNG damaged \xff")
    (tmp_path / "rows.csv").write_text("text,gender\nein Äpfel,f\ny,m\n")
    digest = hashlib.sha256((tmp_path / "rows.csv").read_bytes()).hexdigest()
    table = {"fileObject": {"@id": "rows.csv"}}
    pictures = {"fileSet": {"@id": "img"}}
    return {
        "@context": {"@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
                     "cr": "http://mlcommons.org/croissant/", "recordSet": "cr:recordSet",
                     "field": "cr:field", "source": "cr:source", "extract": "cr:extract",
                     "column": "cr:column", "fileObject": "cr:fileObject",
                     "fileSet": "cr:fileSet", "includes": "cr:includes",
                     "fileProperty": "cr:fileProperty", "dct": "http://purl.org/dc/terms/",
                     "conformsTo": "dct:conformsTo",
                     "dataType": {"@id": "cr:dataType", "@type": "@vocab"}},
        "@type": "sc:Dataset", "name": "toy", "description": "d", "license": "CC0",
        "url": "https://example.org", "conformsTo": "http://mlcommons.org/croissant/1.0",
        "distribution": [
            {"@type": "cr:FileObject", "@id": "rows.csv", "name": "rows.csv", "sha256": digest,
             "contentUrl": "rows.csv", "encodingFormat": "text/csv"},
            {"@type": "cr:FileSet", "@id": "img", "name": "img", "includes": "img/*.png",
             "encodingFormat": "image/png"},
        ],
        "recordSet": [
            {"@type": "cr:RecordSet", "@id": "rows", "name": "rows", "field": [
                field("rows/caption", "sc:Text", {**table, "extract": {"column": "text"}}),
                field("rows/gender", "sc:Text", {**table, "extract": {"column": "gender"}})]},
            {"@type": "cr:RecordSet", "@id": "pics", "name": "pics", "field": [
                field("pics/image", "sc:ImageObject",
                      {**pictures, "extract": {"fileProperty": "content"}}),
                field("pics/id", "sc:Text",
                      {**pictures, "extract": {"fileProperty": "filename"}})]},
        ],
    }  # fmt: skip


def test_record_sets_of_croissant(
    tmp_path: Path, croissant: dict[str, Any], load_from: Load
) -> None:
    pytest.importorskip("mlcroissant")
    (tmp_path / "toy.json").write_text(json.dumps(croissant))
    rows = load_from("toy.json", configuration="rows")
    assert rows.texts(Role.CAPTION) == ["ein Äpfel", "y"]
    assert rows.groups("gender") == ["f", "m"]
    pictures = load_from("toy.json", configuration="pics")
    assert pictures.ids() == ["a.png", "b.png"]
    decoded = pictures.decode([0, 1])
    assert [getattr(item, "size", None) for item in decoded] == [(8, 6), None]


@pytest.mark.parametrize(
    ("change", "configuration", "problem"),
    [
        ({}, None, "name one of its record sets under data.configuration: rows, pics"),
        ({}, "rwos", "'rwos' is none of them"),
        ({"sha256": "0" * 64}, "rows", "Hash of downloaded file"),
        ({"contentUrl": "https://example.org/rows.csv"}, "rows", "downloads are not allowed"),
        ({"contentUrl": "file:///etc/passwd"}, "rows", "cannot be downloaded here"),
        ({"contentUrl": "absent.csv"}, "rows", "check description and files"),
    ],
)
def test_croissant_that_cannot_be_read(
    change: dict[str, str],
    configuration: str | None,
    problem: str,
    tmp_path: Path,
    croissant: dict[str, Any],
    load_from: Load,
) -> None:
    pytest.importorskip("mlcroissant")
    croissant["distribution"][0] |= change
    (tmp_path / "toy.json").write_text(json.dumps(croissant))
    with pytest.raises(InputError, match=problem):
        load_from("toy.json", configuration=configuration)


def test_a_description_without_records(tmp_path: Path, load_from: Load) -> None:
    (tmp_path / "toy.jsonld").write_text('{"@context": {}, "@type": "sc:Dataset"}')
    with pytest.raises(InputError, match="no recordSet"):
        load_from("toy.jsonld")
