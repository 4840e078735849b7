"""Figures shared between worker processes, in files of a folder.

prometheus_client looks at its environment variable once, when it is first imported: so `prepare` is called by whoever
starts the workers, before anything of the API is imported, and this module imports nothing of it.
"""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def prepare(folder: Path) -> None:
    """Share figures through `folder`, beginning from zero: what an earlier run left there is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.db"):
        left.unlink(missing_ok=True)
    os.environ[VARIABLE] = str(folder)


def directory() -> str | None:
    """The folder that figures are shared through; None where a process counts for itself."""
    return os.environ.get(VARIABLE)
