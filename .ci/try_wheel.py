"""Builds sdist and wheel, installs the wheel away from the tree and uses it there."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent


def main() -> None:
    """Build, install and use; any failure ends with its own exit code."""
    with tempfile.TemporaryDirectory() as folder:
        away = Path(folder)
        build = ["-m", "build", "--no-isolation", "--outdir", str(away / "dist"), str(TREE)]
        run(*build, cwd=away)
        wheel = next((away / "dist").glob("*.whl"))
        run(
            "-m", "pip", "install", "--quiet", "--no-deps", "--target", "site", str(wheel), cwd=away
        )
        place = "import vlaudit; print(vlaudit.__file__)"
        found = run("-c", place, cwd=away).strip()
        if not found.startswith(str(away)):
            sys.exit(f"the wheel was not used: {found}")
        run("-m", "vlaudit", "selftest", cwd=away)
    print(f"{wheel.name} works away from the tree")


def run(*arguments: str, cwd: Path) -> str:
    """Run this Python with the installed wheel before everything else, and return its output."""
    environment = {**os.environ, "PYTHONPATH": str(cwd / "site")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, text=True, capture_output=True
    )
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
