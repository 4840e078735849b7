"""How the service's processes are run."""

from __future__ import annotations

import gc

from policyservice.cli.server import spare_what_stays


def test_what_is_loaded_is_left_alone_and_what_comes_is_searched_seldom():
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    try:
        spare_what_stays()

        assert gc.get_freeze_count() > frozen
        assert gc.get_threshold()[0] > before[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
