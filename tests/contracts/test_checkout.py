"""What a clean checkout holds: every module the package imports is under version control."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_file_of_the_package_the_rules_or_the_tests_is_ignored():
    found = subprocess.run(
        ["git", "status", "--porcelain", "--ignored", "--untracked-files=all", "policyservice", "rules", "tests"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    ignored = [line[3:] for line in found.splitlines() if line.startswith("!!")]

    assert [path for path in ignored if "__pycache__" not in path and ".hypothesis" not in path] == []
