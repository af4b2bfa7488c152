"""A run as one small file that can be committed, to hold later runs against."""

import io
import tempfile
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from vlaudit.core.errors import InputError
from vlaudit.evidence.files import write_whole
from vlaudit.evidence.read import load_run
from vlaudit.evidence.rows import ENDING

NEEDED = ("measurements.parquet",)
LARGEST = 1_000_000_000
EPOCH = (1980, 1, 1, 0, 0, 0)


def write_baseline(run: Path, path: Path) -> Path:
    """Write what later runs are compared with: measurements and successes row by row.

    Findings, pictures and places on this disk stay out. Equal runs give equal bytes.

    Raises:
        InputError: the folder holds no finished run.
    """
    audit = load_run(run).audit
    if audit.stamp.finished is None:
        raise InputError(f"{run} was interrupted and can be no baseline; see `vlaudit resume`")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        bare = audit.model_copy(update={"base": "."})
        _add(archive, "run.json", bare.model_dump_json().encode())
        _add(archive, "findings.jsonl", b"")
        for each in (*(run / name for name in NEEDED), *sorted(run.glob(f"artifacts/*/*{ENDING}"))):
            _add(archive, each.relative_to(run).as_posix(), each.read_bytes())
    return write_whole(path, buffer.getvalue())


@contextmanager
def opened(baseline: Path) -> Generator[Path]:
    """Yield the run folder of a baseline: the folder itself, or a file unpacked for a while.

    Raises:
        InputError: there is no such run folder or baseline file.
    """
    if baseline.is_dir():
        yield baseline
        return
    with tempfile.TemporaryDirectory(prefix="vlaudit-baseline-") as place:
        try:
            with zipfile.ZipFile(baseline) as archive:
                _unpack(archive, Path(place))
        except (OSError, zipfile.BadZipFile) as error:
            raise InputError(
                f"{baseline} is no baseline ({error}); write one with "
                "`vlaudit check RUN --write-baseline FILE`"
            ) from error
        yield Path(place)


def _add(archive: zipfile.ZipFile, name: str, raw: bytes) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, raw)


def _unpack(archive: zipfile.ZipFile, place: Path) -> None:
    """Unpack what a baseline holds; other members, or too large ones, are refused."""
    members = archive.infolist()
    expected = {"run.json", "findings.jsonl", *NEEDED}
    for member in members:
        known = member.filename in expected or Path(member.filename).match(f"artifacts/*/*{ENDING}")
        if not known or ".." in Path(member.filename).parts:
            raise zipfile.BadZipFile(f"unexpected member {member.filename!r}")
    if sum(member.file_size for member in members) > LARGEST:
        raise zipfile.BadZipFile("too large")
    archive.extractall(place)
