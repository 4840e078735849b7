from __future__ import annotations

import pytest

from policyservice.cli.packs import folders_or_default, shipped_pack
from policyservice.domain.errors import NotFound
from policyservice.rulebook.load import load_folders
from tests.cli.support import write_pack


def test_the_default_pack_is_found_and_can_be_read():
    (folder,) = folders_or_default(())

    assert load_folders([folder]).pack("goodwill").name == "goodwill"


def test_named_folders_stand_in_place_of_the_default(tmp_path):
    assert folders_or_default((tmp_path,)) == (tmp_path,)


def test_the_packages_own_folder_is_looked_at_first(tmp_path):
    inside = write_pack(tmp_path / "packs")
    write_pack(tmp_path / "rules")

    assert shipped_pack("cafe", (tmp_path / "packs", tmp_path / "rules")) == inside


def test_a_folder_without_a_pack_is_passed_over(tmp_path):
    (tmp_path / "packs" / "cafe").mkdir(parents=True)
    beside = write_pack(tmp_path / "rules")

    assert shipped_pack("cafe", (tmp_path / "packs", tmp_path / "rules")) == beside


def test_a_pack_that_does_not_come_with_the_service_is_not_found(tmp_path):
    with pytest.raises(NotFound, match="nosuch"):
        shipped_pack("nosuch", (tmp_path,))
