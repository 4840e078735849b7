"""How the service's processes are run."""

from __future__ import annotations

import gc
import tempfile

import pytest

from policyservice.cli.server import Server, spare_what_stays
from policyservice.config import Settings
from policyservice.domain.errors import InvalidSettings


def test_what_is_loaded_is_left_alone_and_what_comes_is_searched_seldom():
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    loaded = [[number] for number in range(1000)]
    gc.set_threshold(700, 10, 10)
    try:
        spare_what_stays()

        assert gc.get_freeze_count() >= frozen + len(loaded)  # for good: tests leave their own code alone, too
        assert gc.get_threshold()[0] > 700
    finally:
        gc.set_threshold(*before)


def test_without_a_folder_for_temporary_files_it_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")

    with pytest.raises(InvalidSettings, match="TMPDIR: expected a folder to write temporary files to"):
        Server(Settings.from_environment({}))
