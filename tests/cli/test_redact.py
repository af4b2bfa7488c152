"""`vlaudit redact` leaves no byte of what was planted, and says what is left."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner, Result

from vlaudit.cli import build
from vlaudit.core.audit import Audit, PlannedProbe, Stamp
from vlaudit.core.config import Config, DataConfig, TargetConfig
from vlaudit.core.dataset import Columns, DatasetFacts
from vlaudit.core.target import TargetFacts
from vlaudit.evidence import RunFolder
from vlaudit.registry import cards

SECRETS = (b"palmeiro", b"555-0123", b"edda", b"4111 1111", b"ostrowski")
CAPTIONS = [
    "a red dog on a beach",
    "photo by Edda Palmeiro, call 415-555-0123",
    None,
    "card 4111 1111 1111 1111 on a table",
    "press mail press@example.org",
]
COLUMNS = Columns(image="image", caption="text", identity="who")


def vlaudit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(build(), [str(argument) for argument in arguments])


def file(written: str = "") -> bytes:
    picture = Image.new("RGB", (420, 120), (200, 210, 190))
    draw = ImageDraw.Draw(picture)
    draw.text((20, 40), written, fill="black", font=ImageFont.load_default(28))
    meta = Image.Exif()
    meta[0x013B] = "Edda Palmeiro"
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=meta)
    return buffer.getvalue()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    pictures = [file(), file("call 415-555-0123"), file("EXIT 42"), file(), file()]
    struct = [{"bytes": one, "path": f"{row}.jpg"} for row, one in enumerate(pictures)]
    table = pa.table(
        {
            "image": struct,
            "text": CAPTIONS,
            "who": ["Tadeusz Ostrowski", None, "Tadeusz Ostrowski", "Edda Palmeiro", ""],
            "size": [1, 2, 3, 4, 5],
        }
    )
    pq.write_table(table, tmp_path / "data.parquet")
    folder = RunFolder.create(tmp_path / "runs", subject="m")
    card = cards()["privacy.pii_in_captions"]
    settings = {**card.settings, "recogniser": "shipped", "allowed": ["press@example.org"]}
    folder.finish(
        Audit(
            stamp=Stamp(
                run="r1", started="2026-11-21T10:15:00+00:00", vlaudit="0", python="3",
                platform="l",                packages={},
            ),
            config=Config(
                target=TargetConfig(model="m"),
                data=DataConfig(source=str(tmp_path / "data.parquet"), columns=COLUMNS),
            ),
            base=str(tmp_path),
            plan=(PlannedProbe(card=card, settings=settings),),
            target=TargetFacts(
                name="m", fingerprint="f", kind="k", abilities=(), device="cpu", precision="fp32",
                threads=1,
            ),
            dataset=DatasetFacts(
                name="d", digest="0", rows=5, evaluated=5, evaluated_on=None, columns=COLUMNS,
                classes=0, groups={}, splits={}, licences={}, quarantined={},
            ),
        )
    )  # fmt: skip
    return folder.path


def test_no_byte_of_what_was_planted_is_left(run: Path, tmp_path: Path) -> None:
    pytest.importorskip("rapidocr")
    before = (tmp_path / "data.parquet").read_bytes()
    done = vlaudit("redact", tmp_path / "data.parquet", run, "--output", tmp_path / "copy")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "data.parquet").read_bytes() == before
    assert any(secret in before.lower() for secret in SECRETS)
    rows = pq.read_table(tmp_path / "copy" / "rows.parquet").to_pydict()
    text = json.dumps(rows, default=lambda b: b.decode("latin-1"))
    written = (tmp_path / "copy" / "manifest.json").read_text()
    for secret in SECRETS:
        assert secret.decode() not in text.lower()
        assert secret.decode() not in written.lower()
        assert secret.decode() not in done.output.lower()
    assert rows["text"][0] == "a red dog on a beach"
    assert rows["text"][1] == "photo by <PERSON>, call <PHONE_NUMBER>"
    assert rows["text"][4] == "press mail press@example.org"
    assert rows["who"] == ["person 1", None, "person 1", "person 2", ""]
    assert rows["size"] == [1, 2, 3, 4, 5]
    assert "0  of 4 captions (0.00 per 1,000)" in done.output
    assert "0  of 5 metadata of files" in done.output
    assert "0  of 5 writing in pictures" in done.output
    assert "copied as they are: size" in done.output
    manifest = json.loads(written)
    assert manifest["taken_out"]["caption PERSON"] == 1
    assert manifest["taken_out"]["picture PHONE_NUMBER"] == 1
    assert manifest["rows_written"] == 5


def test_nothing_is_written_over_and_unread_pictures_are_said(run: Path, tmp_path: Path) -> None:
    command = ("redact", tmp_path / "data.parquet", run, "--output", tmp_path / "b", "--no-pixels")
    first = vlaudit(*command)
    assert first.exit_code == 0, first.output
    assert "pictures were not read" in first.output
    again = vlaudit(*command)
    assert again.exit_code == 2
    assert "exists" in again.output
