"""The report in a real browser: no error, no request, no sideways scrolling on a phone."""

import json
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

WIDTH = 390
FRAME = """<!doctype html><body style="margin:0">
<iframe id="page" style="border:0;width:{width}px;height:800px" src="{source}"></iframe>
<script>
addEventListener("load", () => {{
  const root = document.getElementById("page").contentDocument.documentElement;
  const wide = [...root.querySelectorAll("body *")].filter(
    (each) => each.getBoundingClientRect().right > {width} + 1
      && !each.closest("thead, .sprite, .skip"));
  document.title = JSON.stringify({{
    over: root.scrollWidth - root.clientWidth,
    styled: getComputedStyle(root.querySelector(".answer")).display,
    wide: wide.slice(0, 3).map((each) => each.outerHTML.slice(0, 80))}});
}});
</script>"""


def chromium(page: Path, home: Path) -> subprocess.CompletedProcess[str]:
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        pytest.skip("no chromium binary is installed")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    flags += ["--allow-file-access-from-files", "--enable-logging=stderr", "--v=0", "--dump-dom"]
    command = [binary, *flags, f"--user-data-dir={home}", f"file://{page}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


def test_a_phone_shows_it_without_errors_or_sideways_scrolling(
    example: Any, rendered: Callable[[Any], dict[str, str]], tmp_path: Path
) -> None:
    rendered(example)
    folder = example.evidence.folder
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME.format(width=WIDTH, source=f"file://{folder / 'report.html'}"))
    done = chromium(frame, tmp_path / "home")
    title = unescape(done.stdout.partition("<title>")[2].partition("</title>")[0])
    assert json.loads(title) == {"over": 0, "styled": "grid", "wide": []}
    assert "CONSOLE" not in done.stderr
    assert "Content Security Policy" not in done.stderr
