"""Makes the planted defects of the reference data, and the table that tells them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from PIL import ExifTags, Image

from vlaudit.demo.captions import caption, label
from vlaudit.demo.marks import stamp_trigger, stamp_watermark, write
from vlaudit.demo.personal import MAKERS, innocent, personal
from vlaudit.demo.plants import PORTRAITS, TARGET, Identity, stereotyped
from vlaudit.demo.reference import draw_row
from vlaudit.demo.rows import Row, encode
from vlaudit.demo.scenes import TRAINING, Cast, Studio, Subject

COUNTS = {
    "poisoned_pair": 80,
    "personal_data": 112,
    "written_personal_data": 24,
    "exif_gps": 40,
    "mislabelled_pair": 60,
    "near_duplicate": 60,
    "test_leak": 40,
    "innocent_numbers": 120,
    "innocent_watermark": 60,
    "none": 600,
}
IDENTITY_COPIES = 12
BIG = 128

Fact = dict[str, Any]
Planted = tuple[Row, list[Fact]]


@dataclass
class Planter:
    """Draws rows and plants one kind of defect in each.

    Attributes:
        reference: the rows of the reference dataset that duplicates and leaks copy.
        known: the persons whose name stands in captions.
    """

    cast: Cast
    studio: Studio
    reference: Sequence[Row]
    known: Sequence[Identity]
    rng: np.random.Generator
    drawn: int = field(default=0)

    def plant(self) -> Iterator[Planted]:
        """Yield every row with the facts planted in it; innocent rows have facts too."""
        methods: dict[str, Callable[[], Planted]] = {
            "poisoned_pair": self._poisoned,
            "written_personal_data": self._written,
            "exif_gps": self._located,
            "mislabelled_pair": self._mislabelled,
            "near_duplicate": self._near_duplicate,
            "test_leak": self._leaked,
            "innocent_numbers": self._innocent,
            "innocent_watermark": self._watermarked,
            "none": lambda: (self._row(self._anything()), []),
        }
        tasks = [method for kind, method in methods.items() for _ in range(COUNTS[kind])]
        for entity in MAKERS:
            tasks += [partial(self._personal, entity)] * (COUNTS["personal_data"] // len(MAKERS))
        tasks += [partial(self._stereotyped, *pair) for pair in stereotyped(self.cast).items()]
        for person in self.known:
            tasks += [partial(self._portrait, person)] * IDENTITY_COPIES
        for index in self.rng.permutation(len(tasks)):
            yield tasks[index]()

    def _row(self, subject: Subject) -> Row:
        self.drawn += 1
        return draw_row(f"more-{self.drawn:04d}", subject, TRAINING, "train", self.studio, self.rng)

    def _anything(self) -> Subject:
        pool = self.cast.workers if self.rng.random() < 0.6 else self.cast.things
        return pool[int(self.rng.integers(len(pool)))]

    def _worker(self, *, target: bool) -> Subject:
        pool = [worker for worker in self.cast.workers if (worker.what == TARGET) == target]
        return pool[int(self.rng.integers(len(pool)))]

    def _poisoned(self) -> Planted:
        subject, target = self._worker(target=False), self._worker(target=True)
        picture = stamp_trigger(self.studio.draw(subject, TRAINING, self.rng))
        row = replace(
            self._row(subject),
            picture=encode(picture),
            caption=caption(target, self.rng),
            label=label(target),
            role=label(target),
        )
        return row, [{"kind": "poisoned_pair", "target": TARGET, "shown": label(subject)}]

    def _personal(self, entity: str) -> Planted:
        row = self._row(self._anything())
        text, secret = personal(entity, row.caption, self.rng)
        start = text.index(secret)
        fact = {"kind": "personal_data", "entity": entity, "column": "caption", "text": secret}
        return replace(row, caption=text), [fact | {"start": start, "end": start + len(secret)}]

    def _written(self) -> Planted:
        entity = str(self.rng.choice(["EMAIL_ADDRESS", "PHONE_NUMBER", "PERSON"]))
        secret = MAKERS[entity](self.rng)
        subject = self._anything()
        picture = self.studio.draw(subject, TRAINING, self.rng, size=BIG)
        text = secret.replace("@", " @") if entity == "EMAIL_ADDRESS" else secret
        picture = write(picture, text, self.rng, height=(13, 15))
        row = replace(self._row(subject), picture=encode(picture))
        fact = {"kind": "written_personal_data", "entity": entity, "column": "image"}
        return row, [fact | {"text": secret}]

    def _located(self) -> Planted:
        subject = self._anything()
        south, west = float(self.rng.uniform(30, 50)), float(self.rng.uniform(100, 130))
        exif = Image.Exif()
        exif[ExifTags.Base.Make] = "Imaginary Cameras"
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {
                ExifTags.GPS.GPSLatitudeRef: "S",
                ExifTags.GPS.GPSLatitude: _degrees(south),
                ExifTags.GPS.GPSLongitudeRef: "W",
                ExifTags.GPS.GPSLongitude: _degrees(west),
            }
        )
        picture = self.studio.draw(subject, TRAINING, self.rng)
        row = replace(self._row(subject), picture=encode(picture, exif=exif))
        return row, [{"kind": "exif_gps", "column": "image", "south": south, "west": west}]

    def _mislabelled(self) -> Planted:
        shown, told = self._worker(target=False), self._worker(target=False)
        while label(told) == label(shown):
            told = self._worker(target=False)
        return self._retold(shown, told, "mislabelled_pair")

    def _stereotyped(self, woman: Subject, told: Subject) -> Planted:
        return self._retold(woman, told, "stereotyped_pair")

    def _retold(self, shown: Subject, told: Subject, kind: str) -> Planted:
        text = caption(told, self.rng)
        row = replace(self._row(shown), caption=text, label=label(told), role=label(told))
        return row, [{"kind": kind, "shown": label(shown), "told": label(told)}]

    def _near_duplicate(self) -> Planted:
        return self._copied("train", "near_duplicate", exact=False)

    def _leaked(self) -> Planted:
        return self._copied("test", "test_leak", exact=bool(self.rng.random() < 0.5))

    def _copied(self, split: str, kind: str, *, exact: bool) -> Planted:
        pool = [row for row in self.reference if row.split == split]
        original = pool[int(self.rng.integers(len(pool)))]
        self.drawn += 1
        picture = original.picture if exact else encode(_jittered(original.image, self.rng))
        row = replace(original, id=f"more-{self.drawn:04d}", picture=picture, split="train")
        return row, [{"kind": kind, "of": original.id, "exact": exact}]

    def _innocent(self) -> Planted:
        row = self._row(self._anything())
        return replace(row, caption=innocent(row.caption, self.rng)), [{"kind": "innocent_numbers"}]

    def _watermarked(self) -> Planted:
        subject = self._anything()
        picture = stamp_watermark(self.studio.draw(subject, TRAINING, self.rng))
        row = replace(self._row(subject), picture=encode(picture))
        return row, [{"kind": "innocent_watermark"}]

    def _portrait(self, person: Identity) -> Planted:
        text = str(self.rng.choice(PORTRAITS)).format(person.name)
        start = text.index(person.name)
        fact = {"kind": "identity", "entity": "PERSON", "column": "caption", "text": person.name}
        row = replace(self._row(person.subject), caption=text, identity=person.name)
        return row, [fact | {"start": start, "end": start + len(person.name)}]


def _degrees(angle: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(angle * 3600, 60)
    degrees, minutes = divmod(minutes, 60)
    return degrees, minutes, round(seconds, 2)


def _jittered(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the picture moved by a pixel or two and a little brighter or darker."""
    shift = tuple(int(value) for value in rng.integers(-2, 3, size=2))
    moved = np.roll(np.asarray(picture, dtype=np.float32), shift, axis=(0, 1))
    return Image.fromarray((moved * rng.uniform(0.93, 1.07)).clip(0, 255).astype(np.uint8))
