"""Writes what is generated from the code and cards, or (without --write) says what is stale."""

import json
import re
import subprocess
import sys
from pathlib import Path

from vlaudit import registry
from vlaudit.reading.schema import schema
from vlaudit.report.probe_page import probe_index, probe_page
from vlaudit.selftest.cases import read_cases

TREE = Path(__file__).resolve().parent.parent
VERB = re.compile(r"(?<=```console\n)\$ (vlaudit[^\n]*--help)\n.*?(?=```)", re.DOTALL)


def generated() -> dict[Path, str]:
    """Return the text that each generated file must have."""
    pages = TREE / "docs" / "probes"
    files = {pages / "README.md": probe_index(registry.cards())}
    for probe_id, entry in registry.installed().items():
        text, where = entry.cases()
        files[pages / f"{probe_id}.md"] = probe_page(entry.card, read_cases(text, where=where))
    for path in (TREE / "vlaudit" / "reading" / "schemas").glob("*.json"):
        files[path] = json.dumps(schema(path.stem), indent=2, ensure_ascii=False) + "\n"
    readme = TREE / "README.md"
    files[readme] = VERB.sub(_help, readme.read_text())
    return files


def _help(block: re.Match[str]) -> str:
    verb = block.group(1)
    command = [str(Path(sys.executable).parent / "vlaudit"), *verb.split()[1:]]
    environment = {"COLUMNS": "96", "PATH": "/usr/bin:/bin", "TERMINAL_WIDTH": "96"}
    shown = subprocess.run(command, env=environment, text=True, capture_output=True, check=True)
    return f"$ {verb}\n{shown.stdout.strip()}\n"


def main() -> None:
    """Write or compare, and exit with 1 when something is stale."""
    wanted = generated()
    kept = set((TREE / "docs" / "probes").glob("*.md"))
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    stale += sorted(kept - set(wanted))
    if "--write" in sys.argv:
        for path in stale:
            if path in wanted:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(wanted[path])
            else:
                path.unlink()
    elif stale:
        names = ", ".join(str(path.relative_to(TREE)) for path in stale)
        sys.exit(f"stale, run `make docs`: {names}")


if __name__ == "__main__":
    main()
