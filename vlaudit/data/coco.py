"""COCO annotations: captions, and classes of pictures that show objects of one class only."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from vlaudit.core.errors import InputError
from vlaudit.data.read import Part

LOOKED_AT = 20
TEXTS = {"file_name": "file_name", "coco_url": "url", "date_captured": "date_captured"}


def is_coco(document: Any) -> bool:
    """Tell whether a JSON document is of the form of COCO."""
    return isinstance(document, dict) and all(
        isinstance(document.get(key), list) for key in ("images", "annotations")
    )


def read_coco(file: Path, document: Mapping[str, Any]) -> Part:
    """Return one row a picture: id, file name, its captions, class, licence and address.

    The class is that of all its objects; a picture of several classes or none has no class.

    Raises:
        InputError: pictures or annotations lack what every one must have.
    """
    images: list[dict[str, Any]] = document["images"]
    place = "images[]"
    try:
        keys = [str(image["id"]) for image in images]
        names = [str(image["file_name"]) for image in images]
        place = "annotations[]"
        captions, classes = _annotations(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file}: a COCO file whose {place} lack {error}; correct it") from error
    licences = {item.get("id"): item.get("name") for item in document.get("licenses") or ()}
    columns: dict[str, Any] = {
        "id": pa.array(keys, pa.string()),
        "file_name": pa.array(names, pa.string()),
        "url": _texts([image.get("coco_url") or image.get("flickr_url") for image in images]),
        "licence": _texts([licences.get(image.get("license")) for image in images]),
    }
    if captions:
        found = [captions.get(key, []) for key in keys]
        columns["captions"] = pa.array(found, pa.list_(pa.string()))
    if classes:
        of_each = [classes.get(key, set[str]()) for key in keys]
        columns["label"] = _texts([next(iter(c)) if len(c) == 1 else None for c in of_each])
    kept = {name: column for name, column in columns.items() if column.null_count < len(column)}
    return Part(pa.table(kept), _folder(file, names))


def _annotations(document: Mapping[str, Any]) -> tuple[dict[str, list[str]], dict[str, set[str]]]:
    """Return captions and class names by picture."""
    names = {item["id"]: str(item["name"]) for item in document.get("categories") or ()}
    captions: dict[str, list[str]] = {}
    classes: dict[str, set[str]] = {}
    for item in document["annotations"]:
        picture = str(item["image_id"])
        if "caption" in item:
            captions.setdefault(picture, []).append(str(item["caption"]).strip())
        if item.get("category_id") in names:
            classes.setdefault(picture, set()).add(names[item["category_id"]])
    return captions, classes


def _texts(values: Sequence[Any]) -> "pa.Array[Any]":
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _folder(file: Path, names: Sequence[str]) -> Path:
    """Return the folder that the pictures lie in: that of COCO, or beside the annotations.

    COCO keeps `annotations/captions_val2017.json` beside the folder `val2017`.
    """
    near, above = file.parent, file.parent.parent
    split = file.stem.rpartition("_")[2]
    folders = [near, near / split, near / "images", above / split, above / "images" / split]
    folders += [above / "images", above]
    return next(
        (f for f in folders if any((f / name).is_file() for name in names[:LOOKED_AT])), near
    )
