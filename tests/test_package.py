"""The wheel holds exactly what the tree holds, under one import package."""

import subprocess
import zipfile
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
ROOTS = {"vlaudit": "vlaudit", "probes": "vlaudit/probes", "policies": "vlaudit/policies",
         "templates": "vlaudit/templates"}  # fmt: skip


def test_the_wheel_holds_every_tracked_file_of_the_packages_and_nothing_else(
    wheel: Path,
) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *ROOTS],
        cwd=TREE,
        text=True,
        capture_output=True,
        check=True,
    ).stdout.splitlines()
    expected = {
        f"{ROOTS[root]}/{rest}"
        for root, _, rest in (path.partition("/") for path in listed)
        if (TREE / root / rest).is_file()
    }

    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert packed == expected


def test_every_folder_of_the_packages_is_a_package() -> None:
    folders = {path.parent for root in ROOTS for path in (TREE / root).rglob("*.py")}
    missing = {str(folder) for folder in folders if not (folder / "__init__.py").exists()}
    assert not missing
