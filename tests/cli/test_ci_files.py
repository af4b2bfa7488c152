"""What CI systems read: valid by the official schemas, and doing what it says."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.cli.conftest import Verb

TREE = Path(__file__).resolve().parents[2]
SCHEMAS = {
    "action.yml": "vendor.github-actions",
    "examples/ci/github.yml": "vendor.github-workflows",
    "examples/ci/github-action.yml": "vendor.github-workflows",
    "examples/ci/gitlab.yml": "vendor.gitlab-ci",
}


def loaded(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text())


def executed(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        env={**os.environ, "PYTHONSAFEPATH": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize("name", SCHEMAS)
def test_ci_files_are_valid_by_the_official_schema(name: str) -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    done = executed(check, "--builtin-schema", SCHEMAS[name], TREE / name)
    assert done.returncode == 0, done.stdout


def test_the_action_runs_a_judged_run(tmp_path: Path, run: Path) -> None:
    """Its steps are executed in order by bash, as the runner would do it."""
    steps = loaded(TREE / "action.yml")["runs"]["steps"]
    files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    place = {"POLICY": "", "BASELINE": "", "EXPORTS": str(tmp_path / "exports"), "RUN": str(run)}
    folder = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    words = {**place, **{name: str(path) for name, path in files.items()}, "PATH": folder}
    codes = [
        executed("bash", "-e", "-c", step["run"], **words)
        for step in steps
        if step.get("id") in {"audit", "judge"}
    ]
    assert [done.returncode for done in codes] == [0, 1], codes
    assert "::error title=Failed%3A Equal::" in codes[1].stdout
    assert files["GITHUB_OUTPUT"].read_text() == f"run={run}\nexit-code=1\n"
    assert "Not ready" in files["GITHUB_STEP_SUMMARY"].read_text()
    assert {path.name for path in (tmp_path / "exports").iterdir()} == {"report.sarif", "junit.xml"}


def test_hooks_name_verbs_that_there_are(vlaudit: Verb) -> None:
    hooks = {hook["id"]: hook for hook in loaded(TREE / ".pre-commit-hooks.yaml")}
    used = loaded(TREE / "examples" / "ci" / "pre-commit.yaml")["repos"][0]["hooks"]
    assert {hook["id"] for hook in used} == set(hooks)
    for hook in hooks.values():
        verb = [word for word in hook["entry"].split()[1:] if word.islower() and "-" not in word]
        assert vlaudit(*verb, "--help").exit_code == 0
    policy = TREE / "examples" / "custom_policy" / "policy.yaml"
    assert vlaudit("policy", "validate", policy).exit_code == 0
