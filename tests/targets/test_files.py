"""Targets that were loaded from files show them to probes."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from vlaudit.core.config import TargetConfig
from vlaudit.core.files import KeepsFiles
from vlaudit.targets.files import stored
from vlaudit.targets.load import load


def test_a_folder_of_open_clip_is_shown_whole(make_model: Callable[..., Path]) -> None:
    folder = make_model()
    target = load(TargetConfig(model=f"local-dir:{folder}"), base=Path()).target
    assert isinstance(target, KeepsFiles)
    assert target.files.names == ["open_clip_config.json", "open_clip_model.safetensors"]
    assert "visual.conv1.weight" in target.files.tensors
    with target.files.open("open_clip_config.json") as stream:
        assert stream.read(1) == b"{"


class Bare:
    def state_dict(self) -> dict[str, int]:
        return {"w": 1}


def test_a_checkpoint_comes_with_its_digests_and_nothing_else(tmp_path: Path) -> None:
    for name in ("a.pt", "a.pt.sha256", "b.pt", "SHA256SUMS", "notes.txt"):
        (tmp_path / name).write_bytes(name.encode())
    assert stored(tmp_path / "a.pt", Bare()).names == ["SHA256SUMS", "a.pt", "a.pt.sha256"]


def test_hidden_folders_are_no_part_of_a_model(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "w.bin").write_text("x")
    assert stored(tmp_path, Bare()).names == ["part/w.bin"]


def test_the_digest_by_which_the_hub_names_a_file_is_taken_over(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"weights").hexdigest()
    blobs, folder = tmp_path / "blobs", tmp_path / "snapshots" / "1"
    blobs.mkdir()
    folder.mkdir(parents=True)
    (blobs / digest).write_bytes(b"weights")
    (folder / "w.bin").symlink_to(blobs / digest)
    notes = folder / ".cache" / "huggingface" / "download"
    notes.mkdir(parents=True)
    (folder / "v.bin").write_bytes(b"weights")
    (notes / "v.bin.metadata").write_text(f"abc\n{digest}\n1.0\n")
    assert stored(folder, Bare()).digests == {"w.bin": digest, "v.bin": digest}
