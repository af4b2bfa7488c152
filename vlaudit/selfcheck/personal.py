"""Personal data put into captions, pictures and files, and captions that hold none."""

import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from PIL import ExifTags, Image

from vlaudit.core.dataset import Role
from vlaudit.core.probe import Inapplicable
from vlaudit.detect.faces import example, pasted
from vlaudit.detect.ocr import inscribe
from vlaudit.detect.pii.kind import Tier
from vlaudit.detect.pii.planted import Plant, decoys, plant
from vlaudit.selfcheck.overlay import Overlay
from vlaudit.selfcheck.world import Planted, World

PER, SHARE, FEWEST, LETTERS, HEAD = 1000, 0.1, 21, 20, 110
TELLING = re.compile(r"\S*[\d@]\S*")
GPS = {1: "N", 2: (10.0, 20.0, 30.0), 3: "E", 4: (20.0, 10.0, 5.0)}


def innocent_captions(world: World, rng: np.random.Generator) -> World:
    """Take every word with a digit or an at sign out, and put innocent numbers and codes in."""
    given = world.data.texts(Role.CAPTION)
    said = {row: t for row, t in zip(world.data.rows, given, strict=True) if t and t.strip()}
    if not said:
        raise Inapplicable("no row has a caption")
    put = decoys([], rng, len(said))
    shown: dict[int, str | None] = {
        row: f"{TELLING.sub('', text)} {item.text[item.start : item.end]}"
        for (row, text), item in zip(said.items(), put, strict=True)
    }
    return replace(world, data=Overlay(world.data, values={Role.CAPTION: shown}))


def telling_captions(world: World, rng: np.random.Generator) -> Planted:
    """Put invented personal data of every kind into some captions."""
    data, given = world.data, world.data.texts(Role.CAPTION)
    said = [at for at, text in enumerate(given) if text and text.strip()]
    chosen = _chosen(len(said), rng)
    put = plant([str(given[at]) for at in said], rng, len(chosen))
    shown: dict[int, str | None] = {
        data.rows[said[at]]: item.text for at, item in zip(chosen, put, strict=True)
    }
    changed = replace(world, data=Overlay(data, values={Role.CAPTION: shown}))
    return Planted(changed, _rates(put, len(said)), _ids(world, [said[at] for at in chosen]))


def telling_pictures(world: World, rng: np.random.Generator) -> Planted:
    """Write invented personal data on some pictures."""
    data = world.data
    chosen = _chosen(len(data), rng)
    put = plant([], rng, len(chosen))
    texts = [item.text[item.start : item.end] for item in put]
    pictures = {
        data.rows[at]: inscribe(data.images([at])[0], text, LETTERS, rng)
        for at, text in zip(chosen, texts, strict=True)
    }
    changed = replace(world, data=Overlay(data, pictures=pictures))
    return Planted(changed, _rates(put, len(data)), _ids(world, chosen))


def located_files(world: World, rng: np.random.Generator) -> Planted:
    """Write a position into the files of some pictures."""
    data = world.data
    chosen = _chosen(len(data), rng)
    files = {data.rows[at]: _located(data.images([at])[0]) for at in chosen}
    changed = replace(world, data=Overlay(data, files=files))
    rate = PER * len(chosen) / len(data)
    return Planted(changed, {"place_rate": rate, "personal_rate": rate}, _ids(world, chosen))


def bare_files(world: World, rng: np.random.Generator) -> World:
    """Save every picture anew, without metadata."""
    data = world.data
    pictures = dict(zip(data.rows, data.images(range(len(data))), strict=True))
    return replace(world, data=Overlay(data, pictures=pictures))


def shown_faces(world: World, rng: np.random.Generator) -> Planted:
    """Paste a photographed face into some pictures, and record no basis for showing it."""
    data, column = world.data, str(world.settings["basis"])
    if not column:
        raise Inapplicable("no column of a recorded basis is named")
    chosen, face = _chosen(len(data), rng), example()
    rows = [data.rows[at] for at in chosen]
    pictures = {
        row: pasted(data.images([at])[0], face, HEAD, rng)
        for at, row in zip(chosen, rows, strict=True)
    }
    none: dict[int, str | None] = dict.fromkeys(rows)
    changed = Overlay(data, attributes={column: none}, pictures=pictures)
    rate = PER * len(chosen) / len(data)
    harms = {"without_basis_rate": rate}
    return Planted(replace(world, data=changed), harms, _ids(world, chosen))


def spoilt_records(world: World, rng: np.random.Generator) -> Planted:
    """Take licence and source away from some rows, and record another checksum."""
    data = world.data
    chosen = _chosen(len(data), rng)
    wrong: Mapping[Role, tuple[str | None, str]] = {
        Role.LICENCE: (None, "unlicensed_rate"),
        Role.SOURCE: (None, "sourceless_rate"),
        Role.CHECKSUM: ("0" * 64, "changed_rate"),
    }
    present = {role: of for role, of in wrong.items() if data.columns.has(role)}
    if not present:
        raise Inapplicable("no row says its licence, source or checksum")
    rows = [data.rows[at] for at in chosen]
    values = {role: dict.fromkeys(rows, value) for role, (value, _) in present.items()}
    rate = PER * len(chosen) / len(data)
    harms = {metric: rate for _, metric in present.values()}
    changed = replace(world, data=Overlay(data, values=values))
    return Planted(changed, harms, _ids(world, chosen))


def _chosen(count: int, rng: np.random.Generator) -> list[int]:
    """Draw a tenth of so many rows, but at least some, in order."""
    wanted = max(round(SHARE * count), FEWEST)
    if count < 2 * FEWEST:
        raise Inapplicable(f"{count} rows are too few to plant anything in")
    return sorted(rng.permutation(count)[:wanted].tolist())


def _rates(put: list[Plant], rows: int) -> dict[str, float]:
    tiers = Counter(item.tier for item in put)
    return {
        "rate": PER * len(put) / rows,
        "high_risk_rate": PER * tiers[Tier.HIGH_RISK] / rows,
        "contact_rate": PER * tiers[Tier.CONTACT] / rows,
    }


def _ids(world: World, positions: list[int]) -> frozenset[str]:
    return frozenset(world.data.select(positions).ids())


def _located(picture: Image.Image) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(GPS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()
