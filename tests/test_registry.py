"""A new probe is four files in a folder, or a package of its own, and no edit anywhere else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vlaudit import registry
from vlaudit.core.errors import InputError, ProbeError

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "custom_probe"


def python(*arguments: str, site: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=site, env=environment, text=True, capture_output=True)


@pytest.fixture
def site(wheel: Path, tmp_path: Path) -> Path:
    """Return a folder in which the wheel is installed, apart from the tree."""
    folder = tmp_path / "site"
    pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), str(wheel)]
    folder.mkdir()
    done = python(*pip, site=tmp_path)
    assert done.returncode == 0, done.stderr
    return folder


def test_four_files_dropped_in_are_listed_and_tested(site: Path) -> None:
    package = site / "vlaudit" / "probes" / "data"
    shutil.copytree(EXAMPLE / "vlaudit_caption_length", package / "caption_length")
    (package / "__init__.py").touch()
    listed = python("-m", "vlaudit", "list", "--json", site=site)
    assert "data.caption_length" in listed.stdout, listed.stderr
    tested = python("-m", "vlaudit", "selftest", "data.caption_length", site=site)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert tested.stdout.count("ok") == 2


def test_a_probe_in_a_package_of_its_own_is_found_by_its_entry_point(site: Path) -> None:
    pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target"]
    copy = site.parent / "plugin"
    shutil.copytree(EXAMPLE, copy)
    done = python(*pip, str(site), str(copy), site=site)
    assert done.returncode == 0, done.stderr
    tested = python("-m", "vlaudit", "selftest", "data.caption_length", site=site)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_a_probe_that_cannot_tell_flaw_from_innocent_fails_the_selftest(site: Path) -> None:
    package = site / "vlaudit" / "probes" / "data"
    shutil.copytree(EXAMPLE / "vlaudit_caption_length", package / "caption_length")
    (package / "__init__.py").touch()
    code = package / "caption_length" / "probe.py"
    code.write_text(code.read_text().replace("< context.settings", "> context.settings"))
    tested = python("-m", "vlaudit", "selftest", "data.caption_length", site=site)
    assert tested.returncode == 1
    assert "WRONG" in tested.stdout


def test_a_probe_without_its_cases_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "caseless").mkdir()
    (tmp_path / "caseless" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    card = registry.cards()["bias.zero_shot_parity"]
    with pytest.raises(ProbeError, match=r"has no caseless/cases\.yaml; describe"):
        registry.Installed(card, "caseless").cases()


def test_an_unknown_probe_is_named_with_a_suggestion() -> None:
    with pytest.raises(InputError, match=r"zero_shot_party.*did you mean.*zero_shot_parity"):
        registry.load("bias.zero_shot_party")


def test_cards_are_in_order_and_filed_under_their_risk() -> None:
    cards = registry.cards()
    assert list(cards) == sorted(cards)
    assert all(name == card.id for name, card in cards.items())
