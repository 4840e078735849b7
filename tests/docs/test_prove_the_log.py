"""What an auditor is given does what its page says, and the lines they check it with find what was changed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.decisions import give_gifts
from tests.cli.support import opened_database, run
from tests.docs.console import run_page

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "prove-the-log.md"
_ID_ON_THE_PAGE = "dec_01k9z6v3t5q8w2x4y6b8n0m2ra"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the page was followed to its end, with a decision of this database in place of the one it names."""
    url = opened_database(tmp_path)
    _, wanted, _ = give_gifts(url, "1.00", "2.00", "1.00")
    run("log", "seal", url=url)
    page = tmp_path / "page.md"
    page.write_text(_PAGE.read_text(encoding="utf-8").replace(_ID_ON_THE_PAGE, wanted), encoding="utf-8")
    (tmp_path / "var").mkdir()
    for file in tmp_path.glob("policy.db*"):
        file.rename(tmp_path / "var" / file.name.replace("policy", "policyservice"))
    run_page(page, tmp_path)
    return tmp_path


def check(folder: Path, proof: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run the auditor's lines, without anything of this environment."""
    (folder / "changed.json").write_text(json.dumps(proof), encoding="utf-8")
    arguments = [sys.executable, "-I", "-S", "check_proof.py", "changed.json", "checkpoint.json"]
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)


def test_the_page_does_what_it_says_and_its_lines_find_every_change(folder: Path):
    proof = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
    assert check(folder, proof).returncode == 0

    changes: dict[str, Callable[[Any], Any]] = {
        "row": lambda row: row.replace('"amount_minor":200', '"amount_minor":900'),
        "number": lambda number: number + 1,
        "path": lambda path: path[1:],
        "seal": lambda seal: seal.replace("decisions", "decision", 1),
        "seals_path": lambda path: [["left", "0" * 64], *path],
    }
    for name, change in changes.items():
        changed = proof | {name: change(proof[name])}
        assert changed != proof
        done = check(folder, changed)
        assert (done.returncode, done.stdout) == (1, ""), name
        assert done.stderr.startswith("The ")
